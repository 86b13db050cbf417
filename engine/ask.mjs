/**
 * Answers the runner's questions, so that what it compares is what the slides show:
 *
 *     node engine/ask.mjs
 *
 * A question is a line of JSON on stdin, and so is its answer on stdout, in the same order; with
 * stdin it ends.
 *
 *     {"read": PATH, "id": ID}                     a recording: {"recording": …} or {"damaged": …, "line": …}
 *     {"show": TEXT, "cols": COLS, "rows": ROWS}   its final screen: {"lines": [[[text, look], …], …], "pictures": [BASE64, …]}
 *     {"deck": ROOT}                               what is on its slides: {"slides": …, "blocks": …, "dashboards": …},
 *                                                  or why it cannot be shown: {"faults": […]}
 *     {"edit": ROOT, "texts": {IMPORT: TEXT}}      files with other text where slides show them:
 *                                                  {"files": {ID: TEXT}}, or {"fault": …}
 *     {"editor": true}                             what the page has besides where its code may be
 *                                                  edited: {"html": …}
 *     {"stale": PAGE, "root": ROOT}                was the page made of something else? {"stale": true or false}
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Deck } from './read/deck.mjs';
import { DeckFaults, Fault } from './read/faults.mjs';
import { notesOf } from './read/notes.mjs';
import { DamagedError, parseRecording } from './read/recordings.mjs';
import { replaceExcerpts } from './read/snippets.mjs';
import { isStale } from './read/sources.mjs';
import { renderScreen } from './terminal/screen.mjs';

/** @param {{ read: string, id: string }} question */
function read({ read: path, id }) {
  try {
    return { recording: parseRecording(readFileSync(path), id) };
  } catch (error) {
    if (!(error instanceof DamagedError)) throw error;
    return { damaged: error.message, line: error.line };
  }
}

/** @param {{ show: string, cols: number, rows: number }} question */
async function show({ show: text, cols, rows }) {
  const { lines, pictures } = await renderScreen({ cols, rows, events: [[0, 'o', text]] });
  return { lines: lines.map(({ runs }) => runs), pictures };
}

/** @param {{ deck: string }} question */
async function describe({ deck: root }) {
  // Not above: Marp takes a moment to load, and most questions are not about the deck.
  const { DeckMarp } = await import('./render/marp.mjs');
  const deck = await Deck.open(root, { draft: true });
  const marp = await DeckMarp.open({ html: true }, deck);
  marp.themeSet.add(readFileSync(join(root, 'slides/theme.css'), 'utf8'));
  try {
    marp.render(deck.read());
  } catch (error) {
    if (!(error instanceof DeckFaults)) throw error;
    return { faults: error.faults };
  }
  const { blocks, dashboards, comments } = deck;
  const slides = deck.slides.map((slide, at) => ({ ...slide, notes: notesOf(comments[at]) }));
  return { slides, blocks, dashboards };
}

/** @param {{ edit: string, texts: Record<string, string> }} question */
function edit({ edit: root, texts }) {
  try {
    return { files: replaceExcerpts(root, texts) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { fault: error.message };
  }
}

async function editor() {
  const { bundleEditor } = await import('./write/page.mjs');
  return { html: await bundleEditor() };
}

/** @param {any} question */
function answer(question) {
  if ('read' in question) return read(question);
  if ('show' in question) return show(question);
  if ('deck' in question) return describe(question);
  if ('edit' in question) return edit(question);
  if ('editor' in question) return editor();
  return { stale: isStale(question.root, question.stale) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await answer(question))}\n`);
}
