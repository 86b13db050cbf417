import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { Deck } from '../../../../engine/read/deck.mjs';
import { readHistory } from '../../../../engine/read/git.mjs';
import { substituteFacts } from '../../../../engine/render/facts.mjs';
import { cast, render, repository, write } from '../repository.mjs';

const CODE = 'print(4)\n';
const RECORDED = {
  'snippets/a.py': CODE,
  'snippets/a.py.cast': cast({ 'a.py': CODE }, ['4\r\n']),
};

/**
 * @param {string} root
 * @param {string[]} args
 */
function git(root, ...args) {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
  return execFileSync('git', ['-C', root, ...who, ...args], { encoding: 'utf8' }).trim();
}

/**
 * @param {string} root
 * @param {string} day
 */
function commitOn(root, day) {
  process.env.GIT_COMMITTER_DATE = day;
  git(root, 'commit', '--quiet', '--message', day);
  delete process.env.GIT_COMMITTER_DATE;
}

test('versions are those that were recorded and are locked', async (t) => {
  const { html } = await render(t, '# Thanks\n\n{{versions}}\n', RECORDED);
  assert.match(html, /<p>Python 3\.11 · Dask 2026\.8\.0 · Ray 2\.60\.0<\/p>/);
});

test('facts stand in footers and headings, too', async (t) => {
  const { html } = await render(
    t,
    '# {{ versions }}\n\n<!-- _footer: "{{versions}}" -->\n',
    RECORDED,
  );
  assert.match(html, /<h1[^>]*>Python 3\.11/);
  assert.match(html, /<footer>Python 3\.11/);
});

test('an unknown fact is a fault of its line', async (t) => {
  const { faults } = await render(
    t,
    '---\ntitle: x\n---\n\n# A\n\n{{version}} {{commit}} {{}} {{constructor}} {{the day}}\n',
  );
  const has = '(has: versions, date, commit)';
  assert.deepEqual(faults, [
    `slides/deck.md:7: no fact 'version' ${has}; did you mean 'versions'?`,
    `slides/deck.md:7: no fact '' ${has}; use one of these`,
    `slides/deck.md:7: no fact 'constructor' ${has}; use one of these`,
    `slides/deck.md:7: no fact 'the day' ${has}; use one of these`,
  ]);
});

test('the commit is that of the repository, marked when something differs from it', async (t) => {
  const root = repository(t, RECORDED);
  git(root, 'init', '--quiet');
  git(root, 'add', '.');
  git(root, 'commit', '--quiet', '--message', 'One', '--date', '2026-02-03T12:00:00Z');
  const short = git(root, 'rev-parse', '--short', 'HEAD');
  const clean = await Deck.open(root);
  assert.equal(substituteFacts('at {{commit}}', clean), `at ${short}`);
  assert.equal(clean.facts.date, git(root, 'log', '-1', '--format=%cs'));
  assert.match(clean.proofOf('a.py'), new RegExp(`^recorded ${clean.facts.date} with Python`));

  write(root, 'snippets/b.py', 'x = 1\n');
  const dirty = await Deck.open(root);
  assert.equal(substituteFacts('at {{commit}}', dirty), `at ${short}+`);
});

test('outside git a deck says so rather than a commit', async (t) => {
  const { deck } = await render(t, '# A\n');
  assert.equal(deck.facts.commit, 'not committed');
  assert.equal(deck.facts.date, 'not committed');
});

test('the day of a recording is that of its commit, or unknown', async (t) => {
  const root = repository(t, RECORDED);
  git(root, 'init', '--quiet');
  git(root, 'add', '.');
  commitOn(root, '2025-01-01T12:00:00');
  write(root, 'snippets/b.py', 'x = 1\n');
  git(root, 'add', '.');
  commitOn(root, '2026-03-03T12:00:00');
  assert.deepEqual([...(await readHistory(root)).recordedOn], [['a.py', '2025-01-01']]);

  const shallow = join(repository(t, {}), 'clone');
  git(root, 'clone', '--quiet', '--depth', '1', `file://${root}`, shallow);
  assert.deepEqual([...(await readHistory(shallow)).recordedOn], [], 'it knows one commit only');

  write(root, 'snippets/a.py.cast', cast({ 'a.py': CODE }, ['5\r\n']));
  assert.deepEqual(
    [...(await readHistory(root)).recordedOn],
    [],
    'recorded again, and not committed',
  );
});
