import { Marp } from '@marp-team/marp-core';
import { notesOf } from '../read/notes.mjs';
import { escapeHtml } from '../terminal/escape.mjs';

const { markdown } = new Marp({ html: false, math: false, script: false });

/**
 * The speaker's notes of a slide as they are read: each prompt a paragraph that says of what kind it
 * is, with code, emphasis and links in it.
 *
 * @param {string[]} comments of the slide
 * @returns {string} HTML
 */
export function notesHtml(comments) {
  return notesOf(comments)
    .filter(({ label }) => label !== 'Short')
    .map(({ label, text }) => {
      const words = inlineHtml(text);
      return label
        ? `<p data-prompt="${escapeHtml(label)}"><b>${escapeHtml(label)}</b> ${words}</p>`
        : `<p>${words}</p>`;
    })
    .join('');
}

/**
 * What the speaker says, for those who read it: prose, without what is said to the speaker.
 *
 * @param {string[]} comments of the slide
 * @returns {string} HTML
 */
export function proseHtml(comments) {
  return notesOf(comments)
    .filter(({ label }) => label === '' || label === 'Say')
    .map(({ text }) => `<p>${inlineHtml(capitalised(text))}</p>`)
    .join('');
}

/** With a capital, unless it begins with a name such as `plt.show()`. @param {string} text */
function capitalised(text) {
  return text.replace(
    /^[a-z]+(?=[\s,;:]|$)/,
    (word) => word.charAt(0).toUpperCase() + word.slice(1),
  );
}

/** @param {string} text in Markdown @returns {string} HTML */
export function inlineHtml(text) {
  return markdown.renderInline(text);
}

/**
 * The links to other sites, where Markdown reads them: an address may have brackets.
 *
 * @param {string} text in Markdown
 * @returns {{ address: string, words: string, bare: boolean }[]} words in HTML; bare if they are the address
 */
export function linksIn(text) {
  /** @type {import('./marpit.mjs').Token[]} */
  const tokens = markdown.parseInline(text, {})[0].children;
  return tokens.flatMap((token, at) => {
    const address = token.attrGet('href') ?? '';
    if (!/^https?:/.test(address) || !URL.canParse(address)) return [];
    const end = tokens.findIndex(({ type }, index) => index > at && type === 'link_close');
    const words = markdown.renderer.render(tokens.slice(at + 1, end), markdown.options, {});
    return { address, words, bare: token.info === 'auto' };
  });
}

const NOTE = /<div class="bespoke-marp-note" data-index="(\d+)"[^>]*>.*?<\/div>/gs;

/**
 * Have the presenter view show notes as they are read, and know how long each slide is to take.
 *
 * @param {string} html of Marp CLI, which shows a slide's comments as they are written
 * @param {string[][]} comments of each slide
 * @returns {string}
 */
export function typesetNotes(html, comments) {
  return html.replace(NOTE, (_, index) => {
    const time = notesOf(comments[index]).find(({ label }) => label === 'Time');
    const minutes = time ? ` data-minutes="${Number(time.text)}"` : '';
    return `<div class="bespoke-marp-note" data-index="${index}"${minutes} tabindex="0">${notesHtml(comments[index])}</div>`;
  });
}
