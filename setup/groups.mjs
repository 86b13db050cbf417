/** Which groups of Python packages the snippets need: there is one for each kind of cluster. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root the repository
 * @returns {string[]} groups in pyproject.toml of whose packages no program in snippets/ speaks
 */
export function unneededGroups(root) {
  const project = readFileSync(join(root, 'pyproject.toml'), 'utf8');
  const [, groups = ''] = project
    .split('\n[dependency-groups]\n')
    .map((part) => part.split('\n[')[0]);
  const programs = textsIn(join(root, 'snippets'));
  return [...groups.matchAll(/^(\w+) = \[(.+)\]$/gm)]
    .filter(([, name, packages]) => {
      const names = [name, ...[...packages.matchAll(/"(\w+)/g)].map(([, word]) => word)];
      return !new RegExp(`\\b(${names.join('|')})\\b`).test(programs);
    })
    .map(([, name]) => name);
}

/** @param {string} folder @returns {string} names and texts of all programs in it */
function textsIn(folder) {
  if (!existsSync(folder)) return '';
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(py|sh)$/.test(name))
    .map((name) => `${name}\n${readFileSync(join(folder, name), 'utf8')}`)
    .join('\n');
}
