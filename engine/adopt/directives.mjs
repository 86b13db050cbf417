import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {import('./adoption.mjs').Adoption} Adoption */

/** Themes that Marp has. */
const BUILT_IN = ['default', 'gaia', 'uncover'];

/**
 * Change what front matter and comments direct that a deck of ours has not.
 *
 * @param {import('../render/marpit.mjs').Token[]} tokens
 * @param {Adoption} adoption
 */
export function adoptDirectives(tokens, adoption) {
  const own = themeOf(adoption.root);
  for (const { type, map, children } of tokens) {
    const comments = [type, ...(children ?? []).map(({ type }) => type)].includes('marpit_comment');
    if (!map || (type !== 'front_matter' && !comments)) continue;
    for (let row = map[0]; row < map[1]; row += 1) {
      const line = adoption.lines[row];
      const [, begin, name, value] =
        /^(\s*(?:<!--\s*)?(math|theme)\s*:\s*)["']?([\w-]+)["']?/.exec(line) ?? [];
      const changed =
        name === 'math'
          ? mathFor(value, row + 1, adoption)
          : name === 'theme' && themeFor(value, own, row + 1, adoption);
      if (changed)
        adoption.lines[row] =
          begin + changed + line.slice(begin.length).replace(/^["']?[\w-]+["']?/, '');
    }
  }
}

/**
 * @param {string} value
 * @param {number} line
 * @param {Adoption} adoption
 */
function mathFor(value, line, adoption) {
  if (value === 'mathjax') return undefined;
  adoption.tell(line, `'math: ${value}' is now 'math: mathjax'`, 'look at the formulas again');
  return 'mathjax';
}

/**
 * @param {string} value
 * @param {string | undefined} own
 * @param {number} line
 * @param {Adoption} adoption
 */
function themeFor(value, own, line, adoption) {
  if (BUILT_IN.includes(value) || value === own) return undefined;
  if (own === undefined)
    adoption.tell(
      line,
      `no theme ${value}`,
      `save it as slides/theme.css, or write ${BUILT_IN.join(', ')}`,
    );
  else
    adoption.tell(
      line,
      `no theme ${value}, so it is now ${own}`,
      'what it looked like goes into slides/theme.css',
    );
  return own;
}

/**
 * @param {string} root
 * @returns {string | undefined} the name of the theme that is there
 */
function themeOf(root) {
  const path = join(root, 'slides/theme.css');
  if (!existsSync(path)) return undefined;
  return /@theme\s+([\w-]+)/.exec(readFileSync(path, 'utf8'))?.[1];
}
