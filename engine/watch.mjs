import { once } from 'node:events';
import { join, relative, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import chokidar from 'chokidar';
import { DeckFaults } from './faults.mjs';

/** Milliseconds of quiet after a change: an editor's save is several events. */
const QUIET = 40;

/** Where the page's own code is, and in a repository what the deck is made of. */
const PAGE = join(import.meta.dirname, 'page');
const FOLDERS = ['slides', 'snippets', 'assets'];

/**
 * Build again on each change, until stdin closes or SIGTERM comes. Whoever
 * started this reads stdout: a JSON line for each build.
 *
 * @param {string} root the repository
 * @param {() => Promise<unknown>} build
 */
export async function watch(root, build) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let building = Promise.resolve();
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      building = building.then(() => report(build));
    }, QUIET);
  };
  // From the repository down, so that a folder may go away and come back, as `git stash` has it.
  const watcher = chokidar.watch([root, PAGE], {
    ignoreInitial: true,
    ignored: (path) => !concerns(root, path),
  });
  await once(watcher, 'ready');
  watcher.on('all', changed);
  watcher.on('error', (error) => say({ type: 'faults', faults: [String(error)] }));
  changed();
  await new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.stdin.once('close', resolve).once('end', resolve).resume();
  });
  await watcher.close();
  clearTimeout(timer);
  await building;
  process.stdin.destroy();
}

/**
 * @param {string} root
 * @param {string} path
 * @returns {boolean} whether the deck may be made of it
 */
function concerns(root, path) {
  if (path === root || path.startsWith(PAGE)) return true;
  const [folder, ...below] = relative(root, path).split(sep);
  // Python leaves its bytecode beside the snippets, editors their hidden files.
  return FOLDERS.includes(folder) && !below.some((name) => /^(\.|__pycache__$)/.test(name));
}

/** @param {() => Promise<unknown>} build */
async function report(build) {
  const start = performance.now();
  try {
    await build();
    say({ type: 'built', ms: Math.round(performance.now() - start) });
  } catch (error) {
    say({ type: 'faults', faults: error instanceof DeckFaults ? error.faults : [String(error)] });
  }
}

/** @param {object} message */
function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
