import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launchBrowser } from '../../../../engine/browser.mjs';
import { Deck } from '../../../../engine/read/deck.mjs';
import { handout } from '../../../../engine/write/handout.mjs';
import { printA4 } from '../../../../engine/write/print.mjs';
import { programs } from '../../../../engine/write/programs.mjs';
import { cast, repository } from '../repository.mjs';

const THEME = fileURLToPath(import.meta.resolve('../../../../slides/theme.css'));
const CODE = `"""Add two numbers."""

# snippet: needs nothing

import operator

# region add
total = operator.add(1, 2)  # 3
# endregion add

for number in range(40):
    print(total, number)
`;
const OUTPUT = Array.from({ length: 40 }, (_, number) => `3 ${number}\r\n`);
const FILES = {
  'slides/theme.css': readFileSync(THEME, 'utf8'),
  'slides/deck.md': `---
theme: distributed
title: A "small" deck
---

# One

<<< a.py#add

> **task**: one *call* · **owner** of a result: whoever called
> **actor**: an object

<!-- _footer: https://docs.example.org/en/latest/futures.html -->

<!--
Time: 1
Short: yes
Ask: who knows?
Say: \`submit\` returns at once.
Say: the **result** comes later.
Say: plt.show() shows it.
Demo: run it.
If it fails: go on.
Source: [the source](https://example.org/source)
-->

---

# Two

>>> a.py

---

# Three

> **task**: explained again

> Somebody said: this explains nothing

---

# Appendix

<<< a.py#add

<!--
Time: 0
Short: yes
-->
`,
  'snippets/a.py': CODE,
  'snippets/a.py.cast': cast({ 'a.py': CODE }, OUTPUT),
};

/**
 * @param {import('node:test').TestContext} t
 * @param {Record<string, string>} [files]
 * @param {{ short?: boolean }} [options]
 */
async function open(t, files = {}, options = {}) {
  const root = repository(t, { ...FILES, ...files });
  return { root, deck: await Deck.open(root, options) };
}

/** @param {string} html */
function words(html) {
  const [, body] = html.split('<body>');
  const text = body.replace(/<svg.*?<\/svg>/gs, '').replace(/<[^>]+>/g, ' ');
  return text.replaceAll('&quot;', '"').replace(/\s+/g, ' ');
}

test('readers get what the speaker says as prose, and nothing that is said to the speaker', async (t) => {
  const { deck } = await open(t);
  const html = (await handout(deck))(new Map());
  assert.match(
    html,
    /<p><code>submit<\/code> returns at once\.<\/p><p>The <strong>result<\/strong>/,
  );
  assert.match(html, /<p>plt\.show\(\) shows it\.<\/p>/);
  assert.match(words(html), /A "small" deck/);
  for (const cue of ['who knows', 'run it', 'go on', 'yes'])
    assert.doesNotMatch(words(html), new RegExp(cue));
});

test('links of the footer and of the sources are codes with few words', async (t) => {
  const { deck } = await open(t);
  const html = (await handout(deck))(new Map());
  const links = [...html.matchAll(/<a href="(https[^"]+)"><svg.+?<\/svg><span>(.+?)<\/span>/gs)];
  assert.deepEqual(
    links.map(([, address, text]) => [address, text.replaceAll('<wbr>', '')]),
    [
      ['https://docs.example.org/en/latest/futures.html', 'docs.example.org/…/futures'],
      ['https://example.org/source', 'the source'],
    ],
  );
});

