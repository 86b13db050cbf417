import './unpooled.mjs';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes/lib/addon-unicode-graphemes.mjs';
import xterm from '@xterm/headless';
import { escapeHtml } from './escape.mjs';
import { lookOf } from './look.mjs';

const SCROLLBACK = 2000; // lines that a pane keeps of a run

/** What the embedded typeface draws one column wide; the rest is put on the grid one by one. */
const TYPEFACE = /^[\x20-\u017f\u2010-\u2026\u2190-\u2193\u2500-\u259f]*$/;

/**
 * A line of a screen.
 *
 * @typedef {object} Line
 * @property {string} text as it is seen: what is concealed is blank
 * @property {[text: string, look: string][]} runs the same text, with the attributes of its look
 * @property {string} html the same text, with spans for its look
 */

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
  #scrollback;
  #dropped = 0;

  /**
   * @param {number} cols
   * @param {number} rows
   * @param {() => void} changed called after each write has been interpreted
   * @param {number} scrollback lines that are kept above the rows
   */
  constructor(cols, rows, changed = () => {}, scrollback = SCROLLBACK) {
    this.#terminal = new xterm.Terminal({
      cols,
      rows,
      scrollback,
      allowProposedApi: true,
    });
    this.#terminal.loadAddon(new UnicodeGraphemesAddon());
    this.#changed = changed;
    this.#scrollback = scrollback;
    this.#countDropped();
  }

  /** How many lines above the first have been lost, since only so many are kept. */
  get dropped() {
    return this.#terminal.buffer.active.baseY < this.#scrollback ? 0 : this.#dropped;
  }

  /** A marker on the first line dies with it; a scroll drops one line, or none yet. */
  #countDropped() {
    const mark = () => {
      const { baseY, cursorY } = this.#terminal.buffer.normal;
      return this.#terminal.registerMarker(-baseY - cursorY);
    };
    let first = mark();
    this.#terminal.onScroll(() => {
      const { active, normal } = this.#terminal.buffer;
      if (active !== normal || !first?.isDisposed) return;
      // Where there is room yet, the program itself has cleared what was above.
      this.#dropped = normal.baseY < this.#scrollback ? 0 : this.#dropped + 1;
      first = mark();
    });
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
 * @property {Line[]} lines no blank lines at the end
 * @property {string} text lines parted by newlines
 * @property {string} html
 * @property {number} rows lines
 */

/** @type {Map<string, Promise<FinalScreen>>} by what was printed: the watcher renders often */
const screens = new Map();

/**
 * Play a recording to its end.
 *
 * @param {{ cols: number, rows: number, events: [number, string, string][] }} recording
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
  // No more lines scroll off than it has characters, so that all are compared, and counted.
  const screen = new Screen(cols, rows, undefined, output.length);
  await new Promise((resolve) => screen.write(output, () => resolve(undefined)));
  const lines = screen.lines();
  return {
    lines,
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
  /** @type {{ look: string, cells: { chars: string, width: number }[] }[]} */
  const runs = [];
  // Most lines of a screen are empty.
  const length = line?.translateToString(true) ? line.length : 0;
  for (let column = 0; column < length; column += 1) {
    const cell = line?.getCell(column);
    // A wide character fills two cells; the second has no width.
    const width = cell?.getWidth() ?? 0;
    if (!cell || width === 0) continue;
    const chars = (!cell.isInvisible() && cell.getChars()) || ' '.repeat(width);
    const look = lookOf(cell);
    const last = runs.at(-1);
    if (last?.look === look) last.cells.push({ chars, width });
    else runs.push({ look, cells: [{ chars, width }] });
  }
  // Blank cells at the end are the terminal's, not the program's, unless they are coloured.
  const last = runs.at(-1);
  while (last?.look === '' && last.cells.at(-1)?.chars.trim() === '') last.cells.pop();
  const drawn = runs.filter(({ cells }) => cells.length > 0);
  return {
    text: drawn
      .map(({ cells }) => textOf(cells))
      .join('')
      .trimEnd(),
    runs: drawn.map(({ look, cells }) => [textOf(cells), look]),
    html: drawn
      .map(({ look, cells }) => {
        const html = cells.map(onGrid).join('');
        return look ? `<span ${look}>${html}</span>` : html;
      })
      .join(''),
  };
}

/** @param {{ chars: string }[]} cells */
function textOf(cells) {
  return cells.map(({ chars }) => chars).join('');
}

/**
 * A character of another typeface is as wide as that has it: a box of its columns holds it, so that
 * what stands below each other stays so.
 *
 * @param {{ chars: string, width: number }} cell
 */
function onGrid({ chars, width }) {
  if (TYPEFACE.test(chars) && width === 1) return escapeHtml(chars);
  if (chars.trim() === '') return chars;
  return `<span class="${width === 2 ? 'wide' : 'cell'}">${escapeHtml(chars)}</span>`;
}
