import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * What git knows of a deck.
 *
 * @typedef {object} History
 * @property {string} date of the last commit
 * @property {string} commit that is checked out, with `+` if there are changes
 * @property {Map<string, string>} recordedOn snippet id to the day its recording was committed
 */

/**
 * @typedef {object} Commit
 * @property {string} name short
 * @property {string} date
 * @property {[id: string, day: string][]} days of recordings
 */

/** By repository and commit: what has happened stays. @type {Map<string, Commit>} */
const known = new Map();

/**
 * @param {string} root the repository
 * @returns {Promise<History>}
 */
export async function readHistory(root) {
  const status = await git(root, 'status', '--porcelain=v2', '--branch');
  const [, head] = /^# branch\.oid ([0-9a-f]+)$/m.exec(status) ?? [];
  if (!head) return { date: 'not committed', commit: 'not committed', recordedOn: new Map() };
  const { name, date, days } = await readCommit(root, head);
  const recordedOn = new Map(days);
  const changes = status.split('\n').filter((line) => !line.startsWith('# '));
  // Recorded again and not committed: on a day that git does not know.
  for (const line of changes) recordedOn.delete(line.replace(/^.*snippets\/|\.cast"?$/g, ''));
  return { date, commit: `${name}${changes.length > 0 ? '+' : ''}`, recordedOn };
}

/**
 * @param {string} root
 * @param {string} head commit that is checked out
 * @returns {Promise<Commit>}
 */
async function readCommit(root, head) {
  const key = `${root} ${head}`;
  const before = known.get(key);
  if (before) return before;
  const [shown, shallow] = await Promise.all([
    git(root, 'show', '--no-patch', '--format=%h %cs', head),
    git(root, 'rev-parse', '--is-shallow-repository'),
  ]);
  const [name, date] = shown.split(' ');
  // A clone cut short ascribes every file to its oldest commit.
  if (shallow === 'true') return { name, date, days: [] };
  const commit = { name, date, days: daysOf(await git(root, ...LOG)) };
  known.set(key, commit);
  return commit;
}

const LOG = ['log', '--format=%x00%cs', '--name-only', '--relative', '--', 'snippets/*.cast'];

/** @param {string} log @returns {[id: string, day: string][]} */
function daysOf(log) {
  /** @type {Map<string, string>} */
  const days = new Map();
  for (const commit of log.split('\0').slice(1)) {
    const [day, ...paths] = commit.split('\n').filter(Boolean);
    for (const path of paths) {
      const id = path.replace(/^snippets\/|\.cast$/g, '');
      if (!days.has(id)) days.set(id, day);
    }
  }
  return [...days];
}

/**
 * What the recordings ran on; of Python only the minor version, which is what matters.
 *
 * @param {Map<string, import('./recordings.mjs').Recording>} recordings
 */
export function versionsOf(recordings) {
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

const run = promisify(execFile);

/**
 * @param {string} root
 * @param {string[]} args
 * @returns {Promise<string>} empty outside a repository
 */
async function git(root, ...args) {
  const options = { maxBuffer: 2 ** 26 };
  return run('git', ['-C', root, ...args], options).then(
    ({ stdout }) => stdout.trimEnd(),
    () => '',
  );
}
