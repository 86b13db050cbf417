import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { marpCli } from '@marp-team/marp-cli';
import { Deck } from './deck.mjs';
import { DeckMarp } from './engine.mjs';
import { handoutHtml, printA4 } from './handout.mjs';
import { finishHtml } from './page.mjs';
import { plainDeck } from './plain.mjs';
import { proofTable } from './proof.mjs';
import { watch } from './watch.mjs';

const HELP = `node engine/build.mjs [--html-only | --all] [--draft] [--watch]

Builds slides/deck.md into dist/: index.html (one file), deck.pdf and deck.md.
Ends with what proves each code block; fails when one was not recorded as it is.

  --html-only  only the HTML
  --all        also deck.pptx, preview.png and handout.pdf (A4: slides, notes, programs)
  --draft      allow blocks without a recording; write draft.html and draft.pdf instead
  --watch      build the HTML again on each change, until stdin closes;
               say so in a JSON line on stdout
`;

/** @typedef {{ 'html-only'?: boolean, all?: boolean, draft?: boolean, watch?: boolean }} Options */

/**
 * Build the deck in `root` into its dist/: all of it, or nothing.
 *
 * @param {string} root the repository
 * @param {Options} options
 * @throws {import('./faults.mjs').DeckFaults}
 */
async function build(root, options) {
  const deck = await readDeck(root, options);
  const work = workFolder(root);
  if (statSync(join(root, 'dist'), { throwIfNoEntry: false })?.isFile())
    throw new Error(`${join(root, 'dist')} is a file; remove it`);
  mkdirSync(work, { recursive: true });
  try {
    const names = artefacts(options);
    for (const name of names) await make(name, join(work, name), deck);
    for (const name of names) {
      const path = join(root, 'dist', name);
      renameSync(join(work, name), path);
      say(`dist/${name}  ${(statSync(path).size / 1024).toFixed(0)} KiB`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const missing = deck.blocks.filter(({ recorded }) => !recorded).length;
  if (options.draft)
    say(`DRAFT: ${missing} of ${deck.blocks.length} blocks unrecorded; not for an audience`);
}

/**
 * Render once for faults and proof, before anything is written.
 *
 * @param {string} root
 * @param {Options} options
 */
async function readDeck(root, { draft, watch }) {
  const deck = await Deck.open(root, { draft });
  const marp = new DeckMarp({ html: true }, deck);
  marp.themeSet.add(readFileSync(join(root, 'slides/theme.css'), 'utf8'));
  try {
    marp.render(deck.read());
  } finally {
    // Whoever watches is told the faults alone.
    if (deck.blocks.length > 0 && !watch) say(proofTable(deck));
  }
  return deck;
}

/**
 * @param {Options} options
 * @returns {string[]} names of what to make
 */
function artefacts({ draft, all, 'html-only': htmlOnly }) {
  const [html, pdf] = draft ? ['draft.html', 'draft.pdf'] : ['index.html', 'deck.pdf'];
  if (htmlOnly) return [html];
  return [
    html,
    pdf,
    ...(draft ? [] : ['deck.md']),
    ...(all ? ['deck.pptx', 'preview.png', 'handout.pdf'] : []),
  ];
}

/**
 * @param {string} name
 * @param {string} path to write it to
 * @param {Deck} deck
 */
async function make(name, path, deck) {
  say(`${name} …`);
  if (name.endsWith('.md')) {
    writeFileSync(path, plainDeck(deck));
    return;
  }
  if (name === 'handout.pdf') {
    writeFileSync(`${path}.html`, handoutHtml(deck));
    await printA4(`${path}.html`, path);
    return;
  }
  // `marp.config.mjs` gives Marp CLI an engine of its own; only this tells it what a draft is.
  process.env.DECK_DRAFT = deck.draft ? '1' : '0';
  const config = join(deck.root, 'marp.config.mjs');
  const image = name.endsWith('.png') ? ['--image', 'png'] : [];
  const status = await marpCli([
    join(deck.root, deck.path),
    '--config-file',
    config,
    '--output',
    path,
    ...image,
  ]);
  if (status !== 0 || !existsSync(path))
    throw new Error(`Marp CLI wrote no ${name} (status ${status})`);
  if (name.endsWith('.html'))
    writeFileSync(path, await finishHtml(readFileSync(path, 'utf8'), deck));
}

/**
 * On the same disk as dist/, so that moving there is atomic.
 *
 * @param {string} root
 */
function workFolder(root) {
  return join(root, `dist/.building-${process.pid}`);
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/** @returns {Options & { help?: boolean }} */
function readOptions() {
  const flag = /** @type {const} */ ({ type: 'boolean' });
  const options = { 'html-only': flag, all: flag, draft: flag, watch: flag, help: flag };
  try {
    const { values } = parseArgs({ options });
    if (values.all && values['html-only'])
      throw new Error('--html-only and --all exclude each other');
    if (values.all && values.draft)
      throw new Error('--all is for a proved deck, not for a --draft');
    return values;
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    process.exit(2);
  }
}

const root = process.cwd();
const options = readOptions();
const missing = ['slides/deck.md', 'slides/theme.css'].find(
  (path) => !existsSync(join(root, path)),
);
process.once('exit', () => {
  const work = workFolder(root);
  if (existsSync(work)) rmSync(work, { recursive: true });
});
process.once('SIGINT', () => process.exit(130));

if (options.help) process.stdout.write(HELP);
else if (missing) {
  say(`no ${missing} in ${root}; run this in the folder that has it`);
  process.exitCode = 1;
} else if (options.watch) await watch(root, () => build(root, { ...options, 'html-only': true }));
else {
  process.once('SIGTERM', () => process.exit(143));
  await build(root, options).catch((error) => {
    say(String(error.message));
    process.exitCode = 1;
  });
}
