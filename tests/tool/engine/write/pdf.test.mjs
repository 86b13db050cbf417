import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { repository } from '../repository.mjs';

const BUILD = fileURLToPath(import.meta.resolve('../../../../engine/build.mjs'));
const THEME = fileURLToPath(import.meta.resolve('../../../../slides/theme.css'));
const CODE = 'first = 1\n\nsecond = 2\nthird = 3\n';
const DIM = '.4078 .4392 .502'; // --code-dim, as PDF writes colours

/**
 * The lines of text on each page of a PDF of one font, such as Chromium writes.
 *
 * @param {string} path
 */
function readPages(path) {
  const pdf = readFileSync(path, 'latin1');
  const streams = [...pdf.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, data]) =>
    inflateSync(Buffer.from(data, 'latin1')).toString('latin1'),
  );
  const characters = readCharacters(streams.find((stream) => stream.includes('begincmap')) ?? '');
  return streams
    .filter((stream) => stream.includes(' Tj'))
    .map((stream) => readLines(stream, characters));
}

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

test('the PDF shows stepped code whole, no line dimmed, and its text is the code', (t) => {
  const steps = ['1|3', '3|1,4', '1|all', '3'];
  const slides = steps.map((ranges) => `<<< a.py {${ranges}}\n`).join('\n---\n\n');
  const root = repository(t, {
    'slides/theme.css': readFileSync(THEME, 'utf8'),
    'slides/deck.md': `---\ntheme: distributed\n---\n\n${slides}`,
    'snippets/a.py': CODE,
  });
  const { stderr } = spawnSync('node', [BUILD, '--draft'], { cwd: root, encoding: 'utf8' });
  assert.match(stderr, /dist\/draft\.pdf/);
  const pages = readPages(join(root, 'dist/draft.pdf'));
  assert.equal(pages.length, steps.length);
  for (const [page, lines] of pages.entries()) {
    const text = lines.map(({ text }) => text);
    assert.deepEqual(text, CODE.split('\n').filter(Boolean), steps[page]);
    assert.ok(lines.every(({ colours }) => !colours.has(DIM)));
  }
});

test('with pdf: steps a slide has a page for each step, where the other lines are dimmed', (t) => {
  const root = repository(t, {
    'slides/theme.css': readFileSync(THEME, 'utf8'),
    'slides/deck.md':
      '---\ntheme: distributed\npdf: steps\n---\n\n<<< a.py {1|3-4|all}\n\n---\n\n* first\n* then\n',
    'snippets/a.py': CODE,
  });
  const { stderr } = spawnSync('node', [BUILD, '--draft'], { cwd: root, encoding: 'utf8' });
  assert.match(stderr, /dist\/draft\.pdf/);
  const pdf = join(root, 'dist/draft.pdf');
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

for (const [args, icons] of /** @type {const} */ ([
  [[], 0],
  [['--pdf-notes'], 1],
])) {
  test(`pages have icons of their notes only if asked for: ${args}`, (t) => {
    const root = repository(t, { 'slides/deck.md': '# A\n\n<!-- Say: one. -->\n\n---\n\n# B\n' });
    spawnSync('node', [BUILD, '--draft', ...args], { cwd: root });
    const pdf = readFileSync(join(root, 'dist/draft.pdf'), 'latin1');
    const texts = [...pdf.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, data]) =>
      inflateSync(Buffer.from(data, 'latin1')).toString('latin1'),
    );
    const annotations = texts.join('\n').match(/\/Subtype \/Text\b/g) ?? [];
    assert.equal(annotations.length, icons);
  });
}
