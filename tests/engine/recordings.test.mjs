import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRecording, readRecordings } from '../../engine/recordings.mjs';
import { cast, repository } from './repository.mjs';

const ID = 'ray/client.py';
const GOOD = cast({ [ID]: 'print(4)\n' }, ['4\r\n']);
const [HEADER, ...EVENTS] = GOOD.trim().split('\n');

test('a recording is read whole', () => {
  const recording = parseRecording(GOOD, ID);
  assert.equal(recording.command, 'python snippets/ray/client.py');
  assert.deepEqual(recording.events, [
    [0.1, 'o', '4\r\n'],
    [0.1, 'x', '0'],
  ]);
  assert.equal(recording.versions.dask, '2026.8.0');
});

/**
 * @param {object} changes
 */
function withHeader(changes) {
  return [JSON.stringify({ ...JSON.parse(HEADER), ...changes }), ...EVENTS].join('\n');
}

/** @type {[text: string, message: string][]} */
const CORRUPT = [
  ['', 'the header is not JSON'],
  [withHeader({ version: 2 }), 'its header is not of asciicast version 3'],
  [withHeader({ term: { cols: 0, rows: 24 } }), 'its header has no terminal size'],
  [withHeader({ command: undefined }), 'its header has no command'],
  [withHeader({ sources: { [ID]: 1 } }), 'its header has no sources'],
  [withHeader({ sources: {} }), 'its sources do not list ray/client.py'],
  [withHeader({ versions: null }), 'its header has no versions'],
  [HEADER, 'it is cut off: no exit event at the end'],
  [`${HEADER}\n${EVENTS[0]}`, 'it is cut off: no exit event at the end'],
  [`${HEADER}\n[0.1,"o"]\n${EVENTS[1]}`, 'event 1 is not [interval, code, text]'],
  [`${HEADER}\n[-1,"o","4"]\n${EVENTS[1]}`, 'event 1 is not [interval, code, text]'],
  [`${HEADER}\n[0.1,"o","4`, 'event 1 is not JSON'],
  [`${HEADER}\n[0.1,"x","1"]`, 'it records a failure: exit status 1'],
];

for (const [text, message] of CORRUPT) {
  test(`${message} is corrupt`, () => {
    assert.throws(() => parseRecording(text, ID), { message });
  });
}

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
