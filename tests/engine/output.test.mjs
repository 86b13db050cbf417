import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cast, render } from './repository.mjs';

const CODE = 'print("<b>4</b>")\n';
const SNIPPET = { 'snippets/ray/client.py': CODE };

test('an output is the screen of its recording, with command and proof', async (t) => {
  const { html, faults } = await render(
    t,
    '# Ray\n\n>>> ray/client.py\n',
    {
      ...SNIPPET,
      'snippets/ray/client.py.cast': cast({ 'ray/client.py': CODE }, ['<b>4</b> & "5"\r\n']),
    },
    { draft: false },
  );
  assert.deepEqual(faults, []);
  assert.match(
    html,
    /<figure class="output" data-snippet="ray\/client\.py" data-run="ray\/client\.py" data-line="3" style="--rows:3">/,
  );
  assert.match(html, /<pre class="screen">&lt;b&gt;4&lt;\/b&gt; &amp; &quot;5&quot;<\/pre>/);
  assert.match(html, /<span class="command">python snippets\/ray\/client\.py<\/span>/);
  assert.match(
    html,
    /<title>recorded with Dask 2026\.8\.0 and Ray 2\.60\.0, proved by pytest<\/title>/,
  );
});

test('a pane has a row for each line', async (t) => {
  const { html } = await render(t, '>>> ray/client.py\n', {
    ...SNIPPET,
    'snippets/ray/client.py.cast': cast({ 'ray/client.py': CODE }, [
      '1\r\n2\r\n3\r\n4\r\n5\r\n\r\n',
    ]),
  });
  assert.match(html, /style="--rows:5"/);
});

/** @type {[name: string, recording: string | undefined, message: string][]} */
const FAULTS = [
  ['missing', undefined, 'no recording proves ray/client.py'],
  [
    'stale',
    cast({ 'ray/client.py': 'print(5)\n' }, ['5\r\n']),
    'snippets/ray/client.py.cast is stale: ray/client.py has changed',
  ],
  ['corrupt', 'not JSON\n', 'snippets/ray/client.py.cast is corrupt: the header is not JSON'],
];

for (const [name, recording, message] of FAULTS) {
  test(`a ${name} recording is a fault that names file and remedy`, async (t) => {
    const { faults } = await render(
      t,
      '---\ntitle: x\n---\n\n>>> ray/client.py\n',
      {
        ...SNIPPET,
        ...(recording === undefined ? {} : { 'snippets/ray/client.py.cast': recording }),
      },
      { draft: false },
    );
    assert.deepEqual(faults, [`slides/deck.md:5: ${message}; npm run record ray/client.py`]);
  });
}

test('an output must name a snippet', async (t) => {
  const { faults } = await render(t, '>>> ray/client.py#connect\n', SNIPPET);
  assert.deepEqual(faults, [
    "slides/deck.md:1: '>>> ray/client.py#connect' is no output; write '>>> folder/file.py'",
  ]);
});

test('an output of a snippet that is not there suggests the nearest', async (t) => {
  const { faults } = await render(t, '>>> ray/clent.py\n', SNIPPET);
  assert.deepEqual(faults, [
    "slides/deck.md:1: no snippet 'ray/clent.py'; did you mean 'ray/client.py'?",
  ]);
});
