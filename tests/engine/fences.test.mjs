import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from './repository.mjs';

const REMEDY = "put the code into a snippet and import it with '<<< folder/file.py#region'";

test('every way to write code by hand is a fault of its line', async (t) => {
  const markdown = [
    '---',
    'title: x',
    '---',
    '```python',
    'x = 1',
    '```',
    '',
    '- in a list',
    '  ~~~',
    '  x = 1',
    '  ~~~',
    '',
    'text',
    '',
    '    indented = 1',
    '',
    '<div>',
    '<pre>x = 1</pre>',
    '</div>',
    '',
    'one',
    'two <code>x = 1</code>',
  ].join('\n');
  const { faults } = await render(t, markdown);
  assert.deepEqual(faults, [
    `slides/deck.md:4: a code fence written by hand; ${REMEDY}`,
    `slides/deck.md:9: a code fence written by hand; ${REMEDY}`,
    `slides/deck.md:15: indented code; ${REMEDY}, or unindent the text`,
    `slides/deck.md:18: <pre> in HTML; ${REMEDY}`,
    `slides/deck.md:22: <code> in HTML; ${REMEDY}`,
  ]);
});

test('inline code, notes and other HTML are no faults', async (t) => {
  const { faults, html } = await render(
    t,
    '# `ray.get`\n\n<div class="x">\n\nIn `two` columns\n\n</div>\n\n<!--\nAsk: what is\n\n    indented?\n-->\n',
  );
  assert.deepEqual(faults, []);
  assert.match(html, /<div class="x">/);
});
