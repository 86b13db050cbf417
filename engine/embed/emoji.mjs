import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const FOLDER = dirname(createRequire(import.meta.url).resolve('@twemoji/svg/package.json'));
const ONE = String.raw`(?:\p{Emoji_Presentation}|\p{Emoji}\u{fe0f}|\p{EBase}(?=\p{EMod}))\p{EMod}?`;
const JOINED = String.raw`(?:\u{200d}\p{Emoji}\u{fe0f}?\p{EMod}?)*`;
const EMOJI = new RegExp(String.raw`(\p{RI}\p{RI}|[\d#*]\u{fe0f}?\u{20e3}|${ONE}${JOINED})`, 'u');

/** What Twemoji draws in one dark ink as if written; black squares and hearts are meant to be black. */
const SIGNS = /^[✔✖✴➕➖➗➰🟰©®™🔙🔚🔛🔜🔝]/u;

/** That ink, and one that is seen on the dark pane of an output. */
const [DARK, BRIGHT] = ['#31373D', '#E6EAF2'];

/**
 * Emoji as embedded pictures: the same on every machine, and from no CDN.
 *
 * @param {import('../render/marpit.mjs').MarkdownIt} md
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
 * The same pictures on a screen, where each has its columns already.
 *
 * @param {string} html of lines of a screen
 * @returns {string}
 */
export function drawEmoji(html) {
  return html.replace(/<span class="(?:wide|cell)">([^<]+)<\/span>/g, (cell, content) => {
    const src = EMOJI.test(content) ? picture(content, BRIGHT) : undefined;
    if (!src) return cell;
    return cell.replace(`>${content}<`, `><img class="emoji" alt="${content}" src="${src}"><`);
  });
}

/**
 * @param {import('../render/marpit.mjs').Token} text
 * @param {import('../render/marpit.mjs').StateCore} state
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
 * @param {string} [ink] of signs that are drawn in one dark ink, as ✔️ is
 * @returns {string | undefined} a data URI
 */
function picture(emoji, ink = DARK) {
  const plain = emoji.includes('\u200d') ? emoji : emoji.replaceAll('\ufe0f', '');
  const name = [...plain].map((char) => char.codePointAt(0)?.toString(16)).join('-');
  const path = join(FOLDER, `${name}.svg`);
  if (!existsSync(path)) return undefined;
  const svg = readFileSync(path, 'utf8');
  const drawn = SIGNS.test(emoji) ? svg.replaceAll(DARK, ink) : svg;
  return `data:image/svg+xml;base64,${Buffer.from(drawn).toString('base64')}`;
}
