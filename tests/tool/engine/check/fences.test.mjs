import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from '../repository.mjs';

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

test('an import inside HTML is a fault, not text on the slide', async (t) => {
  const { faults } = await render(t, '# A\n\n<div>\n<<< a.py\n>>> a.py\n</div>\n');
  const why = 'inside HTML is only text; leave a blank line above it';
  assert.deepEqual(faults, [
    `slides/deck.md:4: '<<< a.py' ${why}`,
    `slides/deck.md:5: '>>> a.py' ${why}`,
  ]);
});

test('a note or style that is not closed is a fault, not slides lost', async (t) => {
  const lost = 'not closed, so that the slides after it are lost in it; end it with';
  for (const [markdown, end] of [
    ['# A\n\n<!--\nSay: a\n\n---\n\n# B\n', '-->'],
    ['# A\n\n<!--\nSay: a\n\n---\n\n# B\n\n<!--\nSay: b\n-->\n', '-->'],
    ['# A\n\n<style>\nh1 { color: red }\n\n---\n\n# B\n', '</style>'],
  ]) {
    const { faults } = await render(t, markdown);
    assert.deepEqual(faults, [`slides/deck.md:3: ${lost} '${end}'`], markdown);
  }
});
