import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finishHtml, outsideAddresses, recordingsJson } from '../../../../engine/write/page.mjs';
import { cast, render } from '../repository.mjs';

const EMPTY = '<html><head></head><body></body></html>';
const CODE = 'print("</script><!-- x")\n';
const FILES = {
  'snippets/a.py': CODE,
  'snippets/a.py.cast': cast({ 'a.py': CODE }, ['</script><!-- x\r\n']),
  'snippets/unused.py': CODE,
  'snippets/unused.py.cast': cast({ 'unused.py': CODE }, ['unused\r\n']),
};

test('the recordings of the deck, and only they, are in the page as they were read', async (t) => {
  const { deck } = await render(t, '<<< a.py\n', FILES);
  const html = await finishHtml(EMPTY, deck);
  const [, json] =
    /<script type="application\/json" id="recordings">(.*?)<\/script>/s.exec(html) ?? [];
  assert.deepEqual(JSON.parse(json), {
    'a.py': {
      cols: 72,
      rows: 24,
      command: 'python snippets/a.py',
      versions: { python: '3.11.7', dask: '2026.8.0', ray: '2.60.0' },
      status: 0,
      events: [
        [0.1, 'o', '</script><!-- x\r\n'],
        [0.1, 'x', '0'],
      ],
    },
  });
});

test('no recorded text can end the script it is in', async (t) => {
  const { deck } = await render(t, '<<< a.py\n', FILES);
  assert.doesNotMatch(recordingsJson(deck), /</);
});

test('the page’s own code is inside and fetches nothing', async (t) => {
  const { deck } = await render(t, '<<< a.py\n', FILES);
  const html = await finishHtml(EMPTY, deck);
  assert.match(html, /<meta http-equiv="Content-Security-Policy" content="default-src 'none';/);
  assert.deepEqual(outsideAddresses(html), []);
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]) => script);
  assert.equal(scripts.length, 1);
  assert.doesNotThrow(() => new Function(scripts[0]));
  assert.doesNotMatch(scripts[0], /<!--|<script/i);
});

test('the page has the licences of what is copied into it, and an icon that is not asked for', async (t) => {
  const { deck } = await render(t, '# A\n');
  const html = await finishHtml(EMPTY, deck);
  const [, comment] = /<!--(.*?)-->/s.exec(html) ?? [];
  for (const owner of [
    'The xterm.js authors',
    'Marp team',
    'Mark Dalgleish',
    'The Inter Project Authors',
    'IBM Corp. with Reserved Font Name "Plex"',
    'Twitter',
  ])
    assert.match(comment, new RegExp(`Copyright .*${owner}`));
  assert.match(comment, /permission notice shall be included in all/);
  assert.match(comment, /SIL OPEN FONT LICENSE Version 1\.1/);
  assert.match(html, /<link rel="icon" href="data:,">/);
});

/** @type {[html: string, address: string][]} */
const FETCHED = [
  ['<img alt="" src="https://example.org/a.png">', 'https://example.org/a.png'],
  ["<img src='//example.org/a.png'>", '//example.org/a.png'],
  ['<img src=../assets/a.png>', '../assets/a.png'],
  ['<link rel="stylesheet" href="https://example.org/a.css">', 'https://example.org/a.css'],
  ['<style>a { background: url(https://example.org/a.png) }</style>', 'https://example.org/a.png'],
  ['<style>@import "https://example.org/a.css";</style>', 'https://example.org/a.css'],
  ['<p style="background: url(&quot;a.png&quot;)">', 'a.png'],
  ['<script>fetch("https://example.org/a.json")</script>', 'https://example.org/a.json'],
  ['<svg><image xlink:href="a.png"/></svg>', 'a.png'],
  ['<img alt="a > b" src="https://example.org/a.png">', 'https://example.org/a.png'],
  ['<img/src="https://example.org/a.png">', 'https://example.org/a.png'],
  ['<img src="https://www.w3.org/a.png">', 'https://www.w3.org/a.png'],
  ['<script src="https://example.org/a.js"></script>', 'https://example.org/a.js'],
  ['<script type="module">import "https://example.org/a.js"</script>', 'https://example.org/a.js'],
  ['<style>a { background: image-set("a.png" 1x) }</style>', 'a.png'],
];

for (const [html, address] of FETCHED) {
  test(`${html} would fetch`, () => {
    assert.deepEqual(outsideAddresses(html), [address]);
  });
}

for (const html of [
  '<a href="https://example.org">a link</a>',
  '<p>https://example.org</p>',
  '<img src="data:image/png;base64,AA">',
  '<svg xmlns="http://www.w3.org/2000/svg"><use href="#a"/></svg>',
  '<style>@font-face { src: url(data:font/woff2;base64,AA) } a { fill: url(#b) }</style>',
  '<script>new WebSocket(address); open("http://127.0.0.1:8787")</script>',
  '<script>document.createElementNS("http://www.w3.org/2000/svg", "svg")</script>',
]) {
  test(`${html} fetches nothing`, () => {
    assert.deepEqual(outsideAddresses(html), []);
  });
}

test('what one slide would fetch is told of each page that has it, and of no other', () => {
  const slide = (/** @type {string} */ inner) => `<svg data-marpit-svg="">${inner}</svg>`;
  const sound = slide('<p>A</p>');
  const would = slide('<img src="https://example.org/a.png">');
  for (const page of [sound + would, would + sound, `<p>${would}`])
    assert.deepEqual(outsideAddresses(page), ['https://example.org/a.png']);
  assert.deepEqual(outsideAddresses(sound + sound), []);
  assert.deepEqual(outsideAddresses(would), ['https://example.org/a.png']);
});

test('a page that would fetch is refused', async (t) => {
  const { deck } = await render(t, '# A\n');
  await assert.rejects(
    finishHtml(EMPTY.replace('<body>', '<body><img src="https://example.org/a.png">'), deck),
    {
      message: 'the deck would fetch https://example.org/a.png; embed it',
    },
  );
});
