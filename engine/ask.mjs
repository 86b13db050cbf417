/**
 * Answers the runner's questions, so that what it compares is what the slides show:
 *
 *     node engine/ask.mjs
 *
 * A question is a line of JSON on stdin, and so is its answer on stdout, in the same order; with
 * stdin it ends.
 *
 *     {"read": PATH, "id": ID}                     a recording: {"recording": …} or {"damaged": …, "line": …}
 *     {"show": TEXT, "cols": COLS, "rows": ROWS}   its final screen: {"lines": [[[text, look], …], …]}
 */

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { DamagedError, parseRecording } from './recordings.mjs';
import { renderScreen } from './screen.mjs';

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
  const { lines } = await renderScreen({ cols, rows, events: [[0, 'o', text]] });
  return { lines: lines.map(({ runs }) => runs) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  const answer = await ('read' in question ? read(question) : show(question));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
