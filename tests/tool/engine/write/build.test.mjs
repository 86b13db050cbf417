import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isStale } from '../../../../engine/read/sources.mjs';
import { build as buildHere } from '../../../../engine/write/dist.mjs';
import { coalesced } from '../../../../engine/write/watch.mjs';
import { cast, repository, write } from '../repository.mjs';

const BUILD = fileURLToPath(import.meta.resolve('../../../../engine/build.mjs'));
const CODE = 'print(4)\n';
const FILES = {
  'slides/deck.md': `---
theme: distributed
title: A small deck
author: Someone
lang: en
---

# One 😊

![w:200](../assets/a.svg)

<<< a.py

>>> a.py

---

# Two

[a link](https://example.org)

<!-- A note. -->
`,
  'assets/a.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
  'snippets/a.py': CODE,
  'snippets/a.py.cast': cast({ 'a.py': CODE }, ['\x1b[32m4\x1b[0m\r\n']),
};

/** Without a browser, which few of these tests need, nothing is measured. */
const NO_BROWSER = { CHROME_PATH: '' };

/**
 * Build as from a shell.
 *
 * @param {string} root
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function build(root, args, env = NO_BROWSER) {
  const { status, stderr } = spawnSync('node', [BUILD, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stderr };
}

/** @type {typeof buildHere} */
async function makeDeck(root, options) {
  const { CHROME_PATH } = process.env;
  Object.assign(process.env, NO_BROWSER);
  try {
    return await buildHere(root, options);
  } finally {
    process.env.CHROME_PATH = CHROME_PATH;
  }
}

test('a build makes HTML, PDF and the plain deck, and proves each block', (t) => {
  const root = repository(t, { ...FILES, 'assets/b.dot': 'digraph { drawn }\n' });
  appendFileSync(join(root, 'slides/deck.md'), '\n![A graph](../assets/b.dot)\n');
  const { status, stderr } = build(root, [], {});
  assert.equal(status, 0, stderr);
  const made = ['deck-1.svg', 'deck.md', 'deck.pdf', 'index.html'];
  assert.deepEqual(readdirSync(join(root, 'dist')).sort(), made);
  assert.match(readFileSync(join(root, 'dist/deck-1.svg'), 'utf8'), /^<svg[\s\S]+>drawn</);
  assert.match(stderr, /0 of 2 blocks proved, 2 to be proved \(npm test\)/);
  assert.match(stderr, /dist\/index\.html {2}\d+ KiB/);

  const html = readFileSync(join(root, 'dist/index.html'), 'utf8');
  assert.match(html, /<html lang="en">/);
  assert.match(html, /<title>A small deck<\/title>/);
  assert.match(html, /<pre class="screen"><span style="color:var\(--ansi-2\)">4<\/span><\/pre>/);
  assert.match(html, /id="recordings">\{"a\.py":/);
  const pdf = readFileSync(join(root, 'dist/deck.pdf'), 'latin1');
  assert.match(pdf, /^%PDF-/);
});

test('a fault leaves dist/ as it was', async (t) => {
  const root = repository(t, { ...FILES, 'dist/index.html': 'before' });
  write(root, 'slides/deck.md', `${FILES['slides/deck.md']}\n<<< b.py\n`);
  await assert.rejects(makeDeck(root), {
    faults: ["slides/deck.md:24: no snippet 'b.py'; did you mean 'a.py'?"],
  });
  assert.deepEqual(readdirSync(join(root, 'dist')), ['index.html']);
  assert.equal(readFileSync(join(root, 'dist/index.html'), 'utf8'), 'before');
});

test('one changed character of a snippet fails the build with file and remedy', (t) => {
  const root = repository(t, FILES);
  write(root, 'snippets/a.py', 'print(5)\n');
  const { status, stderr } = build(root, ['--html-only']);
  assert.equal(status, 1);
  assert.match(stderr, /✗ snippets\/a\.py\.cast is stale/);
  assert.match(
    stderr,
    /^slides\/deck\.md:12: snippets\/a\.py\.cast is stale: a\.py has changed; npm run record a\.py$/m,
  );
  assert.ok(!existsSync(join(root, 'dist/index.html')));
});

test('a link to nothing is a fault where the deck shows it, and of no matter elsewhere', async (t) => {
  const root = repository(t, FILES);
  symlinkSync('nothing.py', join(root, 'snippets/gone.py'));
  await makeDeck(root, { 'html-only': true });
  write(root, 'slides/deck.md', '# A\n\n<<< gone.py\n');
  await assert.rejects(makeDeck(root, { 'html-only': true }), {
    faults: ['slides/deck.md:3: gone.py is a link to nothing; mend or remove it'],
  });
});

test('a draft says what is unproved and is never named as the deck', (t) => {
  const { 'snippets/a.py.cast': _recording, ...files } = FILES;
  const root = repository(t, files);
  const { status, stderr } = build(root, ['--draft', '--html-only']);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /DRAFT: 2 of 2 blocks without a proof/);
  assert.deepEqual(readdirSync(join(root, 'dist')), ['draft.html']);
});

