/**
 * What proves each block: block → snippet → recording → proved.
 *
 * @param {import('./deck.mjs').Deck} deck
 * @returns {string}
 */
export function proofTable({ blocks, recordings, path }) {
  const rows = blocks.map(({ slide, line, kind, snippet, region, run, proved, reason }) => [
    `slide ${slide}`,
    `${path}:${line}`,
    kind,
    region === undefined ? snippet : `${snippet}#${region}`,
    recordings.has(run) ? `${run}.cast` : 'no recording',
    proved ? '✓' : `✗ ${reason}`,
  ]);
  const table = [['slide', 'deck', 'block', 'snippet', 'recording', 'proved'], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  const proved = blocks.filter((block) => block.proved).length;
  return [...lines, `${proved} of ${blocks.length} blocks proved`].join('\n');
}
