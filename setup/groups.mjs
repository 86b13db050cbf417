/** Which groups of Python packages the snippets need: one for each kind of cluster, and others. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @param {string} root the repository
 * @returns {string[]} groups in pyproject.toml of whose packages no program in snippets/ speaks, and
 *   no check
 */
export function unneededGroups(root) {
  const project = readFileSync(join(root, 'pyproject.toml'), 'utf8');
  const [, groups = ''] = project
    .split('\n[dependency-groups]\n')
    .map((part) => part.split('\n[')[0]);
  const texts = textsIn(join(root, 'snippets'));
  return [...groups.matchAll(/^(\w+) = \[(.+)\]$/gm)]
    .filter(([, name, packages]) => {
      const names = [name, ...[...packages.matchAll(/"([\w-]+)/g)].map(([, word]) => word)];
      return !new RegExp(`\\b(${names.join('|')})\\b`).test(texts);
    })
    .map(([, name]) => name);
}

/** @param {string} folder @returns {string} names and texts of its programs and checks */
function textsIn(folder) {
  if (!existsSync(folder)) return '';
  return (
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(py|sh|json)$/.test(name) && !/(^|\/)\./.test(name))
      // Links may lead nowhere, and folders may be named like programs.
      .filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile())
      .map((name) => `${name}\n${readFileSync(join(folder, name), 'utf8')}`)
      .join('\n')
  );
}
