/**
 * Note what is on each slide, and tell each block its slide. Styles of one slide get a name that
 * is the same in the next build; Marpit would give them a random one.
 *
 * @param {import('./marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function slidesPlugin(md, deck) {
  md.core.ruler.before('marpit_style_assign', 'deck_scopes', (state) => {
    let scopes = 0;
    /** @type {import('./marpit.mjs').Token | undefined} */
    let slide;
    for (const token of state.tokens) {
      if (token.type === 'marpit_slide_open') slide = token;
      if (!token.meta?.marpitStyleScoped || !slide || slide.meta.marpitStyleScoped) continue;
      scopes += 1;
      slide.meta.marpitStyleScoped = { key: `${scopes}` };
      slide.attrSet(`data-marpit-scope-${scopes}`, '');
    }
  });
  md.core.ruler.push('deck_slides', (state) => {
    if (state.inlineMode) return;
    let isHeading = false;
    let quotes = 0;
    for (const token of state.tokens) {
      if (token.type === 'marpit_slide_open') {
        deck.slides.push(slideOf(token));
        if (token.map) token.attrSet('data-line', String(token.map[0] + 1));
      }
      const slide = deck.slides.at(-1);
      if (!slide) continue;
      if (token.type === 'heading_open') isHeading = true;
      if (token.type === 'heading_close') isHeading = false;
      if (token.type === 'blockquote_open') quotes += 1;
      if (token.type === 'blockquote_close') quotes -= 1;
      // Header and footer have no place in the deck, since they are of many slides.
      if (token.type === 'inline' && token.map) {
        const text = textOf(token);
        slide.words = [slide.words, text].filter(Boolean).join(' ');
        if (isHeading) slide.headings.push(text);
        if (quotes > 0) slide.terms.push(...termsOf(token.content));
      }
      if (token.meta?.block) token.meta.block.slide = deck.slides.length;
    }
    // What is on none is of slides that the short version leaves out.
    if (deck.short) deck.blocks = deck.blocks.filter(({ slide }) => slide !== undefined);
  });
}

/**
 * @param {import('./marpit.mjs').Token} token
 * @returns {import('../read/deck.mjs').Slide}
 */
function slideOf(token) {
  return {
    line: (token.map?.[0] ?? 0) + 1,
    headings: [],
    words: '',
    classes: (token.attrGet('class') ?? '').split(/\s+/).filter(Boolean),
    footer: token.meta?.marpitDirectives?.footer ?? '',
    terms: [],
  };
}

/**
 * What a quotation such as `> **task**: one call · **future**: stands for its result` explains.
 *
 * @param {string} markdown of the quotation
 */
function termsOf(markdown) {
  return markdown.split(/\n|\s+·\s+(?=\*\*)/).flatMap((part) => {
    const [, bold, more, meaning] = /^\*\*(.+?)\*\*([^:]*):\s+(.+)$/.exec(part.trim()) ?? [];
    return bold ? [{ term: bold + more, meaning }] : [];
  });
}

/** @param {import('./marpit.mjs').Token} token */
export function textOf({ children }) {
  const words = (children ?? []).map(({ type, content }) => {
    if (/^(soft|hard)break$/.test(type)) return ' ';
    return ['text', 'code_inline', 'deck_emoji'].includes(type) ? content : '';
  });
  return words.join('').replace(/\s+/g, ' ').trim();
}
