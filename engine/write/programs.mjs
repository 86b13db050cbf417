import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawEmoji } from '../embed/emoji.mjs';
import { readWhole } from '../read/snippets.mjs';
import { escapeHtml } from '../terminal/escape.mjs';
import { a4, renderSlides } from './print.mjs';

const css = readFileSync(join(import.meta.dirname, 'programs.css'), 'utf8');

/** An output of more lines is shortened to those that come first and those that come last. */
const MOST = 24;
const [FIRST, LAST] = [8, 6];

/**
 * The programs, each whole, once, with what it printed; an index says which slide shows which.
 *
 * @param {import('../read/deck.mjs').Deck} deck
 * @returns {Promise<import('./print.mjs').Document>}
 */
export async function programs(deck) {
  // The theme's rules for a slide, `section`, are for what holds a program.
  const { marp, css: theme } = await renderSlides(deck, { container: false, inlineSVG: false });
  /** Slides by program, in the order in which they show them. @type {Map<string, Set<number>>} */
  const shown = new Map();
  for (const { snippet, run = snippet, slide = 0 } of deck.blocks)
    for (const id of [snippet, run]) shown.set(id, (shown.get(id) ?? new Set()).add(slide));
  const ids = [...shown.keys()];
  const listings = [...shown].map(([id, slides], index) => {
    const { language, code } = readWhole(deck.root, id);
    const places = `slide${slides.size > 1 ? 's' : ''} ${[...slides].join(', ')}`;
    return `<article><h2 id="program-${index}">snippets/${escapeHtml(id)}<span>${places}</span></h2>
<section><figure class="code" data-snippet="${escapeHtml(id)}">${marp.highlighter(code, language, '')}</figure>${output(deck.recordings.get(id))}</section></article>`;
  });
  return (pages) =>
    a4(deck, 'programs', {
      about:
        ids.length > 0
          ? 'Each program whole, with what it printed when it was recorded.'
          : 'No slide shows a program.',
      styles: [`@layer theme {\n${theme}\n}`, css],
      body: ids.length > 0 ? `${indexBySlide(deck, ids, pages)}${listings.join('\n')}` : '',
    });
}

/**
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {string[]} ids of all programs, in their order
 * @param {import('./print.mjs').Pages} pages
 */
function indexBySlide({ slides, blocks }, ids, pages) {
  const rows = slides.flatMap(({ headings }, index) => {
    const here = blocks.filter(({ slide }) => slide === index + 1);
    const programs = new Set(here.flatMap(({ snippet, run = snippet }) => [snippet, run]));
    return [...programs].map((id, at) => {
      const anchor = `program-${ids.indexOf(id)}`;
      const [number, heading] = at === 0 ? [index + 1, headings[0] ?? ''] : ['', ''];
      return `<tr><td>${number}</td><td>${escapeHtml(heading)}</td><td><a href="#${anchor}">${escapeHtml(id)}</a></td><td>${pages.get(anchor) ?? ''}</td></tr>`;
    });
  });
  return `<table class="index"><thead><tr><th colspan="2">Slide</th><th>Program</th><th>Page</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

/** @param {import('../read/recordings.mjs').Recording} [recording] */
function output(recording) {
  const lines = recording?.screen?.lines ?? [];
  if (!recording || lines.length === 0) return '';
  const left = lines.length - FIRST - LAST;
  const html = lines.map((line) => line.html);
  if (lines.length > MOST)
    html.splice(FIRST, left, `<span class="gap">… ${left} lines are left out …</span>`);
  return `<figure class="output"><figcaption>${escapeHtml(recording.command)}</figcaption><pre class="screen">${drawEmoji(html.join('\n'))}</pre></figure>`;
}
