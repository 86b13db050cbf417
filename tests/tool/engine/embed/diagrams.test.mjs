import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from '../repository.mjs';

const FLOW = 'graph LR\n  A[Client] -->|submit| B[Scheduler]\n  B <--> C[Worker]\n';
const DOT = 'digraph { client -> scheduler [label="submit"] }\n';

/** @param {string} html @returns {{ alt: string, svg: string }[]} */
function pictures(html) {
  const images = html.matchAll(
    /<img [^>]*?alt="([^"]*)"[^>]*? src="data:image\/svg\+xml;base64,([^"]*)"/g,
  );
  const others = html.matchAll(/<img src="data:image\/svg\+xml;base64,([^"]*)" alt="([^"]*)"/g);
  return [
    ...[...images].map(([, alt, data]) => ({ alt, data })),
    ...[...others].map(([, data, alt]) => ({ alt, data })),
  ].map(({ alt, data }) => ({ alt, svg: Buffer.from(data, 'base64').toString() }));
}

test("a fence in Mermaid's language is drawn, in the theme's colours and font", async (t) => {
  const { html } = await render(
    t,
    `# A\n\n\`\`\`mermaid\n${FLOW.replace('\n', '\n  accDescr: A client submits\n')}\`\`\`\n`,
    {
      'slides/theme.css':
        '/* @theme distributed */\nsection { --ink: #123456; --tint: #abcdef; }\n',
    },
  );
  const [{ alt, svg }] = pictures(html);
  assert.equal(alt, 'A client submits');
  assert.match(svg, /#123456/);
  assert.match(svg, /#abcdef/);
  assert.match(svg, /@font-face\s*\{[^}]*Inter/);
  for (const word of ['Client', 'submit', 'Scheduler', 'Worker'])
    assert.match(svg, new RegExp(word));
  assert.doesNotMatch(svg, /@import|https?:\/\/(?!www\.w3\.org)/);
  assert.match(svg, /^<svg[^>]* width="\d[\d.]*" height="\d/);
});

test('pictures may be files in the languages of Mermaid and of Graphviz', async (t) => {
  const { html } = await render(
    t,
    '![w:900 A flow](../assets/a.mmd)\n\n![A graph](../assets/a.dot)\n\n---\n\n![bg](../assets/a.dot)\n',
    { 'assets/a.mmd': FLOW, 'assets/a.dot': DOT },
  );
  const [flow, graph] = pictures(html);
  assert.equal(graph.alt, 'A graph');
  assert.match(graph.svg, />scheduler</);
  assert.match(graph.svg, /font-family="Inter, sans-serif"/);
  assert.match(flow.svg, /Scheduler/);
  assert.match(html, /background-image:url\(&quot;data:image\/svg\+xml/);
});

test('the same diagram is the same picture, byte for byte', async (t) => {
  const deck = `\`\`\`mermaid\n${FLOW}accTitle: A\n\`\`\`\n\n---\n\n![A](../assets/a.mmd)\n`;
  const files = { 'assets/a.mmd': `${FLOW}accTitle: A\n` };
  const [one, other] = pictures((await render(t, deck, files)).html);
  assert.equal(one.svg, other.svg);
});

/** @type {Record<string, string>} a deck and its one fault */
const FAULTS = {
  '# A\n\n```mermaid\ngraph LR\n  A --> B\n```\n':
    "3: a diagram without words for those who cannot see it; add 'accDescr: WORDS' below its first line",
  '# A\n\n```mermaid\ngrph LR\naccDescr: A\n```\n':
    '3: the diagram cannot be drawn: No diagram type',
  '![A](../assets/bad.mmd)\n': '1: ../assets/bad.mmd cannot be drawn: Parse error on line ',
  '![A](../assets/bad.dot)\n':
    '1: ../assets/bad.dot cannot be drawn: syntax error in line 2; correct it',
  '# A\n\n![](../assets/a.dot)\n':
    '3: the diagram ../assets/a.dot has no words for those who cannot see it; write them: ![WORDS](../assets/a.dot)',
  '![w:900](../assets/a.mmd)\n': '1: the diagram ../assets/a.mmd has no words for those who',
  '```mermaid-raw\ngraph LR\n```\n': '1: a code fence written by hand; put the code into a snippet',
  '```dot\ndigraph {}\n```\n': '1: a code fence written by hand; put the code into a snippet',
};
for (const [markdown, fault] of Object.entries(FAULTS))
  test(`${JSON.stringify(markdown)} is a fault`, async (t) => {
    const { faults } = await render(t, markdown, {
      'assets/a.mmd': FLOW,
      'assets/a.dot': DOT,
      'assets/bad.mmd': 'graph LR\n  A --> \n',
      'assets/bad.dot': 'digraph { a -> \n',
    });
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.ok(faults[0].startsWith(`slides/deck.md:${fault}`), faults[0]);
  });

test('where a diagram is not drawn, it is told', async (t) => {
  const dot = 'digraph { only -> here }\n';
  const files = { 'assets/b.DOT': dot, 'assets/c.dot': `${dot}// again\n` };
  const { faults } = await render(t, '![Drawn](../assets/b.DOT)\n', files);
  assert.deepEqual(faults, []);
  const style = '# A\n\n<style>\nsection { background: url(../assets/c.dot) }\n</style>\n';
  assert.match(
    (await render(t, style, files)).faults.join(),
    /: \.\.\/assets\/c\.dot is not drawn in a style; show it as a picture: !\[WORDS\]/,
  );
});

test('where no browser is, a build says what it is for', async (t) => {
  const { CHROME_PATH } = process.env;
  t.after(() => {
    process.env.CHROME_PATH = CHROME_PATH;
  });
  process.env.CHROME_PATH = '';
  const markdown = '```mermaid\ngraph TD\n  accDescr: only here\n  X --> Y\n```\n';
  await assert.rejects(
    render(t, markdown),
    /^Error: Mermaid's diagrams are drawn by a browser: no browser; name one: CHROME_PATH=/,
  );
});
