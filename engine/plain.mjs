import { substituteFacts } from './facts.mjs';

/**
 * The deck with all imports written out, for stock Marp and VS Code: any
 * Markdown viewer shows it, without this repository.
 *
 * @param {import('./deck.mjs').Deck} deck as it was rendered
 * @returns {string}
 */
export function plainDeck(deck) {
  const lines = substituteFacts(deck.read(), deck).split('\n');
  // Ours extends `uncover`, which every Marp has.
  const theme = lines.findIndex((line) => /^theme:/.test(line));
  if (theme >= 0) lines[theme] = 'theme: uncover';
  return lines.map((line, index) => deck.expansions.get(index) ?? line).join('\n');
}
