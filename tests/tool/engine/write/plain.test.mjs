import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Marp } from '@marp-team/marp-core';
import { proofTable } from '../../../../engine/read/proof.mjs';
import { plainDeck } from '../../../../engine/write/plain.mjs';
import { cast, render } from '../repository.mjs';

const CODE = '# region show\nprint("```")\n# endregion show\n';
const FILES = { 'snippets/a.py': CODE, 'snippets/a.py.cast': cast({ 'a.py': CODE }, ['```\r\n']) };
const DECK =
  '---\ntheme: distributed\n---\n\n# A\n\n<<< a.py#show {1}\n\n>>> a.py\n\n---\n\n{{versions}}\n';

test('the plain deck is the deck with everything written out', async (t) => {
  const { deck } = await render(t, DECK, FILES);
  const fence = '````';
  assert.equal(
    plainDeck(deck),
    `---\ntheme: uncover\n---\n\n# A\n\n${fence}python\nprint("\`\`\`")\n${fence}\n\n${fence}text\n\`\`\`\n${fence}\n\n---\n\nPython 3.11 · Dask 2026.8.0 · Ray 2.60.0\n`,
  );
});

test('stock Marp shows the plain deck', async (t) => {
  const { deck } = await render(t, DECK, FILES);
  const { html } = new Marp({ script: false }).render(plainDeck(deck));
  assert.equal(html.split('<section').length - 1, 2);
  assert.match(html, /print\(&quot;```&quot;\)/);
  assert.doesNotMatch(html, /&lt;&lt;&lt;|&gt;&gt;&gt;/);
});

test('the proof names slide, line, snippet and recording of each block', async (t) => {
  const { deck } = await render(t, `${DECK}\n---\n\n<<< b.py\n`, {
    ...FILES,
    'snippets/b.py': 'x = 1\n',
  });
  assert.equal(
    proofTable(deck),
    [
      'slide    deck               block   snippet    proof      state',
      'slide 1  slides/deck.md:7   code    a.py#show  a.py.cast  recorded',
      'slide 1  slides/deck.md:9   output  a.py       a.py.cast  recorded',
      'slide 3  slides/deck.md:17  code    b.py       none       ✗ it was never recorded',
      '0 of 3 blocks proved, 2 to be proved (npm test)',
    ].join('\n'),
  );
});

test('in a list or a quote the plain deck stays in it', async (t) => {
  const { deck } = await render(t, '1. one\n\n   <<< b.py\n\n2. two\n\n> <<< b.py\n', {
    'snippets/b.py': 'x = 1\n',
  });
  const [indented, quoted] = ['   ', '> '].map((before) =>
    ['```python', 'x = 1', '```'].map((line) => before + line).join('\n'),
  );
  assert.equal(plainDeck(deck), `1. one\n\n${indented}\n\n2. two\n\n${quoted}\n`);
});

test('diagrams of the plain deck are files that were drawn', async (t) => {
  const fence = '> ```mermaid\n> graph LR\n>   accDescr: A [to] B\n>   A --> B\n> ```\n';
  const pictures = '![bg right](../assets/ä.dot)\n\n<img src="../assets/a.mmd" alt="A">\n';
  const { deck, faults } = await render(t, `# A\n\n${fence}\n${pictures}`, {
    'assets/ä.dot': 'digraph { graph_of_dot }\n',
    'assets/a.mmd': 'graph LR\n  chart_of_file\n',
  });
  assert.deepEqual(faults, []);
  const plain = plainDeck(deck);
  assert.doesNotMatch(plain, /```|\.dot|\.mmd/);
  const { html } = new Marp({ script: false }).render(plain);
  const shown = [...html.matchAll(/<img src="(.*?)"|url\(&quot;(.*?)&quot;\)/g)];
  const names = shown.map(([, image, background]) => image ?? background);
  const drawings = [...deck.drawings.values()];
  assert.deepEqual(names.sort(), drawings.map(({ name }) => name).sort());
  const svgs = drawings.map(({ uri }) => Buffer.from(uri.split(',')[1], 'base64').toString());
  for (const word of ['graph_of_dot', 'chart_of_file', '>A<'])
    assert.equal(
      svgs.filter((svg) => svg.startsWith('<svg') && svg.includes(word)).length,
      1,
      word,
    );
  assert.match(html, /<blockquote>\s*<p><img src="deck-\d\.svg" alt="A to B"/);
  assert.equal(html.match(/<blockquote/g)?.length, 1);
});
