/** Something wrong that an author must mend: what it is, and the remedy. */
export class Fault extends Error {
  /**
   * @param {string} what the thing and what is wrong with it
   * @param {string} remedy what to do about it
   */
  constructor(what, remedy) {
    super(`${what}; ${remedy}`);
    this.name = 'Fault';
  }
}

/** All faults of one rendering, so that an author mends them in one go. */
export class DeckFaults extends Error {
  /** @param {string[]} faults each `slides/deck.md:LINE: what is wrong; remedy` */
  constructor(faults) {
    const sorted = faults.toSorted((a, b) => lineOf(a) - lineOf(b));
    super(sorted.join('\n'));
    this.name = 'DeckFaults';
    this.faults = sorted;
  }
}

/** @param {string} fault */
function lineOf(fault) {
  return Number(/^[^:]*:(\d+):/.exec(fault)?.[1] ?? 0);
}

/**
 * The name most like `wrong`, to suggest it; undefined when none is near.
 *
 * @param {string} wrong
 * @param {Iterable<string>} names
 * @returns {string | undefined}
 */
export function nearest(wrong, names) {
  const ranked = [...names]
    .map((name) => ({ name, distance: editDistance(wrong, name) }))
    .sort((a, b) => a.distance - b.distance || a.name.localeCompare(b.name));
  const best = ranked[0];
  return best && best.distance <= Math.max(2, wrong.length / 2) ? best.name : undefined;
}

/**
 * Levenshtein distance, a row at a time.
 *
 * @param {string} a
 * @param {string} b
 * @returns {number}
 */
function editDistance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
