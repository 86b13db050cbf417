import { distance } from 'fastest-levenshtein';

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
    .map((name) => ({ name, far: distance(wrong, name) }))
    .sort((a, b) => a.far - b.far || a.name.localeCompare(b.name));
  const best = ranked[0];
  return best && best.far <= Math.max(2, wrong.length / 2) ? best.name : undefined;
}
