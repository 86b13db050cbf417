import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { launchBrowser } from '../browser.mjs';
import { Kept } from '../kept.mjs';
import { Fault } from '../read/faults.mjs';
import { fontCss, PICTURE_SHEETS } from './fonts.mjs';

const MERMAID = createRequire(import.meta.url).resolve('@mermaid-js/tiny/dist/mermaid.tiny.js');
const FONT = 'Inter';
const SIZE = 24; // px on the slide

/** Colours of the theme's `section`, by their names there; these where it has none. */
const PALETTE = {
  ink: '#1c2230',
  quiet: '#566072',
  accent: '#475569',
  fill: '#64748b',
  tint: '#eef1f5',
  hairline: '#dcdfe5',
  paper: '#ffffff',
};

/** @typedef {'mermaid' | 'dot'} Kind */

/** What a picture's file may be written in. @type {Record<string, Kind>} */
export const DIAGRAMS = { '.mmd': 'mermaid', '.mermaid': 'mermaid', '.dot': 'dot', '.gv': 'dot' };

/** What was drawn, by kind, text, colours and browser. @type {Kept<string>} */
const drawn = new Kept('drawn');

/** Why others cannot be drawn. @type {Map<string, Error>} */
const failed = new Map();

const NOT_YET = '<svg xmlns="http://www.w3.org/2000/svg"/>';

/** Diagrams of a deck: which there are is known once it was read, and then `draw` draws them. */
export class Diagrams {
  /** @type {Map<string, { kind: Kind, text: string }>} */
  #waiting = new Map();

  /** @param {string} root the repository */
  constructor(root) {
    this.palette = paletteOf(join(root, 'slides/theme.css'));
  }

  /**
   * @param {Kind} kind
   * @param {string} text
   * @param {string} name of the diagram, for the fault
   * @returns {string} SVG; an empty one before it is drawn
   * @throws {Fault} when it is no diagram
   */
  picture(kind, text, name) {
    const key = JSON.stringify([kind, text, this.palette, process.env.CHROME_PATH]);
    const fault = failed.get(key);
    if (fault) throw new Fault(`${name} cannot be drawn: ${fault.message}`, 'correct it');
    const picture = drawn.get(key);
    if (picture === undefined) this.#waiting.set(key, { kind, text });
    return picture ?? NOT_YET;
  }

  /** Draw what waits. @returns {Promise<boolean>} whether anything did, and the deck is to be read again */
  async draw() {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    const graphs = waiting.filter(([, { kind }]) => kind === 'dot');
    if (graphs.length > 0) {
      const { instance } = await import('@viz-js/viz');
      const viz = await instance();
      for (const [key, { text }] of graphs) keep(key, drawGraph(viz, text, this.palette));
    }
    const charts = waiting.filter(([, { kind }]) => kind === 'mermaid');
    if (charts.length > 0) await drawCharts(charts, this.palette);
    return waiting.length > 0;
  }
}

/**
 * @param {string} key
 * @param {string | Error} picture
 */
function keep(key, picture) {
  if (picture instanceof Error) failed.set(key, picture);
  else drawn.set(key, picture);
}

/** @param {string} theme path */
function paletteOf(theme) {
  const css = existsSync(theme) ? readFileSync(theme, 'utf8') : '';
  const colours = Object.entries(PALETTE).map(([name, colour]) => {
    const [, found] = new RegExp(`--${name}:\\s*(#[\\da-f]{3,8})\\b`, 'i').exec(css) ?? [];
    return [name, found ?? colour];
  });
  return /** @type {typeof PALETTE} */ (Object.fromEntries(colours));
}

/**
 * @param {import('@viz-js/viz').Viz} viz
 * @param {string} text
 * @param {typeof PALETTE} palette
 */
function drawGraph(viz, text, { ink, fill, tint, quiet }) {
  // Points, 72 to the inch, where CSS has 96 pixels. The metrics are those of Helvetica, which is
  // about as wide as ours.
  const font = { fontname: 'Helvetica', fontsize: SIZE * 0.75 };
  const { status, output, errors } = viz.render(text, {
    format: 'svg',
    graphAttributes: { ...font, bgcolor: 'transparent', color: fill, fontcolor: quiet },
    nodeAttributes: {
      ...font,
      ...{ shape: 'box', style: 'rounded,filled', fillcolor: tint, color: fill, fontcolor: ink },
    },
    edgeAttributes: { ...font, color: quiet, fontcolor: quiet },
  });
  if (status !== 'success') return new Error(errors.map(({ message }) => message).join(', '));
  return output
    .slice(output.indexOf('<svg'))
    .replaceAll('font-family="Helvetica,sans-Serif"', `font-family="${FONT}, sans-serif"`);
}

