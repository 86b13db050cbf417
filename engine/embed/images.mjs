import { readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Fault } from '../read/faults.mjs';
import { changeTags } from '../read/html.mjs';
import { DIAGRAMS, diagramsPlugin } from './diagrams.mjs';
import { fontCss, PICTURE_SHEETS } from './fonts.mjs';

/** @type {Record<string, string>} */
const TYPES = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.woff2': 'font/woff2',
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.wav': 'audio/wav',
  '.vtt': 'text/vtt',
};

/** The most that is embedded of one file: a page of more is slow to open, and to send. */
const MOST = 8; // MB

/** What shows another page or program, of which nothing can be embedded. */
const FRAMES = ['iframe', 'object', 'embed', 'frame', 'applet'];
const THEME = 'slides/theme.css';
const MEDIA = ['img', 'source', 'image', 'video', 'audio', 'track'];

/**
 * Embed every picture, so that the deck is one file and fetches nothing.
 *
 * @param {import('../render/marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function imagesPlugin(md, deck) {
  const folder = join(deck.root, 'slides');
  md.core.ruler.after('inline', 'deck_images', (state) => {
    for (const token of state.tokens) {
      let line = (token.map?.[0] ?? 0) + 1;
      for (const part of [token, ...(token.children ?? [])]) {
        if (part.type === 'softbreak' || part.type === 'hardbreak') line += 1;
        if (part.type === 'image') {
          deck.guard(line, () => {
            const url = part.attrGet('src') ?? '';
            if (isDiagram(url) && !hasWords(part.content))
              throw new Fault(
                `the diagram ${url} has no words for those who cannot see it`,
                `write them: ![WORDS](${url})`,
              );
            const src = embed(folder, url, deck);
            part.attrSet('src', src);
            // Marpit has already read it, for backgrounds.
            if (part.meta?.marpitImage) part.meta.marpitImage.url = src;
          });
        }
        if (part.type === 'html_block' || part.type === 'html_inline')
          part.content = embedHtml(part.content, folder, deck, line);
      }
    }
  });
  embedBackgrounds(md, deck);
  diagramsPlugin(md, deck, embedSvg);
}

/**
 * `<!-- backgroundImage: url(…) -->` becomes a style of each slide it holds for.
 *
 * @param {import('../render/marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
function embedBackgrounds(md, deck) {
  const folder = join(deck.root, 'slides');
  md.core.ruler.before('marpit_directives_apply', 'deck_backgrounds', (state) => {
    for (const token of state.tokens) {
      const directives = token.meta?.marpitDirectives;
      if (token.type !== 'marpit_slide_open' || !directives?.backgroundImage) continue;
      const line = (token.map?.[0] ?? 0) + 1;
      const told = (/** @type {string} */ _, /** @type {Fault} */ { message }) =>
        deck.fault(line, message);
      directives.backgroundImage = embedUrls(directives.backgroundImage, folder, deck, told);
    }
  });
}

/**
 * @param {string} html
 * @param {string} folder
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {number} line
 */
function embedHtml(html, folder, deck, line) {
  return changeTags(html, ({ name, attributes, start }) => {
    const at = line + html.slice(0, start).split('\n').length - 1;
    if (FRAMES.includes(name))
      deck.fault(
        at,
        `<${name}> shows what is elsewhere; show a picture of it, or a dashboard: ![dashboard …](…)`,
      );
    if ('srcset' in attributes)
      deck.fault(at, 'srcset names several pictures; name one: src="../assets/…"');
    if (!MEDIA.includes(name)) return undefined;
    const changed = { ...attributes };
    for (const key of ['src', 'href', 'xlink:href', 'poster'])
      if (key in attributes)
        deck.guard(at, () => {
          changed[key] = embed(folder, attributes[key], deck);
        });
    return changed;
  });
}

/**
 * PostCSS plugin: embed what the theme and the deck's styles refer to.
 *
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function embedCss(deck) {
  const folder = join(deck.root, 'slides');
  return {
    postcssPlugin: 'deck-embed',
    // At once, not declaration by declaration: each change would have Marpit's nesting done again.
    /** @param {{ walkDecls: (visit: (declaration: { value: string }) => void) => void }} root */
    Once(root) {
      root.walkDecls((declaration) => {
        const told = (/** @type {string} */ url, /** @type {Fault} */ { message }) => {
          // It comes from the theme and the deck's styles put together: the text tells from where.
          const [ofTheme, ofDeck] = [THEME, deck.path].map((path) => lineOf(url, path, deck));
          if (ofTheme) deck.fault(ofTheme, message, THEME);
          else deck.fault(ofDeck || 1, message);
        };
        declaration.value = embedUrls(declaration.value, folder, deck, told, true);
      });
    },
  };
}

