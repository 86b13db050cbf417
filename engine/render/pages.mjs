/**
 * `pdf: steps` in the front matter: in the PDF a slide that steps has a page for each of its steps,
 * all with its number. Bespoke, which keeps the state of the steps on the screen, is not in a PDF;
 * so it is written down for each page.
 *
 * @param {import('./marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function pagesPlugin(md, deck) {
  // Before Marpit collects the notes of each page.
  md.core.ruler.before('marpit_collect', 'deck_pages', (state) => {
    if (state.inlineMode || !deck.pages) return;
    /** @type {import('./marpit.mjs').Token[]} */
    const tokens = [];
    let first = 0;
    for (const token of state.tokens) {
      const place = token.meta?.marpitSlideElement;
      if (place === 1) first = tokens.length;
      tokens.push(token);
      if (place !== -1) continue;
      const slide = tokens.splice(first);
      const steps = slide.filter(({ meta }) => meta?.marpitFragment).length;
      for (let step = 0; step <= steps; step += 1)
        tokens.push(...(steps ? slide.map((token) => atStep(token, step)) : slide));
    }
    state.tokens = tokens;
  });
}

/**
 * @param {import('./marpit.mjs').Token} token
 * @param {number} step of its slide, from 0
 * @returns {import('./marpit.mjs').Token} a copy, as Bespoke has it at that step
 */
function atStep(token, step) {
  const copy = Object.assign(Object.create(Object.getPrototypeOf(token)), token);
  copy.attrs = token.attrs?.map(([name, value]) => [name, value]) ?? null;
  const fragment = token.meta?.marpitFragment;
  if (fragment)
    copy.attrSet('data-bespoke-marp-fragment', fragment <= step ? 'active' : 'inactive');
  return copy;
}

/** What appears later is not there yet; on the screen Bespoke has such a rule. */
export const PAGES_CSS = `
[data-bespoke-marp-fragment="inactive"] {
  visibility: hidden;
}
`;
