import xterm from '@xterm/headless';
import { escapeHtml } from './html.mjs';

/**
 * The final screen of a recording.
 *
 * @typedef {object} Screen
 * @property {string} text lines parted by newlines, no blank lines at the end
 * @property {string} html the same text, with spans for colours
 * @property {number} rows lines
 */

/** @type {Map<string, Promise<Screen>>} screens by what was printed: the watcher renders often */
const screens = new Map();

/**
 * Play a recording to its end in the terminal that the page uses, too.
 *
 * @param {import('./recordings.mjs').Recording} recording
 * @returns {Promise<Screen>}
 */
export function renderScreen({ cols, rows, events }) {
  const output = events.flatMap(([, code, data]) => (code === 'o' ? [data] : [])).join('');
  const key = `${cols}x${rows} ${output}`;
  const screen = screens.get(key) ?? play(output, cols, rows);
  screens.set(key, screen);
  return screen;
}

/**
 * @param {string} output
 * @param {number} cols
 * @param {number} rows
 * @returns {Promise<Screen>}
 */
async function play(output, cols, rows) {
  const terminal = new xterm.Terminal({ cols, rows, scrollback: 100_000, allowProposedApi: true });
  await new Promise((resolve) => terminal.write(output, () => resolve(undefined)));
  const buffer = terminal.buffer.active;
  const lines = Array.from({ length: buffer.length }, (_, index) =>
    readLine(buffer.getLine(index), cols),
  );
  while (lines.length > 0 && lines.at(-1)?.text === '') lines.pop();
  terminal.dispose();
  return {
    text: lines.map(({ text }) => text).join('\n'),
    html: lines.map(({ html }) => html).join('\n'),
    rows: lines.length,
  };
}

/**
 * @param {import('@xterm/headless').IBufferLine | undefined} line
 * @param {number} cols
 */
function readLine(line, cols) {
  /** @type {{ text: string, look: string }[]} */
  const runs = [];
  const width = line?.translateToString(true).length ? cols : 0;
  for (let column = 0; column < width; column += 1) {
    const cell = line?.getCell(column);
    // A wide character fills two cells; the second has no width.
    if (!cell || cell.getWidth() === 0) continue;
    const text = cell.getChars() || ' ';
    const look = lookOf(cell);
    const last = runs.at(-1);
    if (last?.look === look) last.text += text;
    else runs.push({ text, look });
  }
  // Blank cells at the end are the terminal's, not the program's.
  while (runs.length > 0 && runs[runs.length - 1].text.trimEnd() === '') runs.pop();
  const last = runs.at(-1);
  if (last) last.text = last.text.trimEnd();
  return {
    text: runs.map(({ text }) => text).join(''),
    html: runs
      .map(({ text, look }) =>
        look ? `<span ${look}>${escapeHtml(text)}</span>` : escapeHtml(text),
      )
      .join(''),
  };
}

/**
 * @param {import('@xterm/headless').IBufferCell} cell
 * @returns {string} attributes of its span, empty for plain text
 */
function lookOf(cell) {
  const classes = [
    cell.isBold() && 'bold',
    cell.isDim() && 'dim',
    cell.isItalic() && 'italic',
    cell.isUnderline() && 'underline',
    cell.isInverse() && 'inverse',
  ].filter(Boolean);
  const styles = [
    cell.isFgDefault() ? '' : `color:${colour(cell.getFgColor(), cell.isFgRGB())}`,
    cell.isBgDefault() ? '' : `background:${colour(cell.getBgColor(), cell.isBgRGB())}`,
  ].filter(Boolean);
  return [
    classes.length > 0 ? `class="${classes.join(' ')}"` : '',
    styles.length > 0 ? `style="${styles.join(';')}"` : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/**
 * The first sixteen are the theme's; the rest of the palette is fixed by xterm.
 *
 * @param {number} value palette index, or 0xRRGGBB
 * @param {boolean} isRgb
 */
function colour(value, isRgb) {
  if (isRgb) return `#${value.toString(16).padStart(6, '0')}`;
  if (value < 16) return `var(--ansi-${value})`;
  if (value >= 232)
    return `rgb(${Array(3)
      .fill(8 + 10 * (value - 232))
      .join(' ')})`;
  const cube = value - 16;
  const levels = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6];
  return `rgb(${levels.map((level) => (level === 0 ? 0 : 55 + 40 * level)).join(' ')})`;
}
