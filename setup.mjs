#!/usr/bin/env node
/**
 * Sets the project up, once, and then runs a command inside it.
 *
 *     node setup.mjs [COMMAND [ARGUMENT …]]
 *
 * Needs Node, Python and git, nothing else: it and `setup/` may import only from Node.
 * What is up to date is left alone, so a second call costs a few hash sums.
 */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findBrowser } from './setup/browser.mjs';
import { unneededGroups } from './setup/groups.mjs';
import { ask, at, once, read, run, SetupError, step, venv, which } from './setup/steps.mjs';

const OLDEST_NODE = [20, 19];
const OLDEST_PYTHON = [3, 11];
const FIRST_UNTRIED_PYTHON = [3, 15]; // pyproject.toml: requires-python
const OLDEST_POETRY = [2, 2]; // the first that reads [dependency-groups]
// The mirror plugin lets Poetry read the index that pip reads (see `environment`).
const POETRY = ['poetry==2.5.1', 'poetry-plugin-pypi-mirror==0.6.5'];

/**
 * Does version a come before version b?
 * @param {number[]} a
 * @param {number[]} b
 */
const before = (a, b) => (a[0] - b[0] || a[1] - b[1]) < 0;

/** @param {string} text */
const version = (text) => (/\d+\.\d+/.exec(text)?.[0] ?? '0.0').split('.').map(Number);

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
  const inputs = () => [at(), ...POETRY, pythonVersion(join(own, 'python'))];
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

/** Was .venv made here? Programs of one that was moved or copied start the Python of its old place. */
function isOfHere() {
  const config = '.venv/pyvenv.cfg';
  return existsSync(at(config)) && `${read(config)}\n`.includes(` ${at('.venv')}\n`);
}

/**
 * @param {string} poetry
 * @param {NodeJS.ProcessEnv} env
 */
async function installPythonPackages(poetry, env) {
  const without = unneededGroups(import.meta.dirname).map((name) => `--without=${name}`);
  const inputs = () => [at(), read('poetry.lock'), pythonVersion(venv('python')), ...without];
  await once(at('.venv', '.set-up'), inputs, () => {
    /** @type {[string, string[]][]} */
    const commands = [];
    if (!pythonVersion(venv('python')) || !isOfHere()) {
      commands.push([findPython(), ['-m', 'venv', '--clear', at('.venv')]]);
    }
    // --compile: imports from bytecode are two to three times faster, from the first click on.
    commands.push([poetry, ['sync', '--no-interaction', '--no-ansi', '--compile', ...without]]);
    return step('Python packages', commands, env);
  });
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
  // Each of our many processes would compile our modules anew.
  delete env.PYTHONDONTWRITEBYTECODE;
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
