import { Fault } from '../read/faults.mjs';

const EXAMPLE = `write '{1-10}', '{1-3,40-}', '{from "text"}', '{to "text"}' or '{from "text" to "text"}'`;

/** Stands where lines are left out. */
const GAP = { text: '…', html: '<span class="gap">…</span>' };

/**
 * Part of what a snippet printed, with `…` where something is left out.
 *
 * @template {{ text: string, html: string }} Line
 * @param {Line[]} lines all that it printed
 * @param {string} part what stands between the braces
 * @param {string} id of the snippet, for the fault
 * @returns {(Line | typeof GAP)[]}
 * @throws {Fault} when it names what was not printed
 */
export function partOf(lines, part, id) {
  const ranges = part.includes('"') ? [between(lines, part, id)] : numbered(lines, part, id);
  /** @type {(Line | typeof GAP)[]} */
  const shown = [];
  let next = 0;
  for (const [first, end] of ranges) {
    if (first < next) throw new Fault(`{${part}} goes back`, 'name each line once, in their order');
    if (first > next) shown.push(GAP);
    shown.push(...lines.slice(first, end));
    next = end;
  }
  if (next < lines.length) shown.push(GAP);
  return shown;
}

/**
 * @param {unknown[]} lines
 * @param {string} part
 * @param {string} id
 * @returns {[first: number, end: number][]} from 0, the end excluded
 */
function numbered(lines, part, id) {
  return part.split(',').map((range) => {
    const match = /^\s*(\d+)(?:(-)(\d+)?)?\s*$/.exec(range);
    if (!match) throw new Fault(`'{${part}}' is no part of an output`, EXAMPLE);
    const first = Number(match[1]);
    const last = Number(match[3] ?? (match[2] ? lines.length : first));
    const missing = [first, last].find((line) => line < 1 || line > lines.length);
    if (missing !== undefined)
      throw new Fault(
        `line ${missing} of what ${id} printed does not exist`,
        `its lines are 1 to ${lines.length}`,
      );
    if (first > last)
      throw new Fault(`the lines ${first}-${last} run backwards`, `write ${last}-${first}`);
    return [first - 1, last];
  });
}

/**
 * @param {{ text: string }[]} lines
 * @param {string} part
 * @param {string} id
 * @returns {[first: number, end: number]}
 */
function between(lines, part, id) {
  const match = /^\s*(?:from\s+"([^"]+)")?\s*(?:to\s+"([^"]+)")?\s*$/.exec(part);
  if (!match) throw new Fault(`'{${part}}' is no part of an output`, EXAMPLE);
  const [first, last] = match
    .slice(1)
    .map((text) => (text === undefined ? undefined : lineWith(lines, text, id)));
  if (first !== undefined && last !== undefined && first > last)
    throw new Fault(`in {${part}} the end is printed before the beginning`, 'exchange them');
  return [first ?? 0, (last ?? lines.length - 1) + 1];
}

/**
 * @param {{ text: string }[]} lines
 * @param {string} text
 * @param {string} id
 */
function lineWith(lines, text, id) {
  const found = lines.flatMap((line, index) => (line.text.includes(text) ? [index] : []));
  if (found.length === 1) return found[0];
  if (found.length === 0)
    throw new Fault(`${id} printed no line with "${text}"`, 'write some of a line that it prints');
  throw new Fault(
    `${id} printed "${text}" on ${found.length} lines (${found.map((index) => index + 1).join(', ')})`,
    'write more of the line that is meant',
  );
}
