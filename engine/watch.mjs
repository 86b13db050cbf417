import { existsSync, readdirSync, watch as watchFolder } from 'node:fs';
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
  const stop = watchTrees(
    folders.filter((folder) => existsSync(folder)),
    changed,
  );
  changed();
  await new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.stdin.once('close', resolve).once('end', resolve).resume();
  });
  stop();
  clearTimeout(timer);
  await building;
  process.stdin.destroy();
}

/**
 * Watch folders and all below them. Node's own recursive watching loses a file
 * on Linux when an editor saves by renaming, so each folder is watched alone.
 *
 * @param {string[]} roots
 * @param {(path: string | null) => void} changed
 * @returns {() => void} stops it
 */
function watchTrees(roots, changed) {
  /** @type {Map<string, import('node:fs').FSWatcher>} */
  const watchers = new Map();
  const scan = () => {
    const below = roots.flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name !== '__pycache__')
        .map((entry) => join(entry.parentPath, entry.name)),
    );
    const folders = new Set([...roots, ...below]);
    for (const folder of folders) {
      if (watchers.has(folder)) continue;
      const watcher = watchFolder(folder, (_event, path) => {
        scan();
        changed(path);
      });
      watchers.set(folder, watcher);
    }
    for (const [folder, watcher] of watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
  };
  scan();
  return () => {
    for (const watcher of watchers.values()) watcher.close();
  };
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
