import { execFileSync } from 'node:child_process';

/**
 * @param {string} root the repository
 * @returns {Map<string, string>} snippet id to the day its recording was committed
 */
export function recordedOn(root) {
  // A clone cut short ascribes every file to its oldest commit.
  if (git(root, 'rev-parse', '--is-shallow-repository') === 'true') return new Map();
  const log = git(
    root,
    'log',
    '--format=%x00%cs',
    '--name-only',
    '--relative',
    '--',
    'snippets/*.cast',
  );
  /** @type {Map<string, string>} */
  const days = new Map();
  for (const commit of log.split('\0').slice(1)) {
    const [day, ...paths] = commit.split('\n').filter(Boolean);
    for (const path of paths) {
      const id = path.replace(/^snippets\/|\.cast$/g, '');
      if (!days.has(id)) days.set(id, day);
    }
  }
  // Recorded again and not committed: on a day that git does not know.
  for (const line of git(root, 'status', '--porcelain', '--', 'snippets/*.cast').split('\n'))
    days.delete(line.replace(/^.*snippets\/|\.cast"?$/g, ''));
  return days;
}

/**
 * @param {string} root the repository
 * @param {Map<string, import('./recordings.mjs').Recording>} recordings
 * @returns {Record<string, string>}
 */
export function readFacts(root, recordings) {
  const commit = git(root, 'rev-parse', '--short', 'HEAD');
  const dirty = git(root, 'status', '--porcelain') ? '+' : '';
  return {
    versions: versions(recordings),
    date: git(root, 'log', '-1', '--format=%cs') || 'not committed',
    commit: commit ? `${commit}${dirty}` : 'not committed',
  };
}

/**
 * What the recordings ran on; of Python only the minor version, which is what matters.
 *
 * @param {Map<string, import('./recordings.mjs').Recording>} recordings
 */
function versions(recordings) {
  const sound = [...recordings.values()].filter(({ fault }) => !fault);
  const names = sound
    .flatMap(({ versions }) => Object.entries(versions))
    .map(([name, version]) => {
      const shown = name === 'python' ? version.replace(/\.\d+$/, '') : version;
      return `${name.charAt(0).toUpperCase()}${name.slice(1)} ${shown}`;
    });
  const python = names.filter((name) => name.startsWith('Python ')).sort();
  return [...new Set([...python, ...names])].join(' · ');
}

/**
 * @param {string} root
 * @param {string[]} args
 * @returns {string} empty outside a repository
 */
function git(root, ...args) {
  try {
    return execFileSync('git', ['-C', root, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
