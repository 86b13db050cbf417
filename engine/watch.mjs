import { existsSync, watch as watchFolder } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DeckFaults } from './faults.mjs';

/** Milliseconds of quiet after a change: an editor's save is several events. */
const QUIET = 40;

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
  /** @param {string | Buffer | null} [path] */
  const changed = (path) => {
    // Python leaves its bytecode beside the snippets.
    if (/__pycache__|(^|\/)\./.test(String(path ?? ''))) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      building = building.then(() => report(build));
    }, QUIET);
  };
  const folders = [
    ...['slides', 'snippets', 'assets'].map((name) => join(root, name)),
    join(import.meta.dirname, 'page'),
  ];
  const watchers = folders
    .filter((folder) => existsSync(folder))
    .map((folder) => watchFolder(folder, { recursive: true }, (_event, path) => changed(path)));
  changed();
  await new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.stdin.once('close', resolve).once('end', resolve).resume();
  });
  for (const watcher of watchers) watcher.close();
  clearTimeout(timer);
  await building;
  process.stdin.destroy();
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
