import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import chokidar from 'chokidar';
import { launchBrowser } from '../browser.mjs';
import { misfits } from '../check/fit.mjs';
import { DeckFaults } from '../read/faults.mjs';
import { concerns } from '../read/sources.mjs';

/** Milliseconds of quiet after a change: an editor's save is several events. */
const QUIET = 20;

/** Builds after the first: Node has compiled what an edit runs before there is one. */
const REHEARSALS = 3;

const ENGINE = dirname(import.meta.dirname);

/**
 * Build again on each change, until stdin closes or SIGTERM comes, or the engine has changed.
 * Whoever started this reads stdout, JSON lines:
 *
 * - `{"type": "built", "ms"}`
 * - `{"type": "faults", "faults"}`: why it was not; with `"shown": true`, of the deck as it was built
 * - `{"type": "restart"}`: start this again, its code is another now
 *
 * @param {string} root the repository
 * @param {() => Promise<string>} build returns the path of the HTML
 */
export async function watch(root, build) {
  const inspector = new Inspector();
  let rehearsals = REHEARSALS;
  const builder = coalesced(async () => {
    const start = performance.now();
    inspector.forget();
    try {
      const html = await build();
      say({ type: 'built', ms: Math.round(performance.now() - start) });
      inspector.look(html, (faults) => say({ type: 'faults', faults, shown: true }));
      // What is wrong with an edit made meanwhile, its own build tells.
      for (; rehearsals > 0; rehearsals--) await build().catch(() => {});
    } catch (error) {
      const faults = error instanceof DeckFaults ? error.faults : [String(error)];
      say({ type: 'faults', faults });
    }
  });
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const changed = () => {
    rehearsals = 0;
    clearTimeout(timer);
    timer = setTimeout(builder.run, QUIET);
  };
  // From the repository down, so that a folder may go away and come back, as `git stash` has it.
  const watcher = chokidar.watch([root, ENGINE], {
    ignoreInitial: true,
    ignored: (path) => !concerns(root, path) && !concerns(dirname(ENGINE), path),
  });
  await once(watcher, 'ready');
  watcher.on('error', (error) => say({ type: 'faults', faults: [String(error)] }));
  const ended = new Promise((resolve) => {
    watcher.on('all', (event, path) => {
      // Of a folder its files tell; dist/, where each build works, comes and goes as it likes.
      if (event.endsWith('Dir')) return;
      // Node keeps the code that it has read, and what was made with it is kept.
      if (!path.startsWith(ENGINE) && path !== join(root, 'marp.config.mjs')) return changed();
      say({ type: 'restart' });
      resolve(undefined);
    });
    process.once('SIGTERM', resolve);
    process.stdin.once('close', resolve).once('end', resolve).resume();
  });
  builder.run();
  await ended;
  rehearsals = 0;
  clearTimeout(timer);
  await Promise.all([watcher.close(), builder.end()]);
  await inspector.close();
  process.stdin.destroy();
}

/**
 * Of what is asked for while the task runs, it runs once more.
 *
 * @param {() => Promise<void>} task must not fail
 */
export function coalesced(task) {
  let wanted = false;
  /** @type {Promise<void> | undefined} */
  let running;
  const work = async () => {
    while (wanted) {
      wanted = false;
      await task();
    }
    running = undefined;
  };
  return {
    run() {
      wanted = true;
      running ??= work();
    },
    /** Wait for what runs; what waits will not. */
    async end() {
      wanted = false;
      await running;
    },
  };
}

/** Looks, in one browser, at what was built last; the next build does not wait for it. */
class Inspector {
  /** @type {Promise<import('puppeteer-core').Browser | undefined> | undefined} */
  #browser;
  /** @type {string | undefined} why it cannot look */
  #fault;
  #wanted = new AbortController();
  #looking = Promise.resolve();

  /** What was built before is of no interest any more. */
  forget() {
    this.#wanted.abort();
    this.#wanted = new AbortController();
  }

  /**
   * @param {string} html path of the page
   * @param {(faults: string[]) => void} tell called unless there is nothing to tell
   */
  look(html, tell) {
    const { signal } = this.#wanted;
    this.#looking = this.#find(html, signal).then((faults) => {
      if (faults.length > 0 && !signal.aborted) tell(faults);
    });
  }

  /**
   * @param {string} html
   * @param {AbortSignal} signal
   */
  async #find(html, signal) {
    const launch = () => (this.#browser ??= this.#launch());
    const faults = await misfits(launch, html, signal).catch((error) => [String(error)]);
    const told = this.#fault ? [this.#fault] : faults;
    this.#fault = undefined;
    return told;
  }

  async #launch() {
    try {
      const browser = await launchBrowser();
      // One that died looks no more: the next look launches another.
      browser.once('disconnected', () => {
        this.#browser = undefined;
      });
      return browser;
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.#fault = `not measured whether all fits its slide: ${message}`;
      return undefined;
    }
  }

  async close() {
    this.#wanted.abort();
    await this.#looking;
    await (await this.#browser)?.close();
  }
}

/** @param {object} message */
function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
