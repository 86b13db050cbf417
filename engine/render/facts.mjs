import { nearest } from '../read/faults.mjs';

const FACT = /\{\{\s*([^{}\n]*?)\s*\}\}/g;

/**
 * `{{versions}}`, `{{date}}`, `{{commit}}`: what the build itself can prove.
 * Put into the source before it is parsed, so that footers have them too.
 *
 * @param {import('./marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function factsPlugin(md, deck) {
  md.core.ruler.before('normalize', 'deck_facts', (state) => {
    if (state.inlineMode) return;
    state.src = substituteFacts(state.src, deck);
  });
}

/**
 * @param {string} source
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function substituteFacts(source, deck) {
  return source.replace(FACT, (whole, name, offset) => {
    if (Object.hasOwn(deck.facts, name)) return deck.facts[name];
    const names = Object.keys(deck.facts);
    const near = nearest(name, names);
    const line = source.slice(0, offset).split('\n').length;
    deck.fault(
      line,
      `no fact '${name}' (has: ${names.join(', ')}); ${near ? `did you mean '${near}'?` : 'use one of these'}`,
    );
    return whole;
  });
}
