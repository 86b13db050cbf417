import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from '../../../../engine/write/dist.mjs';
import { cast, render, repository } from '../repository.mjs';

const DECK = `---
theme: distributed
paginate: true
---

# One

<!-- class: lead -->

---

# Two

<<< a.py

<!--
Time: 1
Short: yes
-->

---

# Three

<<< b.py

---

# Four <!-- Short: yes -->
`;
const CODE = 'print(4)\n';
const FILES = {
  'slides/theme.css': "/* @theme distributed */\n@import 'uncover';\nsection.lead { color: red }\n",
  'snippets/a.py': CODE,
  'snippets/b.py': CODE,
  'snippets/a.py.cast': cast({ 'a.py': CODE }, ['4\r\n']),
  'snippets/b.py.cast': cast({ 'b.py': CODE }, ['4\r\n']),
};

test('the short version has the slides that say so, numbered for themselves', async (t) => {
  const { html, deck } = await render(t, DECK, FILES, { short: true });
  assert.deepEqual(
    deck.slides.map(({ headings }) => headings),
    [['Two'], ['Four']],
  );
  const sections = [...html.matchAll(/<section id="(\d)"[^>]*>/g)];
  assert.deepEqual(
    sections.map(([, id]) => id),
    ['1', '2'],
  );
  for (const [number, [section]] of sections.entries()) {
    assert.match(section, new RegExp(`data-marpit-pagination="${number + 1}"`));
    assert.match(section, /data-marpit-pagination-total="2"/);
    assert.match(section, /class="lead"/, 'the first slide says so for those after it');
  }
  assert.deepEqual(
    deck.blocks.map(({ snippet, slide }) => [snippet, slide]),
    [['a.py', 1]],
  );
  assert.deepEqual(
    deck.comments.map((comments) => comments.length > 0),
    [true, true],
  );
});

test('the whole deck has all slides', async (t) => {
  const { deck } = await render(t, DECK, FILES, {});
  assert.equal(deck.slides.length, 4);
});

test('a deck without a short version is told', async (t) => {
  const { faults } = await render(t, '# One\n\n<!-- Short: no -->\n', FILES, { short: true });
  assert.deepEqual(faults, [
    "slides/deck.md:1: no slide is of the short version; write 'Short: yes' into their notes",
  ]);
});

test('it is built as files of its own, beside those of the whole deck', async (t) => {
  const root = repository(t, { ...FILES, 'slides/deck.md': DECK, 'dist/index.html': 'whole' });
  await build(root, { short: true });
  assert.ok(existsSync(join(root, 'dist/short.pdf')));
  assert.match(readFileSync(join(root, 'dist/short.html'), 'utf8'), /<h1[^>]*>Two</);
  assert.doesNotMatch(readFileSync(join(root, 'dist/short.html'), 'utf8'), /<h1[^>]*>Three</);
  assert.equal(readFileSync(join(root, 'dist/index.html'), 'utf8'), 'whole');
});

test('a deck knows whether it has one, however the notes are written', async (t) => {
  for (const [note, expected] of /** @type {const} */ ([
    ['<!-- Short: yes -->', true],
    ['<!--\n  Short: yes\n-->', true],
    ['<!--\nShort: no\n-->\n\nShort: yes', false],
  ])) {
    const { deck } = await render(t, `# One\n\n${note}\n`, FILES, {});
    assert.equal(deck.hasShort, expected, note);
  }
});

test('a build of all makes it, too', async (t) => {
  const root = repository(t, { ...FILES, 'slides/deck.md': '# One\n\n<!-- Short: yes -->\n' });
  await build(root, { all: true });
  const made = readdirSync(join(root, 'dist')).filter((name) => name.startsWith('short'));
  assert.deepEqual(made.sort(), [
    'short-handout.pdf',
    'short-programs.pdf',
    'short.html',
    'short.pdf',
  ]);
});
