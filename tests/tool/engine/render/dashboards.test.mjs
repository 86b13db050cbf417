import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from '../repository.mjs';

const FILES = { 'assets/stream.png': 'PNG' };
const ADDRESS = 'http://127.0.0.1:8787/individual-task-stream';

test('a picture described as a dashboard carries the address of the live one', async (t) => {
  const markdown = `![dashboard Dask's task stream](../assets/stream.png "${ADDRESS}")\n`;
  const { html, faults } = await render(t, markdown, FILES);
  assert.deepEqual(faults, []);
  const [, address, picture] =
    /<figure class="dashboard" data-src="([^"]*)">(<img [^>]*>)<\/figure>/.exec(html) ?? [];
  assert.equal(address, ADDRESS);
  assert.match(picture, / src="data:image\/png;base64,UE5H" alt="Dask[’']s task stream"/);
  assert.doesNotMatch(html, /title="http/);
});

test('a picture that only mentions a dashboard is a picture', async (t) => {
  const { html } = await render(t, `![The dashboard](../assets/stream.png "${ADDRESS}")\n`, FILES);
  assert.doesNotMatch(html, /<figure class="dashboard"/);
});

/** @type {[name: string, markdown: string, fault: RegExp][]} */
const FAULTS = [
  [
    'no address',
    '![dashboard Tasks](../assets/stream.png)',
    /a dashboard without an address; add it as the title: !\[dashboard /,
  ],
  [
    'no description',
    `![dashboard](../assets/stream.png "${ADDRESS}")`,
    /a dashboard without a description; say what it shows: !\[dashboard /,
  ],
  [
    'an address elsewhere',
    '![dashboard Tasks](../assets/stream.png "http://example.org:8787/status")',
    /no dashboard of this machine is at http:\/\/example\.org:8787\/status; use that of a cluster, as in http:\/\/127\.0\.0\.1:8787\/status$/,
  ],
  [
    'what is no address',
    '![dashboard Tasks](../assets/stream.png "tasks")',
    /no dashboard of this machine is at tasks/,
  ],
  [
    'no picture',
    `![dashboard Tasks](../assets/none.png "${ADDRESS}")`,
    /no picture \.\.\/assets\/none\.png/,
  ],
  [
    'company in its paragraph',
    `Look: ![dashboard Tasks](../assets/stream.png "${ADDRESS}")`,
    /a dashboard beside something else; give it a paragraph of its own/,
  ],
];

for (const [name, markdown, fault] of FAULTS) {
  test(`a dashboard with ${name} is a fault of its line`, async (t) => {
    const { faults } = await render(t, `# A\n\n${markdown}\n`, FILES);
    assert.equal(faults.length, 1);
    assert.match(faults[0], new RegExp(`^slides/deck\\.md:3: ${fault.source}`));
  });
}