test('a build of what is proved fails on what is only recorded', async (t) => {
  const root = repository(t, FILES);
  const options = { 'html-only': true, proved: true };
  const faults = [12, 14].map((at) => `slides/deck.md:${at}: a.py is only recorded; npm test`);
  await assert.rejects(makeDeck(root, options), { faults });
  const recording = createHash('sha256').update(FILES['snippets/a.py.cast']).digest('hex');
  const proof = { recording: `sha256:${recording}`, at: '2026-01-01', commit: 'c', versions: {} };
  write(root, 'dist/proof.json', JSON.stringify({ 'a.py': proof }));
  await makeDeck(root, options);
  write(root, 'snippets/a.py.cast', FILES['snippets/a.py.cast'].replace('"o","', '"o","not '));
  await assert.rejects(makeDeck(root, options), { faults });
});

test('options that exclude each other are refused', (t) => {
  const root = repository(t, FILES);
  for (const options of [
    ['--all', '--html-only'],
    ['--all', '--draft'],
    ['--short', '--all'],
    ['--short', '--draft'],
  ]) {
    const { status, stderr } = build(root, options);
    assert.equal(status, 2);
    assert.match(stderr, /^--/);
  }
});

test('a dist/ that is no folder is named', (t) => {
  const root = repository(t, { ...FILES, dist: 'a file' });
  const { status, stderr } = build(root, ['--html-only']);
  assert.equal(status, 1);
  assert.match(stderr, /dist is a file; remove it/);
  assert.doesNotMatch(stderr, /\n {4}at /);
});

test('an unknown option and a folder without a deck are refused', (t) => {
  const root = repository(t, {});
  const unknown = build(root, ['--drafts']);
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /'--drafts'[\s\S]*--html-only {2}only the HTML/);
  const missing = build(root, []);
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /^no slides\/deck\.md in .*; run this in the folder that has it$/m);
});

