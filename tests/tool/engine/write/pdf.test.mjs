import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { build } from '../../../../engine/write/dist.mjs';
import { repository } from '../repository.mjs';

const THEME = fileURLToPath(import.meta.resolve('../../../../slides/theme.css'));
const CODE = 'first = 1\n\nsecond = 2\nthird = 3\n';
const DIM = '.4078 .4392 .502'; // --code-dim, as PDF writes colours

/**
 * The lines of text on each page of a PDF of one font, such as Chromium writes.
 *
 * @param {string} path
 */
function readPages(path) {
  const streams = readStreams(path);
  const characters = readCharacters(streams.find((stream) => stream.includes('begincmap')) ?? '');
  return streams
    .filter((stream) => stream.includes(' Tj'))
    .map((stream) => readLines(stream, characters));
}

/** @param {string} path */
function readStreams(path) {
  const pdf = readFileSync(path, 'latin1');
  return [...pdf.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, data]) =>
    inflateSync(Buffer.from(data, 'latin1')).toString('latin1'),
  );
}

/**
 * The icons that open notes, in all pages of a PDF.
 *
 * @param {string} path
 */
const countIcons = (path) =>
  (
    readStreams(path)
      .join('\n')
      .match(/\/Subtype \/Text\b/g) ?? []
  ).length;

/**
 * @param {string} page
 * @param {Map<number, string>} characters by glyph
 */
function readLines(page, characters) {
  /** @type {Map<string, { text: string, colours: Set<string> }>} by height on the page */
  const lines = new Map();
  let colour = '';
  let line = { text: '', colours: new Set() };
  const words = /(\S+ \S+ \S+) rg$|^1 0 0 -1 \S+ (\S+) Tm$|<(\w+)> Tj$/gm;
  for (const [, ink, height, glyphs] of page.matchAll(words)) {
    if (ink) colour = ink;
    if (height) {
      line = lines.get(height) ?? { text: '', colours: new Set() };
      lines.set(height, line);
    }
    for (const [glyph] of (glyphs ?? '').matchAll(/\w{4}/g)) {
      line.text += characters.get(Number.parseInt(glyph, 16)) ?? '\ufffd';
      line.colours.add(colour);
    }
  }
  return [...lines.values()];
}

/**
 * @param {string} cmap
 * @returns {Map<number, string>} characters by glyph
 */
function readCharacters(cmap) {
  const characters = new Map();
  for (const [, first, last, start] of cmap.matchAll(/<(\w{4})> (?:<(\w{4})> )?<(\w{4})>$/gm)) {
    const [from, to, code] = [first, last ?? first, start].map((hex) => Number.parseInt(hex, 16));
    for (let glyph = from; glyph <= to; glyph += 1)
      characters.set(glyph, String.fromCodePoint(code + glyph - from));
  }
  return characters;
}

test('the PDF shows stepped code whole, no line dimmed, and its text is the code', async (t) => {
  const steps = ['1|3', '3|1,4', '1|all', '3'];
  const slides = steps.map((ranges) => `<<< a.py {${ranges}}\n`).join('\n---\n\n');
  const root = repository(t, {
    'slides/theme.css': readFileSync(THEME, 'utf8'),
    'slides/deck.md': `---\ntheme: distributed\n---\n\n${slides}\n<!-- Say: one. -->\n`,
    'snippets/a.py': CODE,
  });
  await build(root, { draft: true });
  const pages = readPages(join(root, 'dist/draft.pdf'));
  assert.equal(pages.length, steps.length);
  assert.equal(countIcons(join(root, 'dist/draft.pdf')), 0, 'none that nobody asked for');
  for (const [page, lines] of pages.entries()) {
    const text = lines.map(({ text }) => text);
    assert.deepEqual(text, CODE.split('\n').filter(Boolean), steps[page]);
    assert.ok(lines.every(({ colours }) => !colours.has(DIM)));
  }
});

test('with pdf: steps a slide has a page for each step, where the other lines are dimmed', async (t) => {
  const root = repository(t, {
    'slides/theme.css': readFileSync(THEME, 'utf8'),
    'slides/deck.md':
      '---\ntheme: distributed\npdf: steps\n---\n\n<<< a.py {1|3-4|all}\n\n---\n\n* first\n* then\n\n<!-- Say: one. -->\n',
    'snippets/a.py': CODE,
  });
  await build(root, { draft: true, 'pdf-notes': true });
  const pdf = join(root, 'dist/draft.pdf');
  assert.equal(countIcons(pdf), 3, 'on each page of the slide that has notes, if asked for');
  const pages = readPages(pdf).map((lines) =>
    lines.filter(({ colours }) => !colours.has(DIM)).map(({ text }) => text),
  );
  assert.deepEqual(pages.slice(0, 3), [
    ['first = 1'],
    ['second = 2', 'third = 3'],
    ['first = 1', 'second = 2', 'third = 3'],
  ]);
  assert.deepEqual(
    pages.slice(3).map((lines) => lines.length),
    [1, 2],
    'the page before the first has no text',
  );
});
