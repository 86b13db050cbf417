import { tagsOf } from '../read/html.mjs';

/** @type {Record<string, string>} */
const END = { marpit_comment: '-->', marpit_style: '</style>' };

/** Tags that show code. */
export const SHOWS_CODE = ['pre', 'code', 'samp', 'xmp', 'textarea'];

/**
 * Code reaches a slide only by import: whatever else could show it is a fault. (What is in Mermaid's
 * language is drawn: engine/embed/diagrams.mjs.)
 *
 * @param {import('../render/marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function fencesPlugin(md, deck) {
  const remedy = "put the code into a snippet and import it with '<<< folder/file.py#region'";
  md.core.ruler.push('deck_fences', (state) => {
    if (state.inlineMode) return;
    const source = state.src.split('\n');
    for (const token of state.tokens) {
      const line = (token.map?.[0] ?? 0) + 1;
      const written = source.slice(...(token.map ?? [0, 0]));
      const end = END[token.type];
      // One that goes on over the beginning of the next was not closed either.
      if (
        end &&
        (!written.at(-1)?.includes(end) || written.slice(1).some((at) => at.includes('<!--')))
      )
        deck.fault(
          line,
          `not closed, so that the slides after it are lost in it; end it with '${end}'`,
        );
      if (token.type === 'html_block')
        for (const [offset, text] of written.entries())
          if (/^\s*(<<<|>>>)/.test(text))
            deck.fault(
              line + offset,
              `'${text.trim()}' inside HTML is only text; leave a blank line above it`,
            );
      if (token.type === 'fence') deck.fault(line, `a code fence written by hand; ${remedy}`);
      if (token.type === 'code_block')
        deck.fault(line, `indented code; ${remedy}, or unindent the text`);
      for (const [part, offset] of htmlOf(token)) {
        for (const { name, start } of tagsOf(part).filter(({ name }) => SHOWS_CODE.includes(name)))
          deck.fault(
            line + offset + part.slice(0, start).split('\n').length - 1,
            `<${name}> in HTML; ${remedy}`,
          );
      }
    }
  });
}

/**
 * @param {import('../render/marpit.mjs').Token} token
 * @returns {[html: string, offset: number][]} with the lines above it in the token
 */
export function htmlOf(token) {
  if (token.type === 'html_block') return [[token.content, 0]];
  /** @type {[string, number][]} */
  const parts = [];
  let offset = 0;
  for (const child of token.children ?? []) {
    if (child.type === 'softbreak' || child.type === 'hardbreak') offset += 1;
    if (child.type === 'html_inline') parts.push([child.content, offset]);
  }
  return parts;
}
