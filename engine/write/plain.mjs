import { substituteFacts } from '../render/facts.mjs';

/**
 * The deck with all imports written out, for stock Marp and VS Code. Its
 * pictures are those of assets/, so it is shown whole where that is beside it.
 *
 * @param {import('../read/deck.mjs').Deck} deck as it was rendered
 * @returns {string}
 */
export function plainDeck(deck) {
  const lines = substituteFacts(deck.read(), deck).split('\n');
  // Ours extends `uncover`, which every Marp has.
  const theme = lines.findIndex((line) => /^theme:/.test(line));
  if (theme >= 0) lines[theme] = 'theme: uncover';
  return lines.map((line, index) => expanded(line, deck.expansions.get(index))).join('\n');
}

/**
 * @param {string} line
 * @param {string | undefined} block that takes its place, in the same list or quote
 */
function expanded(line, block) {
  if (block === undefined) return line;
  const [, before = ''] = /^(.*?)(?:<<<|>>>)/.exec(line) ?? [];
  const below = before.replace(/[^\s>]/g, ' ');
  return block.replace(/^/gm, (_, at) => (at === 0 ? before : below));
}
