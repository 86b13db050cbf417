#!/usr/bin/env node
/**
 * Sets the project up, once, and then runs a command inside it.
 *
 *     node setup.mjs [COMMAND [ARGUMENT …]]
 *
 * Needs Node, Python and git, nothing else: it is the one file that may import only from Node.
 * What is up to date is left alone, so a second call costs a few hash sums.
 */

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants as os } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const OLDEST_NODE = [20, 19];
const OLDEST_PYTHON = [3, 11];
const FIRST_UNTRIED_PYTHON = [3, 15]; // pyproject.toml: requires-python
const OLDEST_POETRY = [2, 2]; // the first that reads [dependency-groups]
// The mirror plugin lets Poetry read the index that pip reads (see `environment`).
const POETRY = ['poetry==2.5.1', 'poetry-plugin-pypi-mirror==0.6.5'];

const at = (/** @type {string[]} */ ...parts) => join(ROOT, ...parts);
const venv = (/** @type {string} */ program) => at('.venv', 'bin', program);

/** A fault the reader can mend: shown without a stack. */
class SetupError extends Error {}

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
function run(command, args, options, listen) {
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
async function step(title, commands, env) {
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
async function once(stamp, inputs, work) {
  const digest = () => createHash('sha256').update(inputs().join('\0')).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest()) return;
  await work();
  writeFileSync(stamp, digest());
}

/** @param {string} name */
const read = (name) => readFileSync(at(name), 'utf8');

/**
 * Does version a come before version b?
 * @param {number[]} a
 * @param {number[]} b
 */
const before = (a, b) => (a[0] - b[0] || a[1] - b[1]) < 0;

/** @param {string} text */
const version = (text) => (/\d+\.\d+/.exec(text)?.[0] ?? '0.0').split('.').map(Number);

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {string | undefined} what it prints, or nothing if it cannot be run
 */
function ask(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** @param {string[]} names @returns {string | undefined} the first that is a program on the PATH */
function which(...names) {
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

/** @returns {string} a Python that is new enough and can make virtual environments */
function findPython() {
  const names = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python'];
  const found = [];
  for (const name of names) {
    const answer = ask(name, [
      '-c',
      'import sys; print(*sys.version_info[:2], sep="."); print(sys.executable)',
    ]);
    if (!answer) continue;
    const [number, path] = answer.split('\n');
    found.push(`${name} is ${number}`);
    if (before(version(number), OLDEST_PYTHON)) continue;
    if (!before(version(number), FIRST_UNTRIED_PYTHON)) continue;
    if (ask(path, ['-c', 'import ensurepip, venv']) !== undefined) return path;
    found[found.length - 1] += ' but has no venv module (on Debian: apt install python3-venv)';
  }
  throw new SetupError(
    `Python ${OLDEST_PYTHON.join('.')} or newer, older than ${FIRST_UNTRIED_PYTHON.join('.')}, is needed ` +
      `(${found.join('; ') || 'none is on the PATH'}). Install one from https://www.python.org/downloads/ and run this again.`,
  );
}

/** @param {string} python @returns {string} its version; empty if it does not run */
const pythonVersion = (python) => ask(python, ['-c', 'import sys; print(sys.version)']) ?? '';

async function installNodePackages() {
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const inputs = () => [read('package-lock.json'), process.version];
  await once(at('node_modules', '.set-up'), inputs, () =>
    step('Node packages', [npm ? [process.execPath, [npm, ...args]] : ['npm', args]], process.env),
  );
}

/** @returns {Promise<string>} the path of a Poetry: the one on the PATH, or one of our own in .poetry/ */
async function installPoetry() {
  const theirs = which('poetry');
  if (theirs && !before(version(ask(theirs, ['--version']) ?? ''), OLDEST_POETRY)) return theirs;
  const own = at('.poetry', 'bin');
  const inputs = () => [...POETRY, pythonVersion(join(own, 'python'))];
  await once(at('.poetry', '.set-up'), inputs, () =>
    step(
      'Poetry',
      [
        [findPython(), ['-m', 'venv', '--clear', at('.poetry')]],
        [join(own, 'python'), ['-m', 'pip', 'install', '--quiet', ...POETRY]],
      ],
      process.env,
    ),
  );
  return join(own, 'poetry');
}

/**
 * @param {string} poetry
 * @param {NodeJS.ProcessEnv} env
 */
async function installPythonPackages(poetry, env) {
  const inputs = () => [read('poetry.lock'), pythonVersion(venv('python'))];
  await once(at('.venv', '.set-up'), inputs, () => {
    /** @type {[string, string[]][]} */
    const commands = [];
    if (!pythonVersion(venv('python'))) {
      commands.push([findPython(), ['-m', 'venv', '--clear', at('.venv')]]);
    }
    // --compile: imports from bytecode are two to three times faster, from the first click on.
    commands.push([poetry, ['sync', '--no-interaction', '--no-ansi', '--compile']]);
    return step('Python packages', commands, env);
  });
}

const BROWSERS = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge',
];
const MAC_BROWSERS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

/** @returns {Promise<string | undefined>} a Chromium for PDF and tests: the machine's, or the one npm brought */
async function findBrowser() {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH) {
    if (existsSync(CHROME_PATH)) return CHROME_PATH;
    throw new SetupError(
      `CHROME_PATH names ${CHROME_PATH}, which does not exist; correct or unset it.`,
    );
  }
  const theirs = which(...BROWSERS) ?? MAC_BROWSERS.find(existsSync);
  if (theirs || process.platform !== 'linux') return theirs;
  const folder = at('node_modules', '.browser');
  const wrapper = join(folder, 'chromium.sh');
  await once(
    join(folder, '.set-up'),
    () => [read('package-lock.json')],
    async () => {
      mkdirSync(folder, { recursive: true });
      // The package unpacks into TMPDIR, and its shared libraries only on what it takes for AWS Lambda.
      const env = { ...process.env, TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' };
      const unpack =
        "import('@sparticuz/chromium').then(async ({ default: chromium }) => { await chromium.executablePath() })";
      await step('Browser', [[process.execPath, ['-e', unpack]]], env);
      // A wrapper, since its libraries must be seen by the browser alone. It shows nothing but our own
      // deck, and the sandbox needs rights that containers do not give.
      const script = [
        '#!/bin/sh',
        'here=$(dirname "$0")',
        'export LD_LIBRARY_PATH="$here/al2023/lib" FONTCONFIG_FILE="$here/fonts.conf"',
        'exec "$here/chromium" --no-sandbox --headless=shell --font-render-hinting=none "$@"',
      ];
      writeFileSync(wrapper, `${script.join('\n')}\n`, { mode: 0o755 });
      // Its own settings look in /tmp/fonts; without any font to fall back on, Chromium crashes.
      const dirs = [join(folder, 'fonts'), '/usr/share/fonts'].map((dir) => `<dir>${dir}</dir>`);
      const cache = `<cachedir>${join(folder, 'fonts-cache')}</cachedir>`;
      const settings = `<?xml version="1.0"?>\n<fontconfig>${dirs.join('')}${cache}</fontconfig>\n`;
      writeFileSync(join(folder, 'fonts.conf'), settings);
    },
  );
  return wrapper;
}

/**
 * What every command of the project runs in: our programs first on the PATH.
 * @param {string} poetry
 * @param {string | undefined} browser
 * @returns {NodeJS.ProcessEnv}
 */
function environment(poetry, browser) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, POETRY_VIRTUALENVS_IN_PROJECT: 'true' };
  // An activated environment of the reader's would take our packages in.
  delete env.VIRTUAL_ENV;
  delete env.CONDA_PREFIX;
  delete env.PYTHONHOME;
  delete env.PYTHONPATH;
  const folders = [at('.venv', 'bin'), at('node_modules', '.bin')];
  const own = at('.poetry', 'bin');
  if (poetry.startsWith(own)) {
    folders.push(own);
    // pip's index, so that Poetry works wherever pip does: networks with a mirror often serve
    // only the simple index, and Poetry alone asks for more.
    env.POETRY_PYPI_MIRROR_URL ??= index(join(own, 'python'));
  }
  env.PATH = [...folders, process.env.PATH].join(delimiter);
  if (browser) env.CHROME_PATH = browser;
  // The Node that Playwright brings wants a library that bare machines lack; ours runs.
  env.PLAYWRIGHT_NODEJS_PATH ??= process.execPath;
  return env;
}

/** @param {string} python @returns {string} the package index that pip uses */
function index(python) {
  return (
    ask(python, ['-m', 'pip', 'config', 'get', 'global.index-url']) ??
    ask(python, ['-c', 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)']) ??
    ''
  );
}

async function main() {
  const [command, ...args] = process.argv.slice(2);
  if (command === '--help' || command === '-h') {
    console.log(
      'node setup.mjs [COMMAND [ARGUMENT …]]   sets the project up, once, then runs COMMAND in it',
    );
    return 0;
  }
  if (before(version(process.version), OLDEST_NODE)) {
    throw new SetupError(
      `Node ${OLDEST_NODE.join('.')} or newer is needed, this is ${process.version}. Install one from https://nodejs.org/ and run this again.`,
    );
  }
  await installNodePackages();
  const poetry = await installPoetry();
  await installPythonPackages(poetry, environment(poetry, undefined));
  const env = environment(poetry, await findBrowser());
  if (!command) {
    console.error(
      'Set up. `npm start` presents the deck, `npm test` proves it, `npm run` lists the rest.',
    );
    return 0;
  }
  return run(command, args, { env, stdio: 'inherit' });
}

process.exitCode = await main().catch((error) => {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  return 1;
});
