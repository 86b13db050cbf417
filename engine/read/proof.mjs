import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * That a run of the tests found a recording to be true, or a file to pass its check: `tests/helpers/proof.py`
 * writes it.
 *
 * @typedef {object} Proof
 * @property {string} [recording] `sha256:…` of the file that was compared
 * @property {string} [file] `sha256:…` of the file that was checked
 * @property {string} [check] the command that did
 * @property {string} at when, in ISO 8601
 * @property {string} commit that was tested, with `+` if there were changes
 * @property {Record<string, string>} versions that it ran with
 */

/**
 * @param {string} root the repository
 * @returns {Map<string, Proof>} by snippet id; empty where no test has run
 */
export function readProofs(root) {
  const path = join(root, 'dist/proof.json');
  if (!existsSync(path)) return new Map();
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(path, 'utf8'))));
  } catch {
    throw new Error('dist/proof.json is not what the tests write; remove it and run: npm test');
  }
}

/**
 * What proves each block: block → snippet → recording or check → run of the tests.
 *
 * @param {import('./deck.mjs').Deck} deck
 * @returns {string}
 */
export function proofTable({ blocks, recordings, path }) {
  const rows = blocks.map((block) => [
    `slide ${block.slide}`,
    `${path}:${block.line}`,
    block.kind,
    block.region === undefined ? block.snippet : `${block.snippet}#${block.region}`,
    recordings.has(block.run ?? '') ? `${block.run}.cast` : (block.check ?? 'none'),
    stateOf(block),
  ]);
  const table = [['slide', 'deck', 'block', 'snippet', 'proof', 'state'], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  const proved = blocks.filter((block) => block.proved).length;
  const waiting = blocks.filter((block) => block.recorded).length - proved;
  const rest = waiting > 0 ? `, ${waiting} to be proved (npm test)` : '';
  return [...lines, `${proved} of ${blocks.length} blocks proved${rest}`].join('\n');
}

/** @param {import('./deck.mjs').Block} block */
function stateOf({ recorded, proved, check, reason }) {
  if (proved) return check ? '✓ checked' : '✓ ran';
  if (!recorded) return `✗ ${reason}`;
  return check ? 'to be checked' : 'recorded';
}