/**
 * @param {string} url
 * @param {string} path of a file in the repository
 * @param {import('../read/deck.mjs').Deck} deck
 * @returns {number} the first line that refers to it in `url()`, from 1; 0 if none does
 */
function lineOf(url, path, deck) {
  const lines = readFileSync(join(deck.root, path), 'utf8').split('\n');
  const refers = (/** @type {string} */ rest) => rest.replace(/^[\s"'\\]+/, '').startsWith(url);
  return lines.findIndex((line) => line.split('url(').slice(1).some(refers)) + 1;
}

/**
 * @param {string} value of a CSS property
 * @param {string} folder
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {(url: string, fault: Fault) => void} told called for a `url()` that stays as it is
 * @param {boolean} [inStyle] styles are made once no diagram is drawn any more
 * @returns {string} the value with each `url()` embedded
 */
function embedUrls(value, folder, deck, told, inStyle = false) {
  return value.replace(/url\(\s*("[^"]*"|'[^']*'|[^)"']*?)\s*\)/g, (whole, quoted) => {
    const url = quoted.replace(/^["']|["']$/g, '');
    if (/^(data:|#)/.test(url)) return whole;
    try {
      if (inStyle && isDiagram(url))
        throw new Fault(`${url} is not drawn in a style`, `show it as a picture: ![WORDS](${url})`);
      return `url("${embed(folder, url, deck)}")`;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      told(url, error);
      return whole;
    }
  });
}

/**
 * @param {string} folder that relative addresses start from
 * @param {string} url
 * @param {import('../read/deck.mjs').Deck} deck
 * @returns {string} a data URI
 * @throws {Fault} when it is remote or missing
 */
export function embed(folder, url, deck) {
  if (/^data:/i.test(url)) return url;
  if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(url)) {
    throw new Fault(
      `${url} is fetched from a network`,
      'save it in assets/ with its licence and show that',
    );
  }
  const path = join(
    folder,
    url.replace(/(?:%[\da-f]{2})+/gi, (bytes) => {
      try {
        return decodeURIComponent(bytes);
      } catch {
        return bytes;
      }
    }),
  );
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new Fault(`no picture ${url}`, 'paths start from slides/, as in ../assets/ray.svg');
  const ending = extname(path).toLowerCase();
  if (isDiagram(url)) {
    const text = readFileSync(path, 'utf8');
    const drawn = embedSvg(deck.diagrams.picture(DIAGRAMS[ending], text, url));
    deck.keepDrawing(url, drawn);
    return drawn;
  }
  const type = TYPES[ending];
  if (!type)
    throw new Fault(
      `${url} is of an unknown kind`,
      `use one of ${Object.keys({ ...TYPES, ...DIAGRAMS }).join(', ')}`,
    );
  const data = readFileSync(path);
  const size = data.length / 1e6;
  if (size > MOST)
    throw new Fault(
      `${url} has ${size.toFixed(1)} MB, and the deck is one file`,
      `make it ${MOST} MB or less: shorter, smaller or more compressed`,
    );
  if (type === TYPES['.svg']) return embedSvg(data.toString());
  return `data:${type};base64,${data.toString('base64')}`;
}

/** Has a picture an alternative text, or is it a background? @param {string} alt with what Marp reads in it */
function hasWords(alt) {
  const words = alt.split(/\s+/).filter((word) => word && !/^[a-z-]+:\S+$/.test(word));
  return words.length > 0;
}

/** @param {string} url */
function isDiagram(url) {
  return extname(url).toLowerCase() in DIAGRAMS;
}

/** @param {string} svg */
function embedSvg(svg) {
  return `data:${TYPES['.svg']};base64,${Buffer.from(withFont(svg)).toString('base64')}`;
}

/**
 * A picture does not see the page's fonts: one lettered in Inter carries it along, so that it looks
 * the same on every machine.
 *
 * @param {string} svg
 */
function withFont(svg) {
  if (!/\bInter\b/.test(svg)) return svg;
  const style = `<style>${fontCss(PICTURE_SHEETS)}</style>`;
  return svg.replace(/<svg\b[^>]*>/, (start) => start + style);
}