test('plain Marp CLI with our configuration fails on the same faults', (t) => {
  const root = repository(t, FILES);
  write(root, 'slides/deck.md', '# A\n\n<<< b.py\n');
  const marp = fileURLToPath(import.meta.resolve('@marp-team/marp-cli/marp-cli.js'));
  const { status, stderr } = spawnSync('node', [marp, 'slides/deck.md', '-o', 'out.html'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /slides\/deck\.md:3: no snippet/);
  assert.ok(!existsSync(join(root, 'out.html')));
});

test('what killed builds have left in dist/ goes, what others work on stays', async (t) => {
  const { pid: gone } = spawnSync('node', ['--version']);
  const root = repository(t, {
    ...FILES,
    [`dist/.building-${gone}/deck.pdf`]: '',
    [`dist/.building-${process.ppid}/deck.pdf`]: '',
  });
  await makeDeck(root, { 'html-only': true });
  assert.deepEqual(readdirSync(join(root, 'dist')), [`.building-${process.ppid}`, 'index.html']);
});

test('a diagram that was never drawn is drawn in this build', async (t) => {
  const word = `drawn${process.pid}`;
  const root = repository(t, {
    'slides/deck.md': '![A graph](../assets/a.dot)\n',
    'assets/a.dot': `digraph { ${word} }\n`,
  });
  const html = readFileSync(await makeDeck(root, { 'html-only': true }), 'utf8');
  const pictures = html.matchAll(/ src="data:image\/svg\+xml;base64,([^"]*)"/g);
  const svgs = [...pictures].map(([, data]) => Buffer.from(data, 'base64').toString());
  assert.deepEqual([1, true], [svgs.length, svgs[0].includes(`>${word}<`)]);
});

test('a build can be called, and its page is of the sources as they are', async (t) => {
  const root = repository(t, FILES);
  const page = await makeDeck(root, { 'html-only': true });
  assert.equal(page, join(root, 'dist/index.html'));
  assert.ok(!isStale(root, page));
  write(root, 'slides/deck.md', '# Another\n');
  assert.ok(isStale(root, page));
});

test('the same deck gives the same page, another style or what it shows another one', async (t) => {
  const dot = '<svg xmlns="http://www.w3.org/2000/svg"><circle r="9"/></svg>';
  const slide = (/** @type {string} */ color) => `<style scoped>p { color: ${color}; }</style>\n`;
  const root = repository(t, {
    ...FILES,
    'slides/deck.md': `---\ntheme: plain\n---\n\n${slide('red')}\n# A\n\n---\n\n${slide('blue')}\n# B\n`,
    'slides/theme.css': '/* @theme plain */\n',
    'assets/dot.svg': dot,
  });
  const page = async () => readFileSync(await makeDeck(root, { 'html-only': true }), 'utf8');
  const first = await page();
  assert.ok((await page()) === first);
  const scopes = [...first.matchAll(/<section[^>]* data-marpit-scope-(\w+)/g)];
  assert.deepEqual(
    scopes.map(([, scope]) => scope),
    ['1', '2'],
  );
  write(
    root,
    'slides/deck.md',
    readFileSync(join(root, 'slides/deck.md'), 'utf8').replace('red', 'rgb(4 5 6)'),
  );
  assert.ok((await page()).includes('rgb(4 5 6)'));
  appendFileSync(join(root, 'slides/theme.css'), 'h2 { color: rgb(1 2 3); }\n');
  assert.ok((await page()).includes('rgb(1 2 3)'));
  appendFileSync(join(root, 'slides/theme.css'), 'h1 { background: url("../assets/dot.svg"); }\n');
  const shown = await page();
  write(root, 'assets/dot.svg', dot.replace('9', '8'));
  assert.ok((await page()) !== shown);
});

/**
 * @param {import('node:test').TestContext} t
 * @param {string} root
 * @param {string} [program]
 * @param {NodeJS.ProcessEnv} [env]
 */
