import { substituteFacts } from '../render/facts.mjs';

/**
 * The deck with all imports written out, for stock Marp and VS Code. Its pictures are those of
 * assets/, and of diagrams what was drawn: stock Marp takes no SVG in a data URI, so each is a file
 * beside it. It is shown whole where both are there.
 *
 * @param {import('../read/deck.mjs').Deck} deck as it was rendered
 * @returns {string}
 */
export function plainDeck(deck) {
  const lines = substituteFacts(deck.read(), deck).split('\n');
  // Ours extends `uncover`, which every Marp has.
  const theme = lines.findIndex((line) => /^theme:/.test(line));
  if (theme >= 0) lines[theme] = 'theme: uncover';
  /** @param {string} word */
  const drawn = (word) => (deck.drawings.get(word) ?? deck.drawings.get(encodeURI(word)))?.name;
  return lines
    .map((line, index) => {
      const block = deck.expansions.get(index);
      if (block === undefined) return line.replace(/[^\s()"'<>]+/g, (word) => drawn(word) ?? word);
      return expanded(line, block);
    })
    .join('\n');
}

/**
 * @param {string} line
 * @param {string} block that takes its place, in the same list or quote
 */
function expanded(line, block) {
  if (block === '') return ''; // of a fence, the first line of which is its picture
  const [, before = ''] = /^(.*?)(?:<<<|>>>|```|~~~)/.exec(line) ?? [];
  const below = before.replace(/[^\s>]/g, ' ');
  return block.replace(/^/gm, (_, at) => (at === 0 ? before : below));
}
