import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partOf } from '../../../../engine/render/part.mjs';
import { plainDeck } from '../../../../engine/write/plain.mjs';
import { cast, render } from '../repository.mjs';

const TEXTS = ['begin', 'step 1', 'step 2', 'step 3', 'total: 6', 'the end'];
const LINES = TEXTS.map((text) => ({ text, html: text }));

/** @type {Record<string, string>} what is shown, lines parted by `|` */
const PARTS = {
  2: '…|step 1|…',
  '1-2': 'begin|step 1|…',
  '1,3-4': 'begin|…|step 2|step 3|…',
  '1-2, 5-': 'begin|step 1|…|total: 6|the end',
  '1-6': TEXTS.join('|'),
  'from "total"': '…|total: 6|the end',
  'to "step 1"': 'begin|step 1|…',
  'from "step 2" to "total"': '…|step 2|step 3|total: 6|…',
};

for (const [part, shown] of Object.entries(PARTS))
  test(`{${part}} shows what it names`, () => {
    const lines = partOf(LINES, part, 'a.py');
    assert.equal(lines.map(({ text }) => text).join('|'), shown);
  });

const EXAMPLE = `write '{1-10}', '{1-3,40-}', '{from "text"}', '{to "text"}' or '{from "text" to "text"}'`;

/** @type {Record<string, string>} */
const FAULTS = {
  7: 'line 7 of what a.py printed does not exist; its lines are 1 to 6',
  '5-9': 'line 9 of what a.py printed does not exist; its lines are 1 to 6',
  0: 'line 0 of what a.py printed does not exist; its lines are 1 to 6',
  '3-2': 'the lines 3-2 run backwards; write 2-3',
  '3,2': '{3,2} goes back; name each line once, in their order',
  '1-3,3': '{1-3,3} goes back; name each line once, in their order',
  one: `'{one}' is no part of an output; ${EXAMPLE}`,
  '1,': `'{1,}' is no part of an output; ${EXAMPLE}`,
  'at "total"': `'{at "total"}' is no part of an output; ${EXAMPLE}`,
  'from "sum"': 'a.py printed no line with "sum"; write some of a line that it prints',
  'from "step"': 'a.py printed "step" on 3 lines (2, 3, 4); write more of the line that is meant',
  'from "end" to "begin"':
    'in {from "end" to "begin"} the end is printed before the beginning; exchange them',
};

for (const [part, message] of Object.entries(FAULTS))
  test(`{${part}} is a fault`, () => {
    assert.throws(() => partOf(LINES, part, 'a.py'), { message });
  });

test('a slide and the plain deck show the part, faults name the line of the deck', async (t) => {
  const files = {
    'snippets/a.py': 'print(4)\n',
    'snippets/a.py.cast': cast({ 'a.py': 'print(4)\n' }, [`${TEXTS.join('\r\n')}\r\n`]),
  };
  const { html, deck } = await render(t, '# A\n\n>>> a.py {from "total"}\n', files);
  assert.match(html, /<pre class="screen"><span class="gap">…<\/span>\ntotal: 6\nthe end<\/pre>/);
  assert.match(html, /--rows:3/);
  assert.match(plainDeck(deck), /```text\n…\ntotal: 6\nthe end\n```/);
  const { faults } = await render(t, '# A\n\n>>> a.py {70}\n', files);
  assert.deepEqual(faults, [
    'slides/deck.md:3: line 70 of what a.py printed does not exist; its lines are 1 to 6',
  ]);
});
