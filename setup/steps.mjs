/** Steps of the set-up: programs that run with their progress on one line, once for their inputs. */

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants as os } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Not import.meta.dirname: a Node that is too old for us, which lacks it, is still to be told so.
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

export const at = (/** @type {string[]} */ ...parts) => join(ROOT, ...parts);
export const venv = (/** @type {string} */ program) => at('.venv', 'bin', program);

/** @param {string} name */
export const read = (name) => readFileSync(at(name), 'utf8');

/** A fault the reader can mend: shown without a stack. */
export class SetupError extends Error {}

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
let ending = false;

/** Every signal goes on to the child; it decides how to end, and we end after it. */
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    ending = true;
    for (const child of children) child.kill(signal);
    if (!children.size) process.exit(128 + os.signals[signal]);
  });
}

// npm dies of SIGKILL without a word to us: notice that the parent is another one now. (The scripts
// in package.json say `exec`, so that npm itself is our parent and no shell stands between.)
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
}, 1000).unref();

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @param {(chunk: string) => void} [listen] gets what the command prints
 * @returns {Promise<number>} its exit status, 128 + n after signal n
 */
export function run(command, args, options, listen) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, ...options });
    children.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk) => listen?.(chunk));
    }
    child.on('error', (error) => {
      children.delete(child);
      reject(new SetupError(`${command} could not be started: ${error.message}`));
    });
    child.on('close', (status, signal) => {
      children.delete(child);
      resolve(status ?? 128 + os.signals[/** @type {NodeJS.Signals} */ (signal)]);
    });
  });
}

/**
 * One step of the set-up, with its progress on one line; what it printed is shown only if it fails.
 * @param {string} title
 * @param {[string, string[]][]} commands
 * @param {NodeJS.ProcessEnv} env
 */
export async function step(title, commands, env) {
  const began = Date.now();
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`;
  const { isTTY, columns = 80 } = process.stderr;
  let printed = '';
  const show = () => {
    const last = printed.trimEnd().split('\n').at(-1)?.trim() ?? '';
    process.stderr.write(`\r\x1b[K${`${title} … ${seconds()}  ${last}`.slice(0, columns - 1)}`);
  };
  if (!isTTY) console.error(`${title} …`);
  const timer = isTTY ? setInterval(show, 200) : undefined;
  const stdio = /** @type {import('node:child_process').StdioOptions} */ ([
    'ignore',
    'pipe',
    'pipe',
  ]);
  try {
    for (const [command, args] of commands) {
      const status = await run(command, args, { env, stdio }, (chunk) => {
        printed += chunk;
      });
      if (ending) process.exit(status || 1);
      if (status !== 0) {
        const tail = printed.trimEnd().split('\n').slice(-40).join('\n');
        throw new SetupError(
          `${tail}\n\n${title} failed (exit ${status}): ${command} ${args.join(' ')}\n` +
            'Mend what it says above and run the same command again; what is done stays done.',
        );
      }
    }
  } finally {
    clearInterval(timer);
    if (isTTY) process.stderr.write('\r\x1b[K');
  }
  console.error(`${title}: done in ${seconds()}`);
}

/**
 * Runs a step unless its stamp says that it ran for these very inputs.
 * @param {string} stamp path of the file that remembers
 * @param {() => string[]} inputs what the step depends on
 * @param {() => Promise<void>} work
 */
export async function once(stamp, inputs, work) {
  const digest = () => createHash('sha256').update(inputs().join('\0')).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest()) return;
  await work();
  writeFileSync(stamp, digest());
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {string | undefined} what it prints, or nothing if it cannot be run
 */
export function ask(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** @param {string[]} names @returns {string | undefined} the first that is a program on the PATH */
export function which(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {}
    }
  }
  return undefined;
}
