import { Kept } from '../kept.mjs';
import { Fault } from '../read/faults.mjs';
import { readExcerpt } from '../read/snippets.mjs';
import { parseSteps, stepTransformer } from './steps.mjs';

const IMPORT = /^([^\s#{}]+)(?:#([^\s#{}]+))?(?:\s*\{([^{}]+)\})?$/;

/** Code that was highlighted, by its language, steps and text. @type {Kept<string>} */
const highlighted = new Kept('highlighted');

/** Lines instead of a region, as VitePress (`:3-5`) and GitHub (`#L3-L5`) write them. */
const LINES = /^[^\s#{}]+?(?::\d+(?:-\d+)?|#L\d+(?:-L?\d+)?)(?:\s*\{.*)?$/;

/**
 * `<<< ray/client.py#connect {1-2|all}`: the only way that code reaches a slide.
 *
 * @param {import('./marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function importPlugin(md, deck) {
  md.block.ruler.before(
    'fence',
    'deck_import',
    (state, startLine, _endLine, silent) => {
      const start = state.bMarks[startLine] + state.tShift[startLine];
      const line = state.src.slice(start, state.eMarks[startLine]);
      if (!line.startsWith('<<<') || state.sCount[startLine] - state.blkIndent >= 4) return false;
      if (silent) return true;
      state.line = startLine + 1;
      deck.guard(startLine + 1, () => pushCode(state, deck, line.slice(3).trim(), startLine));
      return true;
    },
    { alt: ['paragraph', 'reference', 'blockquote', 'list'] },
  );

  md.renderer.rules.deck_step = (tokens, index, _options, _env, self) =>
    `<i${self.renderAttrs(tokens[index])}></i>`;

  md.renderer.rules.deck_code = (tokens, index) => {
    const { excerpt, steps, key } = tokens[index].meta;
    const known = highlighted.get(key);
    if (known) return known;
    const transformer = stepTransformer(steps);
    const { shikiTransformers } = md.marpit;
    if (steps.length > 0) shikiTransformers.push(transformer);
    try {
      const html = md.marpit.highlighter(excerpt.code, excerpt.language, '');
      highlighted.set(key, html);
      return html;
    } finally {
      if (steps.length > 0) shikiTransformers.pop();
    }
  };
}

/**
 * @param {import('./marpit.mjs').StateBlock} state
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {string} reference
 * @param {number} startLine
 */
function pushCode(state, deck, reference, startLine) {
  if (LINES.test(reference))
    throw new Fault(
      `'<<< ${reference}' names lines, which move when the file changes`,
      "mark them with '# region NAME' and '# endregion NAME' and import '#NAME'",
    );
  const match = IMPORT.exec(reference);
  if (!match)
    throw new Fault(
      `'<<< ${reference}' is no import`,
      "write '<<< folder/file.py#region {1-2|all}'",
    );
  const [, id, region, ranges] = match;
  const excerpt = readExcerpt(deck.root, id, region, deck.snippets);
  const name = region === undefined ? id : `${id}#${region}`;
  const steps = parseSteps(ranges, excerpt.code.split('\n').length, name);
  const block = deck.addBlock({
    kind: 'code',
    line: startLine + 1,
    snippet: id,
    region,
    text: excerpt.code,
  });
  deck.expand(startLine, excerpt.language, excerpt.code);
  deck.mostSteps = Math.max(deck.mostSteps, steps.length);

  /** @type {[number, number]} */
  const map = [startLine, startLine + 1];
  const figure = state.push('deck_figure_open', 'figure', 1);
  figure.block = true;
  figure.map = map;
  figure.meta = { block };
  figure.attrs = Object.entries({
    class: 'code',
    'data-snippet': id,
    ...(region === undefined ? {} : { 'data-region': region }),
    ...(block.run === undefined ? {} : { 'data-run': block.run }),
    'data-line': String(startLine + 1),
  });
  steps.forEach((lit, step) => {
    const marker = state.push('deck_step', 'i', 0);
    marker.attrs = Object.entries({
      class: 'step',
      'data-step': String(step),
      'aria-hidden': 'true',
    });
    if (lit.size === excerpt.code.split('\n').length) marker.attrSet('data-all', '');
    // The first step shows when the slide does; each further one is a press of a key.
    if (step > 0) marker.meta = { marpitFragment: true };
  });
  const code = state.push('deck_code', 'pre', 0);
  code.map = map;
  code.meta = { excerpt, steps, key: `${excerpt.language} ${ranges} ${excerpt.code}` };
  state.push('deck_figure_close', 'figure', -1).block = true;
}
