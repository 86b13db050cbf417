import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSteps, stepCss } from '../../../../engine/render/steps.mjs';
import { render } from '../repository.mjs';

test('steps are parted by bars, lines by commas', () => {
  const steps = parseSteps('1-2|4, 6|all', 6, 'a.py').map((lines) => [...lines]);
  assert.deepEqual(steps, [
    [1, 2],
    [4, 6],
    [1, 2, 3, 4, 5, 6],
  ]);
  assert.deepEqual(parseSteps(undefined, 6, 'a.py'), []);
});

for (const ranges of ['', '1|', '1-', '-2', '1..2', '1 2', 'All', '1-2-3', '1.5']) {
  test(`{${ranges}} is no line range`, () => {
    assert.throws(() => parseSteps(ranges, 6, 'a.py'), / is no line range; write lines as/);
  });
}

test('only a deck with steps has rules for them, as many as its longest code', async (t) => {
  const files = { 'snippets/a.py': 'x = 1\ny = 2\n' };
  const without = await render(t, '<<< a.py\n', files);
  assert.doesNotMatch(without.css, /data-steps~=/);
  const { css } = await render(t, '<<< a.py {1|2|all}\n\n---\n\n<<< a.py {1}\n', files);
  assert.match(css, /data-steps~="2"/);
  assert.doesNotMatch(css, /data-steps~="3"/);
  assert.equal(stepCss(0, 'screen'), '');
});
