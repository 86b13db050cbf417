/**
 * Tell each block its slide, for the proof and for whoever looks for it.
 *
 * @param {import('./marpit.mjs').MarkdownIt} md
 * @param {import('./deck.mjs').Deck} deck
 */
export function slidesPlugin(md, deck) {
  md.core.ruler.push('deck_slides', (state) => {
    if (state.inlineMode) return;
    deck.slides = 0;
    for (const token of state.tokens) {
      if (token.type === 'marpit_slide_open') {
        deck.slides += 1;
        const line = (token.map?.[0] ?? 0) + 1;
        const classes = (token.attrGet('class') ?? '').split(/\s+/).filter(Boolean);
        deck.slideClasses.push({ line, classes });
        if (token.map) token.attrSet('data-line', String(token.map[0] + 1));
      }
      if (token.meta?.block) token.meta.block.slide = deck.slides;
    }
  });
}