function watching(t, root, program = BUILD, env = {}) {
  const watcher = spawn('node', [program, '--watch'], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  t.after(() => watcher.kill('SIGKILL'));
  const lines = createInterface({ input: watcher.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  return { watcher, next };
}

test('the watcher tells what does not fit after it has built it, until it is mended', async (t) => {
  const root = repository(t, FILES);
  const { next } = watching(t, root);
  assert.equal((await next()).type, 'built');
  write(root, 'slides/deck.md', '# A\n\n<p style="margin-left: 2000px">B</p>\n');
  assert.equal((await next()).type, 'built');
  assert.match(readFileSync(join(root, 'dist/index.html'), 'utf8'), /2000px/);
  const { type, shown, faults } = await next();
  assert.deepEqual([type, shown], ['faults', true]);
  assert.match(
    faults.join(),
    /^slides\/deck\.md:1: p «B» sticks \d+ px out of the slide; [^,]+, or [^,]+$/,
  );
  write(root, 'slides/deck.md', '# Mended\n');
  assert.equal((await next()).type, 'built');
  write(root, 'poetry.lock', '');
  assert.equal((await next()).type, 'built', 'nothing was told of the one before');
});

test('a watcher whose browser was killed looks at the next edit with another', async (t) => {
  const root = repository(t, FILES);
  const browser = join(root, 'browser.sh');
  const script = `#!/bin/sh\necho $$ > ${root}/pid\nexec "${process.env.CHROME_PATH}" "$@"\n`;
  writeFileSync(browser, script, { mode: 0o755 });
  const { next } = watching(t, root, BUILD, { CHROME_PATH: browser });
  assert.equal((await next()).type, 'built');
  for (const word of ['One', 'Two']) {
    write(root, 'slides/deck.md', `# A\n\n<p style="margin-left: 2000px">${word}</p>\n`);
    assert.equal((await next()).type, 'built');
    assert.match((await next()).faults.join(), new RegExp(`«${word}» sticks \\d+ px`));
    process.kill(Number(readFileSync(join(root, 'pid'), 'utf8')), 'SIGKILL');
  }
});

test('the watcher ends, to be started again, when the engine has changed', async (t) => {
  const root = repository(t, {
    ...FILES,
    'marp.config.mjs':
      "import { marpConfig } from './engine/render/marp.mjs';\nexport default marpConfig(import.meta.dirname);\n",
  });
  const project = fileURLToPath(import.meta.resolve('../../../..'));
  cpSync(join(project, 'engine'), join(root, 'engine'), { recursive: true });
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  const { watcher, next } = watching(t, root, join(root, 'engine/build.mjs'));
  assert.equal((await next()).type, 'built');
  write(root, 'engine/.swap', '');
  appendFileSync(join(root, 'engine/page/page.css'), '\n.another { color: red; }\n');
  assert.deepEqual(await next(), { type: 'restart' });
  const status = await new Promise((resolve) => watcher.once('exit', resolve));
  assert.equal(status, 0);
});

test('of what is asked for while a task runs, it runs once more, or not at the end', async () => {
  /** @type {(() => void)[]} */
  const finish = [];
  const task = coalesced(() => new Promise((resolve) => finish.push(resolve)));
  task.run();
  for (let time = 0; time < 10; time += 1) task.run();
  assert.equal(finish.length, 1);
  finish[0]();
  await setImmediate();
  assert.equal(finish.length, 2);
  task.run();
  const ended = task.end();
  finish[1]();
  await ended;
  assert.equal(finish.length, 2);
});

test('the watcher builds on each change, reports faults, and ends with its stdin', async (t) => {
  const root = repository(t, FILES);
  const { watcher, next } = watching(t, root);
  assert.equal((await next()).type, 'built');
  write(root, 'slides/deck.md', '# A\n\n<<< b.py\n');
  assert.deepEqual(await next(), {
    type: 'faults',
    faults: ["slides/deck.md:3: no snippet 'b.py'; did you mean 'a.py'?"],
  });
  write(root, 'slides/deck.md', '# Mended\n');
  assert.equal((await next()).type, 'built');
  assert.match(readFileSync(join(root, 'dist/index.html'), 'utf8'), /Mended/);
  write(root, 'snippets/new/b.py', 'x = 1\n');
  assert.equal((await next()).type, 'built');

  renameSync(join(root, 'slides'), join(root, 'away'));
  assert.equal((await next()).type, 'faults');
  renameSync(join(root, 'away'), join(root, 'slides'));
  assert.equal((await next()).type, 'built');

  watcher.stdin.end();
  const status = await new Promise((resolve) => watcher.once('exit', resolve));
  assert.equal(status, 0);
});
