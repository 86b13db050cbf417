import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseRecording, readRecordings } from '../../../../engine/read/recordings.mjs';
import { cast, repository } from '../repository.mjs';

const ID = 'ray/client.py';

/** @type {{ header: string, good: Record<string, string[]>, damaged: Record<string, [string[], number, string]> }} */
const { header, good, damaged } = JSON.parse(
  readFileSync(new URL('../../recordings.json', import.meta.url), 'utf8'),
);

/** @param {string[]} lines */
function parse(lines) {
  const text = lines.map((line) => {
    const [, changes = '{}'] = /^HEADER ?(.*)$/.exec(line) ?? [];
    if (!line.startsWith('HEADER')) return line;
    return JSON.stringify({ ...JSON.parse(header), ...JSON.parse(changes || '{}') });
  });
  return parseRecording(Buffer.from(`${text.join('\n')}\n`), 'a.py');
}

test('a recording is read whole', () => {
  const recording = parseRecording(
    Buffer.from(cast({ [ID]: 'print(4)\n' }, ['4\r\n'], { status: 3 })),
    ID,
  );
  assert.equal(recording.command, 'python snippets/ray/client.py');
  assert.deepEqual(recording.events, [
    [0.1, 'o', '4\r\n'],
    [0.1, 'x', '3'],
  ]);
  assert.equal(recording.status, 3);
  assert.equal(recording.versions.dask, '2026.8.0');
});

for (const [name, lines] of Object.entries(good))
  test(`${name} is sound`, () => {
    assert.equal(parse(lines).events.at(-1)?.[1], 'x');
  });

for (const [name, [lines, line, message]] of Object.entries(damaged))
  test(`${name} is damage`, () => {
    assert.throws(() => parse(lines), { line, message });
  });

test('what is no UTF-8 is damage', () => {
  assert.throws(() => parseRecording(new Uint8Array([0xff]), ID), {
    line: 1,
    message: 'it is no text in UTF-8',
  });
});

test('without poetry.lock nothing is believed', async (t) => {
  const root = repository(t, FRESH);
  rmSync(join(root, 'poetry.lock'));
  await assert.rejects(
    readRecordings(root),
    /^Error: no poetry.lock, so nothing says which versions/,
  );
});

/** @type {[name: string, files: Record<string, string>, fault: string][]} */
const STALE = [
  [
    'a changed source',
    { 'snippets/ray/script.py': 'x = 2\n' },
    'snippets/ray/client.py.cast is stale: ray/script.py has changed',
  ],
  [
    'another Ray',
    { 'poetry.lock': '[[package]]\nname = "ray"\nversion = "2.61.0"\n' },
    'snippets/ray/client.py.cast is stale: ray is 2.61.0 in poetry.lock, recorded with 2.60.0',
  ],
];
const SOURCES = { [ID]: 'import script\n', 'ray/script.py': 'x = 1\n' };
const FRESH = {
  'snippets/ray/client.py': SOURCES[ID],
  'snippets/ray/script.py': SOURCES['ray/script.py'],
  'snippets/ray/client.py.cast': cast(SOURCES, ['4\r\n']),
};

for (const [name, files, fault] of STALE) {
  test(`${name} makes a recording stale`, async (t) => {
    const recordings = await readRecordings(repository(t, { ...FRESH, ...files }));
    assert.equal(recordings.get(ID)?.fault, fault);
    assert.equal(recordings.get(ID)?.screen, undefined);
  });
}

test('a source that is gone makes a recording stale', async (t) => {
  const { 'snippets/ray/script.py': _gone, ...files } = FRESH;
  const recordings = await readRecordings(repository(t, files));
  assert.equal(
    recordings.get(ID)?.fault,
    'snippets/ray/client.py.cast is stale: ray/script.py is gone',
  );
});

test('a fresh recording has a screen and no fault', async (t) => {
  const recordings = await readRecordings(repository(t, FRESH));
  assert.equal(recordings.get(ID)?.fault, undefined);
  assert.equal(recordings.get(ID)?.screen?.text, '4');
});
