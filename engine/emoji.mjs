import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const FOLDER = dirname(createRequire(import.meta.url).resolve('@twemoji/svg/package.json'));
const ONE = String.raw`(?:\p{Emoji_Presentation}|\p{Emoji}\u{fe0f}|\p{EBase}(?=\p{EMod}))\p{EMod}?`;
const JOINED = String.raw`(?:\u{200d}\p{Emoji}\u{fe0f}?\p{EMod}?)*`;
const EMOJI = new RegExp(String.raw`(\p{RI}\p{RI}|[\d#*]\u{fe0f}?\u{20e3}|${ONE}${JOINED})`, 'u');

/**
 * Emoji as embedded pictures: the same on every machine, and from no CDN.
 *
 * @param {import('./marpit.mjs').MarkdownIt} md
 */
export function emojiPlugin(md) {
  md.core.ruler.after('inline', 'deck_emoji', (state) => {
    for (const token of state.tokens) {
      if (!token.children?.some(({ type, content }) => type === 'text' && EMOJI.test(content)))
        continue;
      token.children = token.children.flatMap((child) =>
        child.type === 'text' ? split(child, state) : [child],
      );
    }
  });

  md.renderer.rules.deck_emoji = (tokens, index) => {
    const { content, meta } = tokens[index];
    return `<img class="emoji" draggable="false" alt="${content}" src="${meta.src}">`;
  };
}

/**
 * @param {import('./marpit.mjs').Token} text
 * @param {import('./marpit.mjs').StateCore} state
 */
function split(text, state) {
  return text.content.split(EMOJI).flatMap((content, index) => {
    if (content === '') return [];
    const src = index % 2 === 1 ? picture(content) : undefined;
    const token = new state.Token(src ? 'deck_emoji' : 'text', '', 0);
    token.content = content;
    token.level = text.level;
    token.meta = src ? { src } : null;
    return [token];
  });
}

/**
 * Twemoji names files by code points, without U+FE0F unless joined by U+200D.
 *
 * @param {string} emoji
 * @returns {string | undefined} a data URI
 */
function picture(emoji) {
  const plain = emoji.includes('\u200d') ? emoji : emoji.replaceAll('\ufe0f', '');
  const name = [...plain].map((char) => char.codePointAt(0)?.toString(16)).join('-');
  const path = join(FOLDER, `${name}.svg`);
  return existsSync(path)
    ? `data:image/svg+xml;base64,${readFileSync(path).toString('base64')}`
    : undefined;
}
