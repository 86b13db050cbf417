import { Fault } from '../read/faults.mjs';

/**
 * Stepped highlights: `{1-2|4|all}` after an import.
 *
 * Bespoke counts each `[data-marpit-fragment]` as a step and marks it active or
 * inactive, in the presenter view too. So the steps are empty marker elements
 * before the code, and CSS alone lights the lines of the last active one.
 * What is printed, and pictures, which have no Bespoke, show the code whole, unless its steps are
 * pages (pages.mjs).
 */

/**
 * @param {string | undefined} ranges what stands between the braces
 * @param {number} count lines of the code
 * @param {string} name of the code, for the fault
 * @returns {Set<number>[]} for each step, the lines lit, from 1
 * @throws {Fault} on a range that is malformed or beyond the code
 */
export function parseSteps(ranges, count, name) {
  if (ranges === undefined) return [];
  return ranges.split('|').map((step) => {
    if (step.trim() === 'all') return new Set(lines(1, count));
    return new Set(step.split(',').flatMap((range) => parseRange(range.trim(), count, name)));
  });
}

/**
 * @param {string} range `3` or `3-5`
 * @param {number} count
 * @param {string} name
 */
function parseRange(range, count, name) {
  const match = /^(\d+)(?:-(\d+))?$/.exec(range);
  if (!match) {
    throw new Fault(
      `'${range}' is no line range`,
      "write lines as '2', '2-3', '2,5' or 'all', steps apart by '|'",
    );
  }
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
  if (first > last)
    throw new Fault(`the line range ${range} runs backwards`, `write ${last}-${first}`);
  if (first < 1 || last > count) {
    throw new Fault(
      `line ${first < 1 ? first : last} of ${name} does not exist`,
      `its lines are 1 to ${count}`,
    );
  }
  return lines(first, last);
}

/**
 * @param {number} first
 * @param {number} last
 */
function lines(first, last) {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/**
 * Tells the highlighter in which steps each line is lit.
 *
 * @param {Set<number>[]} steps
 * @returns {import('@marp-team/marp-core').Marp['shikiTransformers'][number]}
 */
export function stepTransformer(steps) {
  return {
    name: 'deck-steps',
    line(node, line) {
      const lit = steps.flatMap((lines, step) => (lines.has(line) ? [step] : []));
      node.properties['data-steps'] = lit.join(' ');
    },
  };
}

/**
 * @param {number} count the most steps that any code has
 * @param {'screen' | 'all'} media where
 * @returns {string} the rules that light and dim lines
 */
export function stepCss(count, media) {
  const states = Array.from({ length: count }, (_, step) => {
    // The first is no fragment: it shows when the slide does.
    const active = step > 0 ? '[data-bespoke-marp-fragment="active"]' : '';
    const reached = `.step[data-step="${step}"]${active}:not([data-all])`;
    const next = '.step[data-bespoke-marp-fragment="inactive"]';
    const pre = [`${reached} + ${next} ~ pre`, `${reached} + pre`];
    const dim = pre.map((selector) => `${selector} .line:not([data-steps~="${step}"])`);
    const lit = pre.map((selector) => `${selector} .line[data-steps~="${step}"]`);
    return { dim, lit };
  });
  if (states.length === 0) return '';
  return `
@media ${media} {
${states.flatMap(({ dim }) => dim.flatMap((line) => [line, `${line} span`])).join(',\n')} {
  color: var(--code-dim, #687080) !important;
}
${states.flatMap(({ lit }) => lit).join(',\n')} {
  background: var(--code-lit, var(--marp-shiki-line-highlight));
}
}`;
}
