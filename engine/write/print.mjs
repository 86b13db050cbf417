import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launchBrowser } from '../browser.mjs';
import { DeckMarp } from '../render/marp.mjs';
import { escapeHtml } from '../terminal/escape.mjs';

/** @typedef {Map<string, number>} Pages on which an anchor is, from 1; empty before it is known */

/**
 * A document to print: as HTML once it is known on which page each of its anchors is.
 *
 * @typedef {(pages: Pages) => string} Document
 */

/**
 * The deck's slides for a document, each in HTML, and what shows them as the theme has them.
 *
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {import('@marp-team/marp-core').MarpOptions} [options]
 */
export async function renderSlides(deck, options = {}) {
  // Not `printable`: Marp would make each slide a page of its own.
  const marp = await DeckMarp.open({ html: true, printable: false, ...options }, deck);
  marp.themeSet.add(readFileSync(join(deck.root, 'slides/theme.css'), 'utf8'));
  const { html, css } = marp.render(deck.read(), { htmlAsArray: true });
  return { marp, slides: /** @type {string[]} */ (html), css: /** @type {string} */ (css) };
}

/**
 * A4 pages with title and number below, the first with what it is.
 *
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {string} kind of document, in words
 * @param {{ about: string, styles: string[], body: string }} parts what is in it, and its looks
 * @returns {string} HTML
 */
export function a4({ frontMatter, facts }, kind, { about, styles, body }) {
  const [title, author] = [frontMatter.title ?? '', frontMatter.author ?? ''].map(String);
  const name = [title, kind].filter(Boolean).join(': ');
  const known = [author, facts.versions, facts.date, facts.commit].filter(Boolean).join(' · ');
  const below = `@page { @bottom-left { content: ${cssString(name)}; } }`;
  const css = readFileSync(join(import.meta.dirname, 'print.css'), 'utf8');
  return `<!doctype html>
<html lang="${escapeHtml(String(frontMatter.lang ?? 'en'))}"><head><meta charset="utf-8">
<title>${escapeHtml(name)}</title><meta name="author" content="${escapeHtml(author)}">
${[...styles, css, below].map((style) => `<style>${style}</style>`).join('\n')}</head>
<body><h1>${escapeHtml(title)}</h1><p class="facts">${escapeHtml(known)}</p><p>${about}</p>
${body}</body></html>`;
}

/** @param {string} text */
function cssString(text) {
  return `"${text.replace(/["\\<\n]/g, (sign) => `\\${sign.charCodeAt(0).toString(16)} `)}"`;
}

/**
 * Print a document. Chromium has no `target-counter`, which would tell the pages of what is in its
 * contents; so it is printed, looked at, and printed again with them.
 *
 * @param {Document} document
 * @param {string} path of the PDF
 */
export async function printA4(document, path) {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    /** @param {Pages} pages */
    const print = async (pages) => {
      writeFileSync(`${path}.html`, document(pages));
      await page.goto(pathToFileURL(`${path}.html`).href);
      await page.pdf({
        path,
        printBackground: true,
        preferCSSPageSize: true,
        outline: true,
        tagged: true,
      });
    };
    await print(new Map());
    await print(pagesOf(readFileSync(path, 'latin1')));
  } finally {
    await browser.close();
  }
}

/**
 * The page of each anchor that something links to, as Chromium writes it: objects are text, numbered,
 * and refer to others as `7 0 R`.
 *
 * @param {string} pdf
 * @returns {Pages}
 */
export function pagesOf(pdf) {
  const found = pdf.matchAll(/^(\d+) 0 obj\n(.*?)\nendobj/gms);
  const objects = new Map([...found].map(([, number, text]) => [number, text]));
  /** @param {string} number of a page, or of what holds some @returns {string[]} */
  const pagesIn = (number) => {
    const [, kids] = /\/Kids \[(.*?)\]/s.exec(objects.get(number) ?? '') ?? [];
    if (kids === undefined) return [number];
    return [...kids.matchAll(/(\d+) 0 R/g)].flatMap(([, kid]) => pagesIn(kid));
  };
  const [, root] = /\/Pages (\d+) 0 R/.exec(pdf) ?? [];
  const [, anchors] = /\/Dests (\d+) 0 R/.exec(pdf) ?? [];
  const pages = pagesIn(root);
  const places = (objects.get(anchors) ?? '').matchAll(/\/(\S+) \[(\d+) 0 R/g);
  return new Map([...places].map(([, name, page]) => [name, pages.indexOf(page) + 1]));
}
