import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adopt as adoptDeck } from '../../../../engine/adopt/deck.mjs';
import { repository } from '../repository.mjs';

const IMPORT = fileURLToPath(import.meta.resolve('../../../../engine/adopt.mjs'));
export const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>';

/** @typedef {import('node:test').TestContext} TestContext */

/**
 * @param {string} root
 * @param {string[]} args
 */
export function run(root, ...args) {
  const options = /** @type {const} */ ({ cwd: root, encoding: 'utf8' });
  const { status, stdout, stderr } = spawnSync(process.execPath, [IMPORT, ...args], options);
  return { status, stdout, stderr };
}

/**
 * Import an old deck into a repository that has these files besides.
 *
 * @param {TestContext} t
 * @param {string} markdown
 * @param {Record<string, string>} [files]
 */
export function adopt(t, markdown, files = {}) {
  const root = repository(t, { 'old/Talk.md': markdown, ...files });
  const stdout = inside(root, () => adoptDeck('old/Talk.md', '.'));
  assert.equal(readFileSync(join(root, 'old/Talk.md'), 'utf8'), markdown);
  const read = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8');
  const told = stdout.split('\n').filter((line) => line.startsWith('old/Talk.md:'));
  return { root, read, stdout, told: told.map((line) => line.slice('old/Talk.md:'.length)) };
}

/**
 * As the command does, less the time that a process of its own takes.
 *
 * @param {string} root
 * @param {() => string} action
 */
function inside(root, action) {
  const before = process.cwd();
  process.chdir(root);
  try {
    return action();
  } finally {
    process.chdir(before);
  }
}

/** @param {string} root @param {string} folder */
export function names(root, folder) {
  return readdirSync(join(root, folder)).sort();
}
