import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { marpCli } from '@marp-team/marp-cli';
import { Deck } from './deck.mjs';
import { DeckMarp } from './engine.mjs';
import { DeckFaults } from './faults.mjs';
import { finishHtml } from './page.mjs';
import { plainDeck } from './plain.mjs';
import { proofTable } from './proof.mjs';
import { watch } from './watch.mjs';

const HELP = `node engine/build.mjs [--html-only] [--draft] [--all] [--watch]

Builds slides/deck.md into dist/: index.html (one file), deck.pdf, deck.md.
Ends with the proof of each code block; fails when one is unproved.

  --html-only  only dist/index.html
  --all        also dist/deck.pptx and dist/preview.png
  --draft      unproved blocks allowed; writes dist/draft.html and dist/draft.pdf
  --watch      build the draft's HTML again on each change; one JSON line each on stdout
`;

/**
 * @typedef {object} Options
 * @property {boolean} [html-only]
 * @property {boolean} [all]
 * @property {boolean} [draft]
 */

/**
 * Build the deck in `root` into its dist/, all or nothing.
 *
 * @param {string} root the repository
 * @param {Options} options
 * @returns {Promise<Deck>} the deck as it was built
 * @throws {DeckFaults}
 */
export async function build(root, options) {
  const { draft = false } = options;
  const deck = await inspect(root, draft);
  const dist = join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  const work = mkdtempSync(join(dist, '.building-'));
  process.once('exit', () => rmSync(work, { recursive: true, force: true }));
  try {
    for (const { name, args } of artefacts(options)) {
      const path = join(work, name);
      progress(`${name} …`);
      if (name.endsWith('.md')) writeFileSync(path, plainDeck(deck));
      else await marp(root, path, args, draft);
      if (name.endsWith('.html')) writeFileSync(path, await finishHtml(readFileSync(path, 'utf8'), deck));
    }
    for (const { name } of artefacts(options)) {
      renameSync(join(work, name), join(dist, name));
      progress(`dist/${name}  ${size(join(dist, name))}`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return deck;
}

/**
 * Parse the deck once for its blocks and faults, before anything is written.
 *
 * @param {string} root
 * @param {boolean} draft
 */
async function inspect(root, draft) {
  const deck = await Deck.open(root, { draft });
  const marp = new DeckMarp({ html: true }, deck);
  marp.themeSet.add(readFileSync(join(root, 'slides/theme.css'), 'utf8'));
  try {
    marp.render(deck.read());
  } finally {
    if (deck.blocks.length > 0) process.stderr.write(`${proofTable(deck)}\n`);
  }
  return deck;
}

/** @param {Options} options */
function artefacts({ draft, all, 'html-only': htmlOnly }) {
  const html = { name: draft ? 'draft.html' : 'index.html', args: [] };
  const pdf = { name: draft ? 'draft.pdf' : 'deck.pdf', args: ['--pdf'] };
  if (htmlOnly) return [html];
  if (draft) return [html, pdf];
  const shared = [
    { name: 'deck.pptx', args: ['--pptx'] },
    { name: 'preview.png', args: ['--image', 'png'] },
  ];
  return [html, pdf, { name: 'deck.md', args: [] }, ...(all ? shared : [])];
}

/**
 * @param {string} root
 * @param {string} output
 * @param {string[]} args
 * @param {boolean} draft
 */
async function marp(root, output, args, draft) {
  process.env.DECK_DRAFT = draft ? '1' : '0';
  const config = join(root, 'marp.config.mjs');
  const status = await marpCli([join(root, 'slides/deck.md'), '--config-file', config, '--output', output, ...args]);
  if (status !== 0 || !existsSync(output)) throw new Error(`Marp CLI did not write ${output} (status ${status})`);
}

/** @param {string} line */
function progress(line) {
  process.stderr.write(`${line}\n`);
}

/** @param {string} path */
function size(path) {
  return `${(statSync(path).size / 1024).toFixed(0)} KiB`;
}

async function main() {
  const { values } = parseArgs({
    options: {
      'html-only': { type: 'boolean' },
      all: { type: 'boolean' },
      draft: { type: 'boolean' },
      watch: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const root = process.cwd();
  process.once('SIGINT', () => process.exit(130));
  if (values.watch) return watch(root);
  process.once('SIGTERM', () => process.exit(143));
  try {
    const deck = await build(root, values);
    const unproved = deck.blocks.filter(({ proved }) => !proved).length;
    if (values.draft) progress(`DRAFT: ${unproved} of ${deck.blocks.length} blocks unproved; not for an audience`);
  } catch (error) {
    progress(error instanceof DeckFaults ? error.message : String(error));
    process.exitCode = 1;
  }
}

if (import.meta.filename === process.argv[1]) await main();
