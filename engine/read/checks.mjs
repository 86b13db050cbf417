import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nearest } from './faults.mjs';
import { isProgram } from './snippets.mjs';

const PATH = 'snippets/checks.json';

/**
 * What proves the files that no program uses: for each a command, which is given the file's path and
 * fails when something is wrong with it. The tests run it (runner/snippets/checks.py).
 *
 * @param {string} root the repository
 * @param {string[]} ids of all snippets
 * @returns {Map<string, string>} command by id; empty where the file `snippets/checks.json` is not
 * @throws {Error} when it is not what it should be
 */
export function readChecks(root, ids) {
  const path = join(root, PATH);
  if (!existsSync(path)) return new Map();
  const wrong = (/** @type {string} */ what) => new Error(`${PATH}: ${what}`);
  /** @type {unknown} */
  let checks;
  try {
    checks = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw wrong(`it is no JSON (${/** @type {Error} */ (error).message}); correct it`);
  }
  if (typeof checks !== 'object' || checks === null || Array.isArray(checks))
    throw wrong('it is no object; write { "folder/file.yaml": "COMMAND" }');
  for (const [id, command] of Object.entries(checks)) {
    if (typeof command !== 'string' || command.trim() === '')
      throw wrong(`'${id}' has no command; write one that fails when the file is wrong`);
    if (isProgram(id)) throw wrong(`'${id}' is a program, which is run; remove its check`);
    if (!ids.includes(id)) {
      const near = nearest(id, ids);
      throw wrong(`no snippet '${id}'; ${near ? `did you mean '${near}'?` : 'correct its path'}`);
    }
  }
  return new Map(Object.entries(checks));
}
