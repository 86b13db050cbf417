import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import encodeQR from 'qr';
import { notesOf } from '../read/notes.mjs';
import { inlineHtml, linksIn, proseHtml } from '../render/notes.mjs';
import { escapeHtml } from '../terminal/escape.mjs';
import { a4, renderSlides } from './print.mjs';

const css = readFileSync(join(import.meta.dirname, 'handout.css'), 'utf8');

/** The theme's classes for slides of a few large words. */
const FEW_WORDS = ['title', 'statement'];

/**
 * The handout for readers: contents and the terms that the deck explains; then two slides a page, each
 * with what the speaker says of it, and its links as codes to scan. Slides of a few large words are
 * small, and so are those that the talk leaves to the appendix (`Time: 0`), six a page.
 *
 * @param {import('../read/deck.mjs').Deck} deck
 * @returns {Promise<import('./print.mjs').Document>}
 */
export async function handout(deck) {
  const { slides, css: theme } = await renderSlides(deck);
  const articles = slides.map((slide, index) => article(deck, slide, index));
  const [told, rest] = [false, true].map((small) =>
    articles.filter((_, index) => isUntold(deck.comments[index]) === small).join('\n'),
  );
  const programs = deck.blocks.length > 0 ? ' The programs are in a document of their own.' : '';
  return (pages) =>
    a4(deck, 'handout', {
      about: `The slides, each with what the speaker says.${programs}`,
      styles: [theme, css],
      body: `${contents(deck, pages)}
${glossary(deck, pages)}
<div class="told">${told}</div><div class="untold">${rest}</div>`,
    });
}

/**
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {string} slide in HTML
 * @param {number} index of it, from 0
 */
function article(deck, slide, index) {
  const { footer, classes } = deck.slides[index];
  const comments = deck.comments[index];
  const links = linksOf(footer, comments).map(
    ({ address, words }) =>
      `<a href="${escapeHtml(address)}">${encodeQR(address, 'svg', { ecc: 'low', border: 1 })}<span>${words}</span></a>`,
  );
  const blocks = deck.blocks.filter((block) => block.slide === index + 1);
  const files = [...new Set(blocks.map(({ snippet }) => snippet))];
  const names = files.map((id) => `<code>${escapeHtml(id)}</code>`).join(', ');
  const brief = FEW_WORDS.some((name) => classes.includes(name));
  return `<article id="slide-${index + 1}"${brief ? ' class="brief"' : ''}>
<div class="slide"><div class="marpit">${slide}</div></div>
<aside><b>${index + 1}</b><nav>${links.join('')}</nav>${names && `<p>${names}</p>`}</aside>
<div class="prose">${proseHtml(comments)}</div>
</article>`;
}

/** Is it of the appendix, for which the talk has no time? @param {string[]} comments of a slide */
function isUntold(comments) {
  return notesOf(comments).some(({ label, text }) => label === 'Time' && Number(text) === 0);
}

/**
 * The links in a slide's footer and of its sources.
 *
 * @param {string} footer
 * @param {string[]} comments
 * @returns {{ address: string, words: string }[]} words in HTML, each address once
 */
function linksOf(footer, comments) {
  const sources = notesOf(comments)
    .filter(({ label }) => label === 'Source')
    .flatMap(({ text }) => linksIn(text).filter(({ bare }) => !bare));
  const below = linksIn(footer)
    .map(({ address }) => ({ address, words: shortened(address) }))
    .filter(({ address }) => sources.every((source) => source.address !== address));
  return [...below, ...sources];
}

/** The host and the end of an address, in HTML. @param {string} address */
function shortened(address) {
  const { host, pathname } = new URL(address);
  const parts = pathname.split('/').filter((part) => part !== '' && part !== 'index.html');
  const end = parts.at(-1)?.replace(/\.html$/, '');
  const between = parts.length > 1 ? ['…'] : [];
  return [host, ...between, ...(end ? [end] : [])].map(escapeHtml).join('/<wbr>');
}

/**
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {import('./print.mjs').Pages} pages
 */
function contents({ slides }, pages) {
  const lines = slides.flatMap(({ headings, classes }, index) => {
    if (headings.length === 0) return [];
    const kind = classes.includes('title') ? ' class="part"' : '';
    return `<li${kind}><a href="#slide-${index + 1}">${escapeHtml(headings[0])}</a><span>${pages.get(`slide-${index + 1}`) ?? ''}</span></li>`;
  });
  return `<ol class="contents">${lines.join('\n')}</ol>`;
}

/**
 * What the terms mean that the slides explain, where they are explained first.
 *
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {import('./print.mjs').Pages} pages
 */
function glossary({ slides }, pages) {
  const terms = slides.flatMap(({ terms }, index) =>
    terms.map((term) => ({ ...term, anchor: `slide-${index + 1}` })),
  );
  if (terms.length === 0) return '';
  const first = terms.filter(
    ({ term }, index) => terms.findIndex((other) => other.term === term) === index,
  );
  const entries = first
    .sort((one, other) => one.term.localeCompare(other.term, 'en'))
    .map(
      ({ term, meaning, anchor }) =>
        `<div><dt>${inlineHtml(term)}</dt><dd>${inlineHtml(meaning)} <a href="#${anchor}">${pages.get(anchor) ?? ''}</a></dd></div>`,
    );
  return `<section class="glossary"><h2>Terms</h2><dl>${entries.join('\n')}</dl></section>`;
}
