import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proofTable } from '../../../../engine/read/proof.mjs';
import { digestOf } from '../../../../engine/read/recordings.mjs';
import { cast, render } from '../repository.mjs';

const SUBMIT =
  '# region submit\nfuture = f.remote("<&>")\nresult = ray.get(future)  # 4\n# endregion submit\n';
const FILES = { 'snippets/ray/client.py': SUBMIT };

test('an import is a figure that names snippet, region, run and line', async (t) => {
  const { html } = await render(
    t,
    '---\ntitle: Ray\n---\n\n# Ray\n\n<<< ray/client.py#submit\n',
    FILES,
  );
  assert.match(
    html,
    /<figure class="code" data-snippet="ray\/client\.py" data-region="submit" data-run="ray\/client\.py" data-line="7">\s*<pre class="shiki/,
  );
});

test('imported code is escaped and never scaled', async (t) => {
  const { html } = await render(t, '<<< ray/client.py#submit\n', FILES);
  const text = html.replace(/<[^>]*>/g, '');
  assert.match(text, /future = f\.remote\((&quot;|&#x22;|")(&lt;|&#x3C;)(&amp;|&#x26;)(&gt;|>)/);
  assert.doesNotMatch(html, /data-auto-scaling/);
});

test('facts, emoji and Markdown inside imported code stay as they are', async (t) => {
  const { html } = await render(t, '<<< a.py\n', {
    'snippets/a.py': 'x = "{{commit}} **b** 😊"\n',
  });
  assert.match(html.replace(/<[^>]*>/g, ''), /\{\{commit\}\} \*\*b\*\* 😊/);
});

test('the colours of code do not hang on how busy the machine is', async (t) => {
  const files = { 'slides/deck.md': '<<< a.yaml\n', 'snippets/a.yaml': 'a: "b"\nc: 1 # d\n' };
  const { html } = await render(t, files['slides/deck.md'], files);
  let now = 0;
  t.mock.method(Date, 'now', () => {
    now += 1000;
    return now;
  });
  assert.equal((await render(t, files['slides/deck.md'], files)).html, html);
});

test('steps are markers that Bespoke counts, the first one shown at once', async (t) => {
  const { html } = await render(t, '<<< ray/client.py#submit {1|2|all}\n', FILES);
  assert.match(html, /<section[^>]* data-marpit-fragments="2"/);
  const markers = [...html.matchAll(/<i class="step"([^>]*)>/g)].map(([, attributes]) =>
    attributes.trim(),
  );
  assert.deepEqual(markers, [
    'data-step="0" aria-hidden="true"',
    'data-step="1" aria-hidden="true" data-marpit-fragment="1"',
    'data-step="2" aria-hidden="true" data-all="" data-marpit-fragment="2"',
  ]);
  const lit = [...html.matchAll(/<span class="line" data-steps="([^"]*)"/g)].map(
    ([, steps]) => steps,
  );
  assert.deepEqual(lit, ['0 2', '1 2']);
});

test('code without steps after code with steps has none', async (t) => {
  const { html } = await render(t, '<<< ray/client.py#submit {1|2}\n\n<<< ray/client.py\n', FILES);
  assert.equal(html.split('data-steps=').length - 1, 2);
});

test('imports stand in lists and beside text, too', async (t) => {
  const { html } = await render(
    t,
    '- one\n\n  <<< ray/client.py\n\ntext\n<<< ray/client.py\n',
    FILES,
  );
  assert.equal(html.split('<figure class="code"').length - 1, 2);
});

test('all faults are reported together, each with its own line of the deck', async (t) => {
  const markdown = `---
title: Faults
---

<<< ray/client.py#submit {3}

---

<<< ray/clent.py

<<< ray/client.py#sumit

<<< ray/client.py#submit {2-1}

<<< ray/client.py#submit {one}

<<< ray/client.py submit

<<< ray/client.py#submit {0}
`;
  const { faults } = await render(t, markdown, FILES);
  const ranges = "write lines as '2', '2-3', '2,5' or 'all', steps apart by '|'";
  assert.deepEqual(faults, [
    'slides/deck.md:5: line 3 of ray/client.py#submit does not exist; its lines are 1 to 2',
    "slides/deck.md:9: no snippet 'ray/clent.py'; did you mean 'ray/client.py'?",
    "slides/deck.md:11: no region 'sumit' in ray/client.py (has: submit); did you mean 'submit'?",
    'slides/deck.md:13: the line range 2-1 runs backwards; write 1-2',
    `slides/deck.md:15: 'one' is no line range; ${ranges}`,
    "slides/deck.md:17: '<<< ray/client.py submit' is no import; write '<<< folder/file.py#region {1-2|all}'",
    'slides/deck.md:19: line 0 of ray/client.py#submit does not exist; its lines are 1 to 2',
  ]);
});

test('code that was never recorded is a fault', async (t) => {
  const { faults } = await render(t, '\n<<< ray/client.py\n', FILES, { draft: false });
  assert.deepEqual(faults, [
    'slides/deck.md:2: no recording proves ray/client.py; npm run record ray/client.py',
  ]);
});

test('a snippet is run by itself, or by the first recording that uses it', async (t) => {
  const sources = { 'ray/z.py': 'import job\n', 'ray/job.py': 'x = 1\n' };
  const { html, deck } = await render(
    t,
    '<<< ray/job.py\n\n<<< ray/z.py\n',
    {
      'snippets/ray/z.py': sources['ray/z.py'],
      'snippets/ray/job.py': sources['ray/job.py'],
      'snippets/ray/z.py.cast': cast(sources, ['done\r\n']),
    },
    { draft: false },
  );
  assert.match(html, /data-snippet="ray\/job\.py" data-run="ray\/z\.py"/);
  assert.match(html, /data-snippet="ray\/z\.py" data-run="ray\/z\.py"/);
  assert.ok(deck.blocks.every(({ recorded }) => recorded));
});

const YAML = 'services: {}\n';
const CHECKED = {
  'snippets/deploy/compose.yaml': YAML,
  'snippets/checks.json': '{"deploy/compose.yaml": "check-it --well"}',
};

test('a file that no program uses is proved by its check, or by nothing', async (t) => {
  const deck = '<<< deploy/compose.yaml\n\n>>> deploy/compose.yaml\n';
  const { faults } = await render(t, deck, { 'snippets/deploy/compose.yaml': YAML }, {});
  assert.deepEqual(faults, [
    'slides/deck.md:1: nothing proves deploy/compose.yaml; use it in a program, or write a check for it into snippets/checks.json',
    "slides/deck.md:3: deploy/compose.yaml is no program, so it prints nothing; show the file itself: '<<< deploy/compose.yaml'",
  ]);
  const declared = await render(t, '<<< deploy/compose.yaml\n', CHECKED, {});
  assert.deepEqual(declared.faults, []);
  assert.match(declared.html, /<figure class="code" data-snippet="deploy\/compose.yaml" data-line/);
  assert.match(
    proofTable(declared.deck),
    /deploy\/compose.yaml {2}check-it --well {2}to be checked\n/,
  );
});

test('a check that the tests have found to pass proves the file as it is', async (t) => {
  const proof = { file: digestOf(Buffer.from(YAML)), check: 'check-it --well', at: '', commit: '' };
  const state = async (/** @type {object} */ other) => {
    const proofs = JSON.stringify({ 'deploy/compose.yaml': { ...proof, versions: {}, ...other } });
    const files = { ...CHECKED, 'dist/proof.json': proofs };
    return proofTable((await render(t, '<<< deploy/compose.yaml\n', files, {})).deck);
  };
  assert.match(await state({}), /✓ checked\n1 of 1 blocks proved$/);
  assert.match(await state({ check: 'true' }), /to be checked\n0 of 1 blocks proved, 1 to be/);
  assert.match(await state({ file: 'sha256:0' }), /to be checked\n0 of 1 blocks proved, 1 to be/);
});

test('a file that a program uses is proved by its recording', async (t) => {
  const sources = { 'a.py': 'open("b.json")\n', 'b.json': '{}\n' };
  const { deck, html } = await render(
    t,
    '<<< b.json\n',
    {
      'snippets/a.py': sources['a.py'],
      'snippets/b.json': sources['b.json'],
      'snippets/a.py.cast': cast(sources, ['ok\r\n']),
      'snippets/checks.json': '{"b.json": "jq ."}',
    },
    {},
  );
  assert.match(proofTable(deck), /b\.json {3}a\.py\.cast {2}recorded/);
  assert.match(html, /data-snippet="b\.json" data-run="a\.py"/);
});

for (const [text, message] of [
  ['{', 'it is no JSON (Expected property name or '],
  ['[]', 'it is no object; write { "folder/file.yaml": "COMMAND" }'],
  ['{"deploy/compose.yaml": ""}', "'deploy/compose.yaml' has no command; write one that fails"],
  ['{"deploy/compos.yaml": "x"}', "no snippet 'deploy/compos.yaml'; did you mean 'deploy/compose"],
  ['{"ray/client.py": "x"}', "'ray/client.py' is a program, which is run; remove its check"],
])
  test(`checks.json with ${text} is refused`, async (t) => {
    const files = { ...FILES, ...CHECKED, 'snippets/checks.json': text };
    await assert.rejects(render(t, '# A\n', files), ({ message: told }) =>
      told.startsWith(`snippets/checks.json: ${message}`),
    );
  });

test('steps may stand close to the region, as VitePress and Slidev write them', async (t) => {
  const close = await render(t, '<<< ray/client.py#submit{1|2}\n', FILES);
  const apart = await render(t, '<<< ray/client.py#submit {1|2}\n', FILES);
  assert.deepEqual(close.faults, []);
  assert.equal(close.html, apart.html);
  assert.match(close.html, /data-region="submit"/);
});

for (const reference of ['ray/client.py:3-5', 'ray/client.py:3', 'ray/client.py#L3-L5'])
  test(`${reference} is refused with the reason`, async (t) => {
    const { faults } = await render(t, `<<< ${reference}\n`, FILES);
    assert.deepEqual(faults, [
      `slides/deck.md:1: '<<< ${reference}' names lines, which move when the file changes; mark them with '# region NAME' and '# endregion NAME' and import '#NAME'`,
    ]);
  });

for (const reference of [
  'ray/client.py#submit{}',
  'ray/client.py#submit {1} {2}',
  'ray/client.py#',
  'ray/client.py#submit#submit',
  'ray/client.py#submit {1} now',
])
  test(`${reference} is no import`, async (t) => {
    const { faults } = await render(t, `<<< ${reference}\n`, FILES);
    assert.deepEqual(faults, [
      `slides/deck.md:1: '<<< ${reference}' is no import; write '<<< folder/file.py#region {1-2|all}'`,
    ]);
  });