/**
 * @param {[key: string, { text: string }][]} charts
 * @param {typeof PALETTE} palette
 */
async function drawCharts(charts, { ink, quiet, fill, tint, hairline, paper }) {
  const browser = await launchBrowser().catch(({ message }) => {
    throw new Error(`Mermaid's diagrams are drawn by a browser: ${message}`);
  });
  try {
    const page = await browser.newPage();
    await page.setContent(
      `<style>${fontCss(PICTURE_SHEETS)}</style><p style="font: ${SIZE}px ${FONT}">.`,
    );
    await page.addScriptTag({ path: MERMAID });
    await page.evaluate('document.fonts.ready.then(() => true)');
    const config = {
      startOnLoad: false,
      securityLevel: 'strict',
      fontSize: SIZE,
      suppressErrorRendering: true,
      deterministicIds: true,
      look: 'classic',
      theme: 'base',
      sequence: { mirrorActors: false },
      gantt: {
        fontSize: SIZE,
        sectionFontSize: SIZE,
        barHeight: SIZE * 1.6,
        leftPadding: SIZE * 6,
      },
      // Lines do not strike out their labels, and nothing throws a shadow.
      themeCSS: `.edgeLabel rect, .edgeLabel .background { opacity: 1 !important; fill: ${paper} !important; } * { filter: none !important; } .grid .tick text { font-size: ${SIZE * 0.75}px; }`,
      themeVariables: {
        fontFamily: `${FONT}, sans-serif`,
        fontSize: `${SIZE}px`,
        background: paper,
        primaryColor: tint,
        primaryBorderColor: fill,
        primaryTextColor: ink,
        secondaryColor: paper,
        tertiaryColor: paper,
        tertiaryBorderColor: hairline,
        lineColor: quiet,
        textColor: ink,
        noteBkgColor: paper,
        noteBorderColor: hairline,
        edgeLabelBackground: paper,
      },
    };
    for (const [key, { text }] of charts) {
      const { svg, error } = await page.evaluate(
        async (text, config) => {
          const { mermaid } = /** @type {any} */ (globalThis);
          mermaid.initialize(config);
          try {
            return await mermaid.render('diagram', text);
          } catch (error) {
            return { error: String(/** @type {any} */ (error)?.message ?? error) };
          }
        },
        text,
        config,
      );
      keep(key, error === undefined ? sized(svg) : new Error(error.replace(/\s+/g, ' ').trim()));
    }
  } finally {
    await browser.close();
  }
}

/** As a picture it has its own size, not its place's. @param {string} svg */
function sized(svg) {
  const [, width, height] = /viewBox="\S+ \S+ (\S+) (\S+)"/.exec(svg) ?? [];
  return svg.replace(/^<svg([^>]*?) width="100%"/, `<svg$1 width="${width}" height="${height}"`);
}

/**
 * A fence in Mermaid's language is drawn; its words for who cannot see it are its `accDescr`.
 *
 * @param {import('../render/marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {(svg: string) => string} embed as a data URI
 */
export function diagramsPlugin(md, deck, embed) {
  md.core.ruler.after('block', 'deck_diagrams', (state) => {
    for (const token of state.tokens) {
      if (token.type !== 'fence' || token.info.trim() !== 'mermaid') continue;
      token.type = 'deck_diagram';
      const [first, end] = token.map ?? [0, 0];
      deck.guard(first + 1, () => {
        const words = /^\s*acc(?:Title|Descr)\s*(?::\s*(.+)|\{([^}]+)\})/m.exec(token.content);
        const alt = (words?.[1] ?? words?.[2] ?? '').replace(/\s+/g, ' ').trim();
        const src = embed(deck.diagrams.picture('mermaid', token.content, 'the diagram'));
        if (alt === '')
          throw new Fault(
            'a diagram without words for those who cannot see it',
            "add 'accDescr: WORDS' below its first line",
          );
        token.meta = { alt, src };
        for (let line = first; line < end; line++) deck.expansions.set(line, '');
        const name = deck.keepDrawing(`line ${first}`, src);
        deck.expansions.set(first, `![${alt.replace(/[[\]\\]/g, '\\$&')}](${name})`);
      });
    }
  });
  md.renderer.rules.deck_diagram = (tokens, index) => {
    const { alt, src } = tokens[index].meta ?? {};
    return src ? `<p><img alt="${md.utils.escapeHtml(alt)}" src="${src}"></p>\n` : '';
  };
}
