import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { cast, render } from '../repository.mjs';

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
    /<svg class="recorded" [^>]*><title>recorded with Python 3\.11\.7, Dask 2026\.8\.0, Ray 2\.60\.0; no test has compared it since \(npm test\)<\/title>/,
  );
});

/**
 * What the tests leave when they found this recording to be true.
 *
 * @param {string} recording
 */
function proofOf(recording) {
  const digest = `sha256:${createHash('sha256').update(recording).digest('hex')}`;
  const versions = { python: '3.12.1', dask: '2026.8.0', ray: '2.60.0' };
  const proof = { recording: digest, at: '2026-11-25T05:00:00+00:00', commit: 'abc1234', versions };
  return JSON.stringify({ 'ray/client.py': proof });
}

const CAST = cast({ 'ray/client.py': CODE }, ['<b>4</b>\r\n']);

test('an output is proved by a run of the tests', async (t) => {
  const files = {
    ...SNIPPET,
    'snippets/ray/client.py.cast': CAST,
    'dist/proof.json': proofOf(CAST),
  };
  const { html, deck } = await render(t, '>>> ray/client.py\n', files);
  assert.equal(deck.blocks[0].proved, true);
  assert.match(
    html,
    /<svg class="proved" [^>]*><title>recorded with [^;]*; proved by pytest 2026-11-25 with Python 3\.12\.1, Dask 2026\.8\.0, Ray 2\.60\.0, commit abc1234</,
  );
});

test('an output that was changed by hand is not proved', async (t) => {
  const files = {
    ...SNIPPET,
    'snippets/ray/client.py.cast': CAST.replace('4', '5'),
    'dist/proof.json': proofOf(CAST),
  };
  const { html, deck } = await render(t, '>>> ray/client.py\n', files);
  assert.deepEqual(
    deck.blocks.map(({ recorded, proved }) => ({ recorded, proved })),
    [{ recorded: true, proved: false }],
  );
  assert.doesNotMatch(html, /class="proved"/);
});

test('a proof that is no JSON is told', async (t) => {
  const files = { ...SNIPPET, 'snippets/ray/client.py.cast': CAST, 'dist/proof.json': '{' };
  await assert.rejects(render(t, '>>> ray/client.py\n', files), {
    message: 'dist/proof.json is not what the tests write; remove it and run: npm test',
  });
});

test('a failure that was meant is shown with its status', async (t) => {
  const recording = cast({ 'ray/client.py': CODE }, ['ZeroDivisionError\r\n'], { status: 1 });
  const { html, faults } = await render(
    t,
    '>>> ray/client.py\n',
    { ...SNIPPET, 'snippets/ray/client.py.cast': recording },
    { draft: false },
  );
  assert.deepEqual(faults, []);
  assert.match(html, /<\/span> <span class="exit">exit 1<\/span>/);
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
  ['corrupt', 'not JSON\n', 'snippets/ray/client.py.cast:1: damaged: it is not JSON'],
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
    "slides/deck.md:1: '>>> ray/client.py#connect' is no output; write '>>> folder/file.py {1-10}'",
  ]);
});

test('an output of a snippet that is not there suggests the nearest', async (t) => {
  const { faults } = await render(t, '>>> ray/clent.py\n', SNIPPET);
  assert.deepEqual(faults, [
    "slides/deck.md:1: no snippet 'ray/clent.py'; did you mean 'ray/client.py'?",
  ]);
});
