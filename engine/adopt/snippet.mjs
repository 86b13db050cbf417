import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { comment } from '../read/languages.mjs';
import { isProgram, readExcerpt } from '../read/snippets.mjs';

/**
 * Write a snippet, so that the slide shows of it what the fence did.
 *
 * @param {string} name
 * @param {string} ending
 * @param {string} code
 * @param {import('./adoption.mjs').Adoption} adoption
 * @throws {import('../read/faults.mjs').Fault} when it cannot be imported
 */
export function keep(name, ending, code, { root, into }) {
  const id = writeNew(root, `${into}/${name}`, ending, `${code}\n`);
  const path = join(root, 'snippets', id);
  const read = (/** @type {string} */ region) => {
    const excerpt = readExcerpt(root, id, region || undefined, [id]);
    return { id, region, code: excerpt.code, whole: flat(excerpt.code) === flat(code) };
  };
  try {
    const kept = read('');
    if (kept.whole || !isProgram(id)) return kept;
    // `#!` and a docstring are shown only where a region has them.
    const [begin, end] = [comment('region slide', id), comment('endregion slide', id)];
    writeFileSync(path, `${begin}\n${code}\n${end}\n`);
    return read('slide');
  } catch (error) {
    rmSync(path);
    throw error;
  }
}

/**
 * @param {string} root
 * @param {string} stem of its id
 * @param {string} ending
 * @param {string} text
 * @returns {string} the id of a file that was not there
 */
function writeNew(root, stem, ending, text) {
  mkdirSync(dirname(join(root, 'snippets', stem)), { recursive: true });
  for (let number = 1; ; number += 1) {
    const id = `${stem}${number > 1 ? `_${number}` : ''}.${ending}`;
    try {
      writeFileSync(join(root, 'snippets', id), text, { flag: 'wx' });
      return id;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
  }
}

/** Code less its indentation, by which an import may differ. @param {string} code */
function flat(code) {
  const lines = code.split('\n').map((line) => line.trim());
  return lines.join('\n').trim();
}
