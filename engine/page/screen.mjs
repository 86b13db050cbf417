import { Terminal } from '@xterm/headless';

/** @typedef {import('@xterm/headless').IBufferCell} Cell */

const SCROLLBACK = 2000;

/**
 * A terminal without a face: xterm.js interprets what was written, and `lines()` gives it as HTML.
 *
 * Real text in the page's own font, rather than xterm's own renderer: it is selected, zoomed and
 * read aloud like the rest of the slide, also under the transform of Marp's inline SVG.
 */
export class Screen {
  #terminal;
  #changed;

  /**
   * @param {number} columns
   * @param {number} rows
   * @param {() => void} changed called after each write has been interpreted
   */
  constructor(columns, rows, changed) {
    this.#terminal = new Terminal({
      cols: columns,
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

  /** All lines, those scrolled off included, as HTML; blank lines at the end are left out. */
  lines() {
    const buffer = this.#terminal.buffer.active;
    const lines = [];
    for (let row = 0; row < buffer.length; row += 1) lines.push(toHtml(buffer.getLine(row)));
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }
}

/** @param {import('@xterm/headless').IBufferLine | undefined} line */
function toHtml(line) {
  if (!line) return '';
  let html = '';
  let style = '';
  let text = '';
  const flush = () => {
    html += style && text ? `<span style="${style}">${escapeHtml(text)}</span>` : escapeHtml(text);
    text = '';
  };
  const length = line.translateToString(true).length;
  for (let column = 0; column < line.length; column += 1) {
    const cell = line.getCell(column);
    if (!cell || cell.getWidth() === 0) continue;
    const next = toStyle(cell);
    if (column >= length && !cell.isInverse() && cell.isBgDefault()) break;
    if (next !== style) {
      flush();
      style = next;
    }
    text += cell.getChars() || ' ';
  }
  flush();
  return html;
}

/** @param {Cell} cell */
function toStyle(cell) {
  let foreground = cell.isFgDefault() ? '' : colour(cell.getFgColor(), cell.isFgRGB());
  let background = cell.isBgDefault() ? '' : colour(cell.getBgColor(), cell.isBgRGB());
  if (cell.isInverse()) {
    [foreground, background] = [
      background || 'var(--pane-background, #161b26)',
      foreground || 'var(--pane-foreground, #e8ecf3)',
    ];
  }
  if (cell.isDim() && !foreground) foreground = 'var(--pane-quiet, #a9b4c6)';
  return [
    foreground && `color:${foreground}`,
    background && `background:${background}`,
    cell.isBold() && 'font-weight:600',
    cell.isItalic() && 'font-style:italic',
    cell.isUnderline() && 'text-decoration:underline',
  ]
    .filter(Boolean)
    .join(';');
}

// Light enough for 4.5:1 on a dark pane; a theme may set --ansi-0 … --ansi-15.
const PALETTE = [
  '#9aa5b8',
  '#ff8f8f',
  '#7ee2a0',
  '#f2cf73',
  '#8ab8ff',
  '#dda6ff',
  '#72dbe6',
  '#e8ecf3',
];

/**
 * @param {number} value an index of the 256 colours, or 0xRRGGBB
 * @param {boolean} rgb
 */
function colour(value, rgb) {
  if (rgb) return `#${value.toString(16).padStart(6, '0')}`;
  if (value < 16) return `var(--ansi-${value}, ${PALETTE[value % 8]})`;
  if (value >= 232) return `rgb(${Array(3).fill(8 + (value - 232) * 10)})`;
  const level = [36, 6, 1].map((step) => Math.floor((value - 16) / step) % 6);
  return `rgb(${level.map((step) => (step ? 55 + step * 40 : 0))})`;
}

/** @param {string} text */
function escapeHtml(text) {
  return text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? '');
}