test('an address may have brackets, and what is none is no link', async (t) => {
  const dask = 'https://en.wikipedia.org/wiki/Dask_(software)';
  const note = `<!-- Source: [Dask](${dask}) and [none](https://…/docs), [here](../a.svg) -->`;
  for (const footer of [dask, `<${dask}>`, `[Dask](${dask})`, `${dask}, then https://…/docs`]) {
    const slide = `# One\n\n<!-- _footer: ${JSON.stringify(footer)} -->\n\n`;
    const { deck } = await open(t, { 'slides/deck.md': `${slide}${note}\n\n---\n\n${slide}` });
    const html = (await handout(deck))(new Map());
    const links = [...html.matchAll(/<a href="([^"#]+)"><svg.+?<\/svg><span>(.+?)<\/span>/gs)];
    assert.deepEqual(
      links.map(([, ...link]) => link),
      [
        [dask, 'Dask'],
        [dask, 'en.wikipedia.org/<wbr>…/<wbr>Dask_(software)'],
      ],
      footer,
    );
  }
});

test('terms are listed in alphabetical order, as they are first explained, with their pages', async (t) => {
  const { deck } = await open(t);
  const html = (await handout(deck))(new Map([['slide-1', 2]]));
  const [glossary] = /<section class="glossary".*?<\/section>/s.exec(html) ?? [];
  assert.match(
    words(`<body>${glossary}`),
    /^ Terms actor an object 2 owner of a result whoever called 2 task one call 2 $/,
  );
});

test('a page holds two slides, those of the appendix come last, and the contents know', async (t) => {
  const { root, deck } = await open(t);
  const document = await handout(deck);
  /** @type {import('../../../../engine/write/print.mjs').Pages} */
  let found = new Map();
  const path = join(root, 'handout.pdf');
  const print = (/** @type {typeof found} */ pages) => {
    found = pages;
    return document(pages);
  };
  await printA4(print, path);
  assert.deepEqual(
    [1, 2, 3, 4].map((slide) => found.get(`slide-${slide}`)),
    [2, 2, 3, 4],
  );
  assert.match(words(readFileSync(`${path}.html`, 'utf8')), /One 2 Two 2 Three 3 Appendix 4/);
  const pdf = readFileSync(path, 'latin1');
  assert.match(pdf, /\/Subtype \/Type0/);
  assert.doesNotMatch(pdf, /\/Subtype \/Type3/, 'a font of outlines');
});

test('a slide of few words is small beside what is said', async (t) => {
  const slides = '<!-- _class: title -->\n\n# Part\n\n<!-- Say: it begins. -->\n\n---\n\n# Code\n';
  const { deck } = await open(t, { 'slides/deck.md': `---\ntheme: distributed\n---\n\n${slides}` });
  const html = (await handout(deck))(new Map());
  const articles = [...html.matchAll(/<article id="(.+?)"(.*?)>/g)].map(([, ...found]) => found);
  assert.deepEqual(articles, [
    ['slide-1', ' class="brief"'],
    ['slide-2', ''],
  ]);
});

test('a deck without notes, terms, links, headings or code has handouts, too', async (t) => {
  const { deck } = await open(t, { 'slides/deck.md': 'Words.\n\n---\n\nMore.\n' });
  const html = (await handout(deck))(new Map());
  assert.equal(html.match(/<article/g)?.length, 2);
  assert.doesNotMatch(html, /glossary"|undefined/);
  assert.match(words((await programs(deck))(new Map())), /No slide shows a program\./);
});

test('those of the short version have its slides', async (t) => {
  const { deck } = await open(t, {}, { short: true });
  const html = (await handout(deck))(new Map());
  assert.equal(html.match(/<article/g)?.length, 2);
  assert.doesNotMatch(words(html), /Two|Three/);
  assert.match(words((await programs(deck))(new Map())), /1 One a\.py 2 Appendix a\.py/);
});

test('a program is there once, whole and in colour, without what is for the tool', async (t) => {
  const { deck } = await open(t);
  const html = (await programs(deck))(new Map([['program-0', 7]]));
  assert.equal(html.match(/<article>/g)?.length, 1);
  assert.match(words(html), /1 One a\.py 7 2 Two a\.py 7 4 Appendix a\.py 7/);
  assert.match(html, /snippets\/a\.py<span>slides 1, 2, 4</);
  const [, code] = /<pre class="shiki[^>]*>(.*?)<\/pre>/s.exec(html) ?? [];
  assert.match(code, /<span style="color:var\(--marp-shiki-token/);
  assert.equal(
    code
      .replace(/<[^>]+>/g, '')
      .replaceAll('&quot;', '"')
      .trim(),
    CODE.replace(/^# (snippet:|region|endregion).*\n/gm, '')
      .replaceAll(/\n{3}/g, '\n\n')
      .trim(),
  );
});

test('programs are in the colours of the talk, on a page and not on a slide', async (t) => {
  const theme = `${FILES['slides/theme.css']}
section { --marp-shiki-token-comment: rgb(1, 2, 3); }
section figure.code pre { background: rgb(4, 5, 6) !important; }`;
  const { root, deck } = await open(t, { 'slides/theme.css': theme });
  const page = join(root, 'programs.html');
  writeFileSync(page, (await programs(deck))(new Map()));
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const tab = await browser.newPage();
  await tab.goto(pathToFileURL(page).href);
  const found = await tab.evaluate(() => {
    /** @type {(selector: string) => CSSStyleDeclaration} */
    const style = (selector) =>
      getComputedStyle(/** @type {Element} */ (document.querySelector(selector)));
    const section = style('section');
    return [
      style('section .line span').color,
      style('section pre').backgroundColor,
      section.display,
      section.padding,
    ];
  });
  assert.deepEqual(found, ['rgb(1, 2, 3)', 'rgb(4, 5, 6)', 'block', '0px']);
});

test('a long output is shortened to its ends, and says so', async (t) => {
  const { deck } = await open(t);
  const html = (await programs(deck))(new Map());
  const printed = words(`<body>${/<pre class="screen">.*?<\/pre>/s.exec(html)}`);
  assert.match(printed, /3 6 3 7 … 26 lines are left out … 3 34 3 35 3 36 3 37 3 38 3 39 $/);
});
