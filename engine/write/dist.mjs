import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { marpCli } from '@marp-team/marp-cli';
import { launchBrowser } from '../browser.mjs';
import { misfits } from '../check/fit.mjs';
import { Deck } from '../read/deck.mjs';
import { DeckFaults } from '../read/faults.mjs';
import { proofTable } from '../read/proof.mjs';
import { digest, mark } from '../read/sources.mjs';
import { share } from '../render/marp.mjs';
import { handout } from './handout.mjs';
import { bundlePage, finishHtml } from './page.mjs';
import { plainDeck } from './plain.mjs';
import { printA4 } from './print.mjs';
import { programs } from './programs.mjs';

/** What is printed on A4. */
const PRINTS = { 'handout.pdf': handout, 'programs.pdf': programs };

/**
 * @typedef {object} Options
 * @property {boolean} [html-only] nothing but the HTML
 * @property {boolean} [all] also what takes longer
 * @property {boolean} [short] only the slides of the short version
 * @property {boolean} [draft] neither a block without a recording nor what does not fit is a fault
 * @property {boolean} [proved] a block that no test has proved is a fault
 * @property {boolean} [pdf-notes] each page of the slides' PDF has an icon that opens its notes
 * @property {boolean} [watch] somebody looks on, who is told the faults alone, and measures
 */

/**
 * Build the deck in `root` into its dist/: all of it, or nothing.
 *
 * @param {string} root the repository
 * @param {Options} options
 * @returns {Promise<string>} path of the HTML
 * @throws {DeckFaults}
 */
export async function build(root, options = {}) {
  const dist = join(root, 'dist');
  const sources = digest(root);
  const deck = await Deck.open(root, options);
  const [page, ...others] = artefacts(options);
  const { work, leave } = enterWork(dist);
  share(deck);
  try {
    await makeOne(page, join(work, page), deck, sources, options);
    check(deck, options);
    if (!options.watch) await inspect(join(work, page), deck);
    for (const name of others) await makeOne(name, join(work, name), deck, sources, options);
    const pictures = others.includes('deck.md') ? [...deck.drawings.values()] : [];
    for (const { name, uri } of pictures)
      writeFileSync(join(work, name), Buffer.from(uri.split(',')[1], 'base64'));
    for (const name of [page, ...others, ...pictures.map(({ name }) => name)]) {
      renameSync(join(work, name), join(dist, name));
      say(`dist/${name}  ${(statSync(join(dist, name)).size / 1024).toFixed(0)} KiB`);
    }
  } finally {
    share(undefined);
    leave();
  }
  const missing = deck.blocks.filter(({ recorded }) => !recorded).length;
  if (options.draft)
    say(`DRAFT: ${missing} of ${deck.blocks.length} blocks without a proof; not for an audience`);
  if (options.all && deck.hasShort && !deck.short) await build(root, { ...options, short: true });
  return join(dist, page);
}

/**
 * Tell what proves each block of a deck that was rendered, and what is wrong.
 *
 * @param {Deck} deck
 * @param {Options} options
 * @throws {DeckFaults}
 */
function check(deck, { proved, watch }) {
  if (deck.blocks.length > 0 && !watch) say(proofTable(deck));
  for (const { line, run, snippet, check, ...block } of deck.blocks)
    if (proved && !block.proved)
      deck.fault(
        line,
        `${check ? `${snippet} is unchecked` : `${run} is only recorded`}; npm test`,
      );
  if (deck.faults.length > 0) throw new DeckFaults(deck.faults);
}

/**
 * @param {Options} options
 * @returns {string[]} names of what to make, the HTML first
 */
function artefacts({ draft, short, all, 'html-only': htmlOnly }) {
  const [html, pdf] = draft
    ? ['draft.html', 'draft.pdf']
    : short
      ? ['short.html', 'short.pdf']
      : ['index.html', 'deck.pdf'];
  if (htmlOnly) return [html];
  const prints = all ? Object.keys(PRINTS) : [];
  if (short) return [html, pdf, ...prints.map((name) => `short-${name}`)];
  return [
    html,
    pdf,
    ...(draft ? [] : ['deck.md']),
    ...(all ? ['deck.pptx', 'preview.png', ...prints] : []),
  ];
}

/**
 * A folder to work in, on the same disk as dist/, so that moving there is atomic. Those of builds
 * that were killed go.
 *
 * @param {string} dist
 */
function enterWork(dist) {
  if (statSync(dist, { throwIfNoEntry: false })?.isFile())
    throw new Error(`${dist} is a file; remove it`);
  const work = join(dist, `.building-${process.pid}`);
  mkdirSync(work, { recursive: true });
  for (const name of readdirSync(dist)) {
    const [, pid] = /^\.building-(\d+)$/.exec(name) ?? [];
    if (pid && !runs(Number(pid))) rmSync(join(dist, name), { recursive: true, force: true });
  }
  const remove = () => rmSync(work, { recursive: true, force: true });
  process.once('exit', remove);
  const leave = () => {
    process.off('exit', remove);
    remove();
  };
  return { work, leave };
}

/** @param {number} pid */
function runs(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process runs, too.
    return /** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH';
  }
}

/**
 * @param {string} name
 * @param {string} path to write it to
 * @param {Deck} deck
 * @param {string} sources digest of what the deck is made of
 * @param {Options} options
 */
async function makeOne(name, path, deck, sources, { 'pdf-notes': pdfNotes }) {
  say(`${name} …`);
  if (name.endsWith('.md')) {
    writeFileSync(path, plainDeck(deck));
    return;
  }
  const [, print] = Object.entries(PRINTS).find(([print]) => name.endsWith(print)) ?? [];
  deck.pdf = name.endsWith('.pdf') && !print;
  if (print) {
    await printA4(await print(deck), path);
    return;
  }
  // Made by another process meanwhile.
  const code = name.endsWith('.html') ? bundlePage() : undefined;
  code?.catch(() => {}); // told when it is waited for
  const config = join(deck.root, 'marp.config.mjs');
  const image = name.endsWith('.png') ? ['--image', 'png'] : [];
  const notes = deck.pdf && pdfNotes ? ['--pdf-notes'] : [];
  const make = () =>
    marpCli([
      join(deck.root, deck.path),
      '--config-file',
      config,
      '--output',
      path,
      ...image,
      ...notes,
    ]);
  let status = await make();
  if (await deck.diagrams.draw()) status = await make();
  if (status !== 0 || !existsSync(path))
    throw new Error(`Marp CLI wrote no ${name} (status ${status})`);
  if (code)
    writeFileSync(path, mark(await finishHtml(readFileSync(path, 'utf8'), deck, code), sources));
}

/**
 * Have a browser look whether all fits its slide; where there is none, say so.
 *
 * @param {string} page the HTML
 * @param {Deck} deck
 * @throws {DeckFaults}
 */
async function inspect(page, deck) {
  let browser = /** @type {import('puppeteer-core').Browser | void} */ (undefined);
  const launch = async () => {
    browser = await launchBrowser().catch(({ message }) =>
      say(`not measured whether all fits its slide: ${message}`),
    );
    return browser;
  };
  try {
    const faults = await misfits(launch, page);
    if (faults.length > 0 && !deck.draft) throw new DeckFaults(faults);
    for (const fault of faults) say(fault);
  } finally {
    await browser?.close();
  }
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}
