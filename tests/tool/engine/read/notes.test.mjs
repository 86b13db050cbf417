import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notesOf } from '../../../../engine/read/notes.mjs';

for (const comments of [
  ['Time: 3\nRemember to smile.\nAnd breathe.'],
  ['Time: 3\n\nRemember to smile.\nAnd breathe.'],
  ['Time: 3', 'Remember to smile.\nAnd breathe.'],
])
  test(`what follows a time is a note of its own: ${JSON.stringify(comments)}`, () => {
    assert.deepEqual(notesOf(comments), [
      { label: 'Time', text: '3' },
      { label: '', text: 'Remember to smile. And breathe.' },
    ]);
  });

test('what follows the word for the short version is a note of its own, too', () => {
  assert.deepEqual(notesOf(['Short: yes\nAsk who has used Dask.\nSay: hello,\nall of you']), [
    { label: 'Short', text: 'yes' },
    { label: '', text: 'Ask who has used Dask.' },
    { label: 'Say', text: 'hello, all of you' },
  ]);
});
