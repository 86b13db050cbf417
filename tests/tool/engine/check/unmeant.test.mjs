import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from '../repository.mjs';

const SPACES = 'write an address without spaces (%20 stands for one)';

/** @type {Record<string, string>} a deck and its one fault */
const FAULTS = {
  '# A\n\n![w:200](../assets/my plot.svg)\n': `3: '![w:200](../assets/my plot.svg)' is shown as text; ${SPACES}`,
  'see\n[here](http://a b)\n': `2: '[here](http://a b)' is shown as text; ${SPACES}`,
  '# To the moon :rocket:\n': "1: ':rocket:' is shown as text; write the emoji itself",
  'Euler:\n$e^{\\ii}$ and\n':
    "2: 'e^{\\ii}' is no formula: Undefined control sequence \\ii; correct it",
  '# A\n\n$$\nx {\n$$\n':
    "3: 'x {' is no formula: Extra open brace or missing close brace; correct it",
  '# A\n\n$$\nx\n\n---\n\n# B\n':
    "3: a formula that is not closed, so that the slides after it are lost in it; end it with '$$'",
  '- one\n- so $$x_i + y_i$$\n':
    "2: '$$x_i + y_i$$' is shown as text; write it as a paragraph of its own, or with one $ on each",
  '# A\n\n<!-- include: more.md -->\n':
    "3: 'include: more.md' includes nothing; write the slides into the deck itself",
  '<!-- @include more.md -->\n':
    "1: '@include more.md' includes nothing; write the slides into the deck itself",
  '# A\n\n<!-- _clas: big -->\n': "3: no directive '_clas'; did you mean '_class'?",
  '# A <!-- _clas: big -->\n': "1: no directive '_clas'; did you mean '_class'?",
  '<!-- pagination: true -->\n': "1: no directive 'pagination'; did you mean 'paginate'?",
  '<!--\nclass: title\n_paginate: sometimes\n-->\n':
    "3: paginate has no 'sometimes'; write true, false, hold, skip",
  '# A\n\n<!--\nTime: a minute\n-->\n':
    "4: 'Time: a minute' is no number of minutes; write 'Time: 1.5'",
  '---\npaginate: 3\n---\n': "2: paginate has no '3'; write true, false, hold, skip",
  '---\npdf: step\n---\n': "2: pdf has no 'step'; write whole, steps",
  '# A\n\n<!-- pdf: steps -->\n': "3: 'pdf' is of the whole deck; write it in the front matter",
  '---\ntitle: A\nmath: katex\n---\n': "3: math has no 'katex'; write mathjax",
  '---\ntitlee: A\n---\n': "2: no directive 'titlee'; did you mean 'title'?",
  '---\ntitle: "A\n---\n\n# A\n': '3: the front matter is no YAML',
  '---\ntheme: distributd\n---\n':
    '2: no theme distributd (has: default, gaia, uncover, distributed)',
  '# A\n\n<!-- theme: distributd -->\n':
    '3: no theme distributd (has: default, gaia, uncover, distributed)',
  '---\nclass: titlee\n---\n\n# A\n': "1: no style for the class 'titlee'; did you mean 'title'?",
  '# A\n\n---\n\n<!-- _class: purple-rain-zz -->\n\n# B\n':
    "3: no style for the class 'purple-rain-zz'; remove it, or define it in the theme",
};

for (const [markdown, fault] of Object.entries(FAULTS))
  test(`${JSON.stringify(markdown)} does not pass in silence`, async (t) => {
    const { faults } = await render(t, markdown, {
      'slides/theme.css':
        "/* @theme distributed */\n@import 'uncover';\nsection.title { color: red }\n",
    });
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.ok(faults[0].startsWith(`slides/deck.md:${fault}`), faults[0]);
  });

for (const markdown of [
  'It costs $5 and $7, or $5/$7.\n',
  'At 10:30:15, `:rocket:`, `$x$` and `[a](b c)` are code, a::b is a name.\n',
  '<!--\nTime: 1\nSay: note: remember this\nmind: the gap\n-->\n',
  '<!-- _class: title -->\n\n# A\n\ntheme: is a word\n\ntheme: none\n',
  '# A\n\n<style>\n.mine { color: red }\n</style>\n\n---\n\n<!-- _class: mine -->\n\n# B\n',
])
  test(`${JSON.stringify(markdown)} is meant`, async (t) => {
    const { faults } = await render(t, markdown, {
      'slides/theme.css':
        "/* @theme distributed */\n@import 'uncover';\nsection.title { color: red }\n",
    });
    assert.deepEqual(faults, []);
  });

test('a second Markdown file beside the deck is told', async (t) => {
  const files = { 'slides/more.md': '# More\n', 'slides/README.md': '# How\n' };
  const { faults } = await render(t, '# A\n', files);
  assert.deepEqual(faults, [
    'slides/deck.md:1: slides/more.md is not shown: the deck is deck.md alone; move its slides there',
  ]);
});

test('a mark of byte order and the line ends of Windows change nothing', async (t) => {
  const markdown = '---\ntheme: distributed\ntitle: A\n---\n\n# A\n\n<<< b.py\n';
  for (const text of [`\ufeff${markdown}`, markdown.replaceAll('\n', '\r\n')]) {
    const { faults } = await render(t, text);
    assert.deepEqual(faults, [
      "slides/deck.md:8: no snippet 'b.py'; correct its path under snippets/",
    ]);
  }
});
