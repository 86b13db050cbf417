import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launchBrowser } from '../browser.mjs';
import { drawEmoji } from '../embed/emoji.mjs';
import { DeckMarp } from '../render/marp.mjs';
import { notesHtml } from '../render/notes.mjs';
import { escapeHtml } from '../terminal/escape.mjs';

const css = ['../terminal/screen.css', 'handout.css']
  .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
  .join('\n');

/**
 * The A4 handout: each slide beside its notes, and each program whole, once, with what it printed.
 *
 * @param {import('../read/deck.mjs').Deck} deck
 * @returns {Promise<string>} HTML for print
 */
export async function handoutHtml(deck) {
  // Not `printable`: Marp would make each slide a page of its own.
  const marp = await DeckMarp.open({ html: true, printable: false }, deck);
  marp.themeSet.add(readFileSync(join(deck.root, 'slides/theme.css'), 'utf8'));
  const { html, css: theme, comments } = marp.render(deck.read(), { htmlAsArray: true });
  /** @type {Set<string>} programs already listed */
  const listed = new Set();
  const items = html.map((/** @type {string} */ slide, /** @type {number} */ index) => {
    const blocks = deck.blocks.filter((block) => block.slide === index + 1);
    const programs = new Set(blocks.flatMap(({ snippet, run = snippet }) => [snippet, run]));
    const fresh = [...programs].filter((id) => !listed.has(id));
    for (const id of fresh) listed.add(id);
    return `<article>
<div class="slide"><div class="marpit">${slide}</div></div>
<div class="notes"><span class="number">${index + 1}</span>${notesHtml(comments[index])}</div>
${fresh.map((id) => program(deck, id)).join('\n')}
</article>`;
  });
  const [title, author] = [deck.frontMatter.title ?? '', deck.frontMatter.author ?? ''].map(String);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}: handout</title>
<meta name="author" content="${escapeHtml(author)}"><style>${theme}</style><style>${css}</style></head>
<body><h1>${escapeHtml(title)}</h1><p class="facts">${escapeHtml(
    [author, deck.facts.versions, deck.facts.date, deck.facts.commit].filter(Boolean).join(' · '),
  )}</p>
${items.join('\n')}</body></html>`;
}

/**
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {string} id
 */
function program(deck, id) {
  const source = readFileSync(join(deck.root, 'snippets', id), 'utf8').trimEnd();
  const recording = deck.recordings.get(id);
  const output = recording?.screen
    ? `<figure class="output"><figcaption>${escapeHtml(recording.command)}</figcaption><pre class="screen">${drawEmoji(recording.screen.html)}</pre></figure>`
    : '';
  return `<section class="program"><h2>snippets/${escapeHtml(id)}</h2><pre>${escapeHtml(source)}</pre>${output}</section>`;
}

/**
 * Print HTML.
 *
 * @param {string} path of the HTML file
 * @param {string} output of the PDF
 */
export async function printA4(path, output) {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(pathToFileURL(path).href);
    await page.pdf({
      path: output,
      format: 'A4',
      printBackground: true,
      preferCSSPageSize: true,
      outline: true,
      tagged: true,
    });
  } finally {
    await browser.close();
  }
}
