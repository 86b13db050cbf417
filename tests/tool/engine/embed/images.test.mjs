import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from '../repository.mjs';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';
const DATA = `data:image/svg+xml;base64,${Buffer.from(SVG).toString('base64')}`;
const FILES = { 'assets/ray.svg': SVG };

test('pictures are embedded: inline, background, HTML and style', async (t) => {
  const { html, css, faults } = await render(
    t,
    `![w:50px The logo](../assets/ray.svg)

![bg](../assets/ray.svg)

<div><img alt="" src="../assets/ray.svg"></div>

<div><img alt="a > b" src='../assets/ray.svg'><img src=../assets/ray.svg></div>

In a line <img src="../assets/ray.svg" alt="">

<style>section { background: url('../assets/ray.svg'); }</style>

---

<!-- _backgroundImage: url(../assets/ray.svg) -->
`,
    FILES,
  );
  assert.deepEqual(faults, []);
  assert.doesNotMatch(html + css, /\.\.\/assets/);
  assert.equal(html.split(`src="${DATA}"`).length - 1, 5);
  assert.match(html, /<figure style="background-image:url\(&quot;data:image\/svg/);
  assert.match(
    html,
    /<section id="2"[^>]* style="[^"]*background-image:url\(&quot;data:image\/svg/,
  );
  assert.ok(css.includes(DATA));
  assert.match(html, /<img [^>]*alt="The logo"/);
});

test('a missing or remote picture is a fault of its line', async (t) => {
  const { faults } = await render(
    t,
    `---
title: x
---

![](../assets/ray.png)
![](../assets)
![bg](https://example.org/a.svg)

<p><img src="//example.org/b.svg"></p>
`,
    FILES,
  );
  const save = 'save it in assets/ with its licence and show that';
  assert.deepEqual(faults, [
    'slides/deck.md:5: no picture ../assets/ray.png; paths start from slides/, as in ../assets/ray.svg',
    'slides/deck.md:6: no picture ../assets; paths start from slides/, as in ../assets/ray.svg',
    `slides/deck.md:7: https://example.org/a.svg is fetched from a network; ${save}`,
    `slides/deck.md:9: //example.org/b.svg is fetched from a network; ${save}`,
  ]);
});

const STYLES = {
  'a <style>': ['\n<style>\nsection { background: url(no.svg) }\n</style>\n', 'deck.md:3'],
  'the front matter': [
    '---\nmarp: true\nstyle: "section { background: url(\\"no.svg\\") }"\n---\n\n# A\n',
    'deck.md:3',
  ],
  'the theme': ['# A\n', 'theme.css:4'],
};

for (const [where, [deck, line]] of Object.entries(STYLES))
  test(`a missing picture in ${where} is a fault of its line`, async (t) => {
    const theme =
      "/* @theme distributed */\n@import 'uncover';\n\nb { background: url(no.svg); }\n";
    const files = { ...FILES, ...(where === 'the theme' && { 'slides/theme.css': theme }) };
    const { faults } = await render(t, deck, files);
    assert.deepEqual(faults, [
      `slides/${line}: no picture no.svg; paths start from slides/, as in ../assets/ray.svg`,
    ]);
  });

test('a kind of picture that no browser shows is a fault', async (t) => {
  const { faults } = await render(t, '![](../assets/a.tiff)\n', { 'assets/a.tiff': 'x' });
  assert.match(
    faults[0],
    /^slides\/deck\.md:1: \.\.\/assets\/a\.tiff is of an unknown kind; use one of/,
  );
});

test('a picture lettered in Inter carries the font, any other is as it was', async (t) => {
  const lettered = SVG.replace('/>', ` font-family="'Inter'"><text>Ray</text></svg>`);
  const { html } = await render(t, '![Ray](../assets/ray.svg)', { 'assets/ray.svg': lettered });
  const [, data] = html.match(/src="data:image\/svg\+xml;base64,([^"]+)"/) ?? [];
  const picture = Buffer.from(data, 'base64').toString();
  assert.match(picture, /><style>@font-face \{[^<]*font\/woff2;base64,[^<]*<\/style><text>Ray/);
});

test('a name with a per cent sign is a name', async (t) => {
  const { faults } = await render(t, '<p><img src="../assets/100%.svg"></p>\n', {
    'assets/100%.svg': SVG,
  });
  assert.deepEqual(faults, []);
});

test('sound and moving pictures are embedded, with poster and captions', async (t) => {
  const files = {
    'assets/run.mp4': 'moving',
    'assets/run.vtt': 'WEBVTT',
    'assets/run.mp3': 'sound',
    ...FILES,
  };
  const { html, faults } = await render(
    t,
    `# A

<video controls poster="../assets/ray.svg" src="../assets/run.mp4"><track src="../assets/run.vtt"></video>

<audio controls><source src="../assets/run.mp3"></audio>
`,
    files,
  );
  assert.deepEqual(faults, []);
  const data = (/** @type {string} */ text) => Buffer.from(text).toString('base64');
  for (const url of [
    DATA,
    `data:video/mp4;base64,${data('moving')}`,
    `data:text/vtt;base64,${data('WEBVTT')}`,
    `data:audio/mpeg;base64,${data('sound')}`,
  ])
    assert.ok(html.includes(`="${url}"`), url);
});

test('what cannot be embedded is a fault of its line', async (t) => {
  const { faults } = await render(
    t,
    `# A

<div>

<iframe src="https://example.org/"></iframe>

<object data="../assets/ray.svg"></object>

<img srcset="../assets/ray.svg 2x" alt="">

<video src="../assets/long.mp4"></video>

</div>
`,
    { 'assets/long.mp4': 'x'.repeat(8_000_001), ...FILES },
  );
  assert.deepEqual(faults, [
    'slides/deck.md:5: <iframe> shows what is elsewhere; show a picture of it, or a dashboard: ![dashboard …](…)',
    'slides/deck.md:7: <object> shows what is elsewhere; show a picture of it, or a dashboard: ![dashboard …](…)',
    'slides/deck.md:9: srcset names several pictures; name one: src="../assets/…"',
    'slides/deck.md:11: ../assets/long.mp4 has 8.0 MB, and the deck is one file; make it 8 MB or less: shorter, smaller or more compressed',
  ]);
});
