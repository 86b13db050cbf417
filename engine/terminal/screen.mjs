import './unpooled.mjs';
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes/lib/addon-unicode-graphemes.mjs';
import xterm from '@xterm/headless';
import { escapeHtml } from './escape.mjs';
import { lookOf } from './look.mjs';
import { Pictures } from './pictures.mjs';

const SCROLLBACK = 2000; // lines that a pane keeps of a run

/** What the embedded typeface draws one column wide; the rest is put on the grid one by one. */
const TYPEFACE = /^[\x20-\u017f\u2010-\u2026\u2190-\u2193\u2500-\u259f]*$/;

/** Code points of a cell that are drawn: a letter and its accents, no more than Unicode's stream-safe
 * text has (UAX #15), since a browser takes seconds for thousands of them. */
const MOST_POINTS = 31;

/**
 * A line of a screen.
 *
 * @typedef {object} Line
 * @property {string} text as it is seen: what is concealed is blank
 * @property {[text: string, look: string][]} runs the same text, with the attributes of its look
 * @property {string} html the same text, with spans for its look; pictures are drawn
 * @property {string[]} pictures base64
 * @property {number} rows that it takes: one, if there is no picture
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
  #pictures = new Pictures();

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
    this.#boundCounts(cols, rows);
  }

  /**
   * What xterm.js would do a hundred million times because a program says so, it does no oftener than
   * the screen can show: to insert, delete or scroll lines, to go to tabs, to repeat a character.
   *
   * @param {number} cols
   * @param {number} rows
   */
  #boundCounts(cols, rows) {
    // No public name has it: the handlers that have one get a copy of the count.
    const { _core } = /** @type {any} */ (this.#terminal);
    const most = { L: rows, M: rows, S: rows, T: rows, I: cols, Z: cols, b: cols * rows };
    for (const [final, count] of Object.entries(most)) {
      _core.registerCsiHandler({ final }, (/** @type {{ params: Int32Array }} */ { params }) => {
        params[0] = Math.min(params[0], count);
        return false; // xterm.js does the rest
      });
    }
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
    this.#terminal.write(this.#pictures.take(text, this.#terminal.rows), done);
  }

  /** All lines, those scrolled off included; blank lines at the end are left out. */
  lines() {
    const buffer = this.#terminal.buffer.active;
    const lines = Array.from({ length: buffer.length }, (_, row) =>
      readLine(buffer.getLine(row), this),
    );
    while (lines.at(-1)?.html === '') lines.pop();
    return lines;
  }

  /** @param {string} chars of a cell */
  pictureOf(chars) {
    return this.#pictures.at(chars);
  }

  /**
   * @param {import('@xterm/headless').IBufferCell} cell
   * @returns {string} the address that it leads to (OSC 8); none that is not of the web
   */
  linkOf(cell) {
    // No public name has it: xterm.js itself reads it so when it draws.
    const { extended } = /** @type {any} */ (cell);
    const { _core } = /** @type {any} */ (this.#terminal);
    const uri = extended?.urlId && _core._oscLinkService.getLinkData(extended.urlId)?.uri;
    return uri && /^https?:\/\//i.test(uri) ? uri : '';
  }
}

/**
 * The final screen of a recording.
 *
 * @typedef {object} FinalScreen
 * @property {Line[]} lines no blank lines at the end
 * @property {string} text lines parted by newlines
 * @property {string} html
 * @property {string[]} pictures base64, in their order
 */

/**
 * Play a recording to its end.
 *
 * @param {{ cols: number, rows: number, events: [number, string, string][] }} recording
 * @returns {Promise<FinalScreen>}
 */
export async function renderScreen({ cols, rows, events }) {
  const output = events.flatMap(([, code, data]) => (code === 'o' ? [data] : [])).join('');
  // No more lines scroll off than it has characters, so that all are compared, and counted.
  const screen = new Screen(cols, rows, undefined, output.length);
  await new Promise((resolve) => screen.write(output, () => resolve(undefined)));
  const lines = screen.lines();
  return {
    lines,
    text: lines.map(({ text }) => text).join('\n'),
    html: lines.map(({ html }) => html).join('\n'),
    pictures: lines.flatMap(({ pictures }) => pictures),
  };
}

/**
 * @param {import('@xterm/headless').IBufferLine | undefined} line
 * @param {Screen} screen
 * @returns {Line}
 */
function readLine(line, screen) {
  /** @type {{ look: string, link: string, cells: Cell[] }[]} */
  const runs = [];
  /** @type {import('./pictures.mjs').Picture[]} */
  const pictures = [];
  // Most lines of a screen are empty.
  const length = line?.translateToString(true) ? line.length : 0;
  for (let column = 0; column < length; column += 1) {
    const cell = line?.getCell(column);
    // A wide character fills two cells; the second has no width.
    const width = cell?.getWidth() ?? 0;
    if (!cell || width === 0) continue;
    const picture = screen.pictureOf(cell.getChars());
    if (picture) pictures.push(picture);
    const chars = picture?.text ?? ((!cell.isInvisible() && charsOf(cell)) || ' '.repeat(width));
    const [look, link] = [lookOf(cell), screen.linkOf(cell)];
    const last = runs.at(-1);
    const read = { chars, width, html: picture?.html };
    if (last?.look === look && last.link === link) last.cells.push(read);
    else runs.push({ look, link, cells: [read] });
  }
  // Blank cells at the end are the terminal's, not the program's, unless they are coloured.
  const last = runs.at(-1);
  while (last?.look === '' && !last.link && last.cells.at(-1)?.chars.trim() === '')
    last.cells.pop();
  const drawn = runs.filter(({ cells }) => cells.length > 0);
  return {
    text: drawn
      .map(({ cells }) => textOf(cells))
      .join('')
      .trimEnd(),
    runs: drawn.map(({ look, link, cells }) => [
      textOf(cells),
      [look, link && `href="${escapeHtml(link)}"`].filter(Boolean).join(' '),
    ]),
    html: drawn
      .map(({ look, link, cells }) => {
        const html = cells.map(onGrid).join('');
        const styled = look ? `<span ${look}>${html}</span>` : html;
        return link
          ? `<a href="${escapeHtml(link)}" target="_blank" rel="noopener noreferrer">${styled}</a>`
          : styled;
      })
      .join(''),
    pictures: pictures.map(({ data }) => data),
    rows: Math.max(1, ...pictures.map(({ rows }) => rows)),
  };
}

/** @param {import('@xterm/headless').IBufferCell} cell */
function charsOf(cell) {
  const chars = cell.getChars();
  return chars.length > MOST_POINTS ? [...chars].slice(0, MOST_POINTS).join('') : chars;
}

/** @typedef {{ chars: string, width: number, html?: string }} Cell with its HTML, if it is a picture */

/** @param {Cell[]} cells */
function textOf(cells) {
  return cells.map(({ chars }) => chars).join('');
}

/**
 * A character of another typeface is as wide as that has it: a box of its columns holds it, so that
 * what stands below each other stays so.
 *
 * @param {Cell} cell
 */
function onGrid({ chars, width, html }) {
  if (html) return html;
  if (TYPEFACE.test(chars) && width === 1) return escapeHtml(chars);
  if (chars.trim() === '') return chars;
  return `<span class="${width === 2 ? 'wide' : 'cell'}">${escapeHtml(chars)}</span>`;
}
