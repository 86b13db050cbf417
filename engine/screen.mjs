import xterm from '@xterm/headless';
import { escapeHtml } from './html.mjs';

const SCROLLBACK = 2000; // lines

/** @typedef {{ text: string, html: string }} Line `html` is the same text, with spans for its look */

/**
 * A terminal without a face: xterm.js interprets what was written, and `lines()` gives it as HTML.
 * The build takes it for final screens, the page for replays and runs.
 *
 * Real text in the page's own font, rather than xterm's own renderer: it is selected, zoomed and
 * read aloud like the rest of the slide, also under the transform of Marp's inline SVG.
 */
export class Screen {
  #terminal;
  #changed;

  /**
   * @param {number} cols
   * @param {number} rows
   * @param {() => void} changed called after each write has been interpreted
   */
  constructor(cols, rows, changed = () => {}) {
    this.#terminal = new xterm.Terminal({
      cols,
      rows,
      scrollback: SCROLLBACK,
      allowProposedApi: true,
    });
    this.#changed = changed;
  }

  /**
   * @param {string} text with escape sequences
   * @param {() => void} done called when it, and all before it, has been interpreted
   */
  write(text, done = this.#changed) {
    this.#terminal.write(text, done);
  }

  /** All lines, those scrolled off included; blank lines at the end are left out. */
  lines() {
    const buffer = this.#terminal.buffer.active;
    const lines = Array.from({ length: buffer.length }, (_, row) => readLine(buffer.getLine(row)));
    while (lines.at(-1)?.html === '') lines.pop();
    return lines;
  }
}

/**
 * The final screen of a recording.
 *
 * @typedef {object} FinalScreen
 * @property {string} text lines parted by newlines, no blank lines at the end
 * @property {string} html
 * @property {number} rows lines
 */

/** @type {Map<string, Promise<FinalScreen>>} by what was printed: the watcher renders often */
const screens = new Map();

/**
 * Play a recording to its end.
 *
 * @param {Pick<import('./recordings.mjs').Recording, 'cols' | 'rows' | 'events'>} recording
 * @returns {Promise<FinalScreen>}
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
 * @returns {Promise<FinalScreen>}
 */
async function play(output, cols, rows) {
  const screen = new Screen(cols, rows);
  await new Promise((resolve) => screen.write(output, () => resolve(undefined)));
  const lines = screen.lines();
  return {
    text: lines.map(({ text }) => text).join('\n'),
    html: lines.map(({ html }) => html).join('\n'),
    rows: lines.length,
  };
}

/**
 * @param {import('@xterm/headless').IBufferLine | undefined} line
 * @returns {Line}
 */
function readLine(line) {
  /** @type {{ text: string, look: string }[]} */
  const runs = [];
  // Most lines of a screen are empty.
  const width = line?.translateToString(true) ? line.length : 0;
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
  // Blank cells at the end are the terminal's, not the program's, unless they are coloured.
  const last = runs.at(-1);
  if (last?.look === '') last.text = last.text.trimEnd();
  return {
    text: runs
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
    html: runs
      .map(({ text, look }) =>
        look && text ? `<span ${look}>${escapeHtml(text)}</span>` : escapeHtml(text),
      )
      .join(''),
  };
}

/**
 * @param {import('@xterm/headless').IBufferCell} cell
 * @returns {string} attributes of its span, empty for plain text
 */
function lookOf(cell) {
  let ink = cell.isFgDefault() ? '' : colour(cell.getFgColor(), cell.isFgRGB());
  let ground = cell.isBgDefault() ? '' : colour(cell.getBgColor(), cell.isBgRGB());
  if (cell.isInverse()) {
    [ink, ground] = [ground || 'var(--pane-background)', ink || 'var(--pane-foreground)'];
  }
  const classes = [
    cell.isBold() && 'bold',
    cell.isDim() && 'dim',
    cell.isItalic() && 'italic',
    cell.isUnderline() && 'underline',
  ].filter(Boolean);
  const styles = [ink && `color:${ink}`, ground && `background:${ground}`].filter(Boolean);
  return [
    classes.length > 0 && `class="${classes.join(' ')}"`,
    styles.length > 0 && `style="${styles.join(';')}"`,
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
  const cube = [36, 6, 1].map((step) => Math.floor((value - 16) / step) % 6);
  const levels =
    value < 232
      ? cube.map((level) => (level ? 55 + 40 * level : 0))
      : Array(3).fill(10 * value - 2312);
  return `rgb(${levels.join(' ')})`;
}
