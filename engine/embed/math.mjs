import { createRequire } from 'node:module';
import { tex } from '@mdit/plugin-tex';
import { Fault } from '../read/faults.mjs';
import { escapeHtml } from '../terminal/escape.mjs';

const require = createRequire(import.meta.url);

/**
 * MathJax, and what reads formulas aloud; loaded when a deck has a formula, since it takes a moment.
 *
 * @type {{ converter: () => Converter, speak: (mathMl: string) => string } | undefined}
 */
let loaded;

/** @typedef {(formula: string, display: boolean) => { svg: string, mathMl: string }} Converter */

/** @param {string} markdown of a deck */
export async function loadMath(markdown) {
  if (loaded || !markdown.includes('$')) return;
  const { mathjax } = require('mathjax-full/js/mathjax.js');
  const { TeX } = require('mathjax-full/js/input/tex.js');
  const { AllPackages } = require('mathjax-full/js/input/tex/AllPackages.js');
  const { SVG } = require('mathjax-full/js/output/svg.js');
  const { liteAdaptor } = require('mathjax-full/js/adaptors/liteAdaptor.js');
  const { RegisterHTMLHandler } = require('mathjax-full/js/handlers/html.js');
  const visitor = require('mathjax-full/js/core/MmlTree/SerializedMmlVisitor.js');
  const { STATE } = require('mathjax-full/js/core/MathItem.js');
  // @ts-expect-error it has no types
  const { toSpeech, setupEngine } = require('speech-rule-engine');
  const adaptor = liteAdaptor();
  RegisterHTMLHandler(adaptor);
  await setupEngine({ locale: 'en', domain: 'clearspeak' });

  // These two would draw what is wrong in red.
  const packages = AllPackages.filter(
    (/** @type {string} */ name) => !/^no(errors|undefined)$/.test(name),
  );
  const formatError = (/** @type {unknown} */ _jax, /** @type {Error} */ error) => {
    throw error;
  };
  const serializer = new visitor.SerializedMmlVisitor();
  loaded = {
    speak: toSpeech,
    converter() {
      const InputJax = new TeX({ packages, formatError });
      const document = mathjax.document('', {
        InputJax,
        OutputJax: new SVG({ fontCache: 'none' }),
      });
      return (formula, display) => ({
        mathMl: serializer.visitTree(document.convert(formula, { display, end: STATE.CONVERT })),
        svg: adaptor.innerHTML(document.convert(formula, { display })),
      });
    },
  };
}

/**
 * `$e^{i\pi}$` in a line, or `$$…$$` as a paragraph: drawn by MathJax as on every Marp slide, and read
 * aloud in words by screen readers.
 *
 * @param {import('../render/marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function mathPlugin(md, deck) {
  md.use(/** @type {any} */ (tex), { render: escapeHtml });
  // A dollar in code closes nothing that was opened before it: `$HOME and \`$x\``.
  md.inline.ruler.before('math_inline_dollar', 'deck_dollar', (state, silent) => {
    const [formula] = /^\$(?:[^$\\]|\\.)*/s.exec(state.src.slice(state.pos)) ?? [];
    if (!formula?.includes('`')) return false;
    if (!silent) state.pending += '$';
    state.pos += 1;
    return true;
  });
  md.core.ruler.after('inline', 'deck_math', (state) => {
    // Anew for each deck: what a formula defines (`\newcommand`) holds in those after it.
    const convert = loaded?.converter();
    for (const token of state.tokens) {
      let line = (token.map?.[0] ?? 0) + 1;
      for (const part of [token, ...(token.children ?? [])]) {
        if (part.type === 'softbreak' || part.type === 'hardbreak') line += 1;
        if (part.type === 'math_inline' || part.type === 'math_block')
          deck.guard(line, () => {
            if (part.map && !closes(state.src, part.map)) throw UNCLOSED;
            part.meta = { html: draw(part.content.trim(), part.type === 'math_block', convert) };
          });
      }
    }
  });
  for (const rule of ['math_inline', 'math_block'])
    md.renderer.rules[rule] = (tokens, index) => tokens[index].meta?.html ?? '';
}

const UNCLOSED = new Fault(
  'a formula that is not closed, so that the slides after it are lost in it',
  "end it with '$$'",
);

/**
 * @param {string} source
 * @param {[first: number, end: number]} lines from 0
 */
function closes(source, [first, end]) {
  return /\$\$\s*$/.test(
    source
      .split('\n')
      .slice(first, end)
      .join('\n')
      .replace(/^\s*\$\$/, ''),
  );
}

/**
 * @param {string} formula
 * @param {boolean} display
 * @param {Converter} [convert]
 * @returns {string} HTML
 */
function draw(formula, display, convert) {
  if (!loaded || !convert) throw new Error('loadMath has not been called');
  try {
    const { svg, mathMl } = convert(formula, display);
    const words = escapeHtml(loaded.speak(mathMl));
    const kind = display ? ' display="true"' : '';
    return `<mjx-container role="img" aria-label="${words}" jax="SVG"${kind}>${svg.replace(' role="img"', ' aria-hidden="true"')}</mjx-container>${display ? '\n' : ''}`;
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Fault(`'${formula}' is no formula: ${message}`, 'correct it');
  }
}
