import { Fault } from '../read/faults.mjs';
import { notesOf } from '../read/notes.mjs';

/**
 * The short version is the deck without the slides that do not say `Short: yes` in their notes. What
 * those direct for later ones holds, and the rest is numbered for itself.
 *
 * @param {import('./marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function shortPlugin(md, deck) {
  // Each slide knows by now what the ones before it direct, and has no number yet.
  md.core.ruler.before('marpit_directives_apply', 'deck_short', (state) => {
    if (state.inlineMode) return;
    const slides = slidesOf(state.tokens).filter(isShort);
    deck.hasShort = slides.length > 0;
    if (!deck.short) return;
    for (const [at, slide] of slides.entries()) {
      for (const token of slide) {
        if (token.meta?.marpitSlideElement)
          Object.assign(token.meta, { marpitSlide: at, marpitSlideTotal: slides.length });
        if (token.type === 'marpit_slide_open') token.attrSet('id', String(at + 1));
      }
    }
    deck.guard(1, () => {
      if (slides.length === 0)
        throw new Fault('no slide is of the short version', "write 'Short: yes' into their notes");
    });
    state.tokens = slides.flat();
  });
}

/** @param {import('./marpit.mjs').Token[]} tokens */
function slidesOf(tokens) {
  /** @type {import('./marpit.mjs').Token[][]} */
  const slides = [];
  for (const token of tokens) {
    if (token.meta?.marpitSlideElement === 1) slides.push([]);
    slides.at(-1)?.push(token);
  }
  return slides;
}

/** @param {import('./marpit.mjs').Token[]} slide */
function isShort(slide) {
  const comments = slide
    .flatMap((token) => [token, ...(token.children ?? [])])
    .filter(({ type }) => type === 'marpit_comment');
  const notes = notesOf(comments.map(({ content }) => content));
  return notes.some(({ label, text }) => label === 'Short' && text === 'yes');
}
