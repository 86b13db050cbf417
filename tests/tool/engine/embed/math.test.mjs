import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from '../repository.mjs';

/** @param {string} html */
const spoken = (html) => [...html.matchAll(/aria-label="([^"]*)"/g)].map(([, words]) => words);

test('a formula in a line is a picture that is read aloud in words', async (t) => {
  const { html } = await render(t, 'So $e^{i\\pi} + 1 = 0$.\n');
  assert.match(html, /So <mjx-container role="img" [^>]*><svg [^>]*aria-hidden="true"/);
  assert.doesNotMatch(
    html,
    /<use|<text|https?:\/\/(?!www\.w3\.org)/,
    'it needs no font and no network',
  );
  assert.deepEqual(spoken(html), ['e raised to the i pi power plus 1 equals 0']);
});

test('a formula as a paragraph stands apart, on one line or several, also in a list', async (t) => {
  const { html } = await render(t, '$$x^2$$\n\n- one\n\n  $$\n  \\frac{1}{2}\n  + y\n  $$\n');
  assert.equal(html.match(/display="true"/g)?.length, 2);
  assert.deepEqual(spoken(html), ['x squared', 'one half plus y']);
});

test('what a formula defines holds in those after it, in this deck only', async (t) => {
  const { html } = await render(t, '$\\newcommand{\\R}{\\mathbb{R}} \\R$\n\n---\n\n$\\R$\n');
  assert.deepEqual(spoken(html), ['the real numbers', 'the real numbers']);
  const { faults } = await render(t, '$\\R$\n');
  assert.match(faults[0], /Undefined control sequence \\R/);
});

test('prices, shell variables and code are no formulas', async (t) => {
  const { html } = await render(t, '$5 and $6, $HOME and $PATH, \\$x\\$\n\n`$x$`\n');
  assert.doesNotMatch(html, /mjx-container/);
  assert.match(html, /\$5 and \$6, \$HOME and \$PATH, \$x\$<\/p>\s*<p><code>\$x\$<\/code>/);
});

test('no formula reaches into code, nor does a space or a digit beside a dollar make one', async (t) => {
  const { html } = await render(t, 'In $HOME and `$x`, $x$, $ 5 $ and 5$ or `a` $6 or $7.\n');
  assert.deepEqual(spoken(html), ['x']);
  assert.match(html, /In \$HOME and <code>\$x<\/code>, <mjx/);
  assert.match(html, /, \$ 5 \$ and 5\$ or <code>a<\/code> \$6 or \$7\.<\/p>/);
});
