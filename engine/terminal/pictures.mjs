import { imageSize } from 'image-size';
import { escapeHtml } from './escape.mjs';

/**
 * A picture that a program prints, as it is shown.
 *
 * @typedef {object} Picture
 * @property {string} text that stands for it where no picture can
 * @property {string} html
 * @property {string} data base64
 * @property {number} rows of the terminal that it takes
 */

const BEGIN = '\x1b]1337;File=';
const ENDS = ['\x07', '\x1b\\'];

/** The largest that is shown, in bytes: a recording carries it, and so does the page. */
const MOST = 500_000;
const MOST_ROWS = 40;

/** Pixels of a cell, as the theme's panes have it. */
const CELL = { width: 13, height: 28 };

/** In the terminal each is one character, of those that Unicode keeps for private use: it scrolls, is
 * written over and erased as text is. */
const FIRST = 0xf0000;
const LAST = 0xffffd;

/** Those in a program's output: iTerm2's inline images (https://iterm2.com/documentation-images.html). */
export class Pictures {
  /** @type {Picture[]} */
  #pictures = [];
  /** A sequence that is not written to its end yet. */
  #rest = '';

  /**
   * @param {string} written
   * @param {number} rows of the terminal
   * @returns {string} for the terminal: the same with a character for each picture
   */
  take(written, rows) {
    let text = this.#rest + written;
    this.#rest = '';
    let taken = '';
    for (let begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN)) {
      const [end, after] = endOf(text, begin);
      if (end < 0) break;
      const sequence = text.slice(begin + BEGIN.length, end);
      taken += text.slice(0, begin) + this.#keep(sequence, rows);
      text = text.slice(after);
    }
    const open = unfinished(text);
    // Of what never ends no more is kept than a picture may have.
    this.#rest = text.length - open > 2 * MOST ? '' : text.slice(open);
    return taken + text.slice(0, open);
  }

  /** @param {string} chars of a cell @returns {Picture | undefined} */
  at(chars) {
    const code = chars.codePointAt(0) ?? 0;
    return code >= FIRST && code <= LAST ? this.#pictures[code - FIRST] : undefined;
  }

  /**
   * @param {string} sequence `NAME=VALUE;…:BASE64`
   * @param {number} rows of the terminal
   */
  #keep(sequence, rows) {
    const [head, data = ''] = sequence.split(/:(.*)/s);
    const options = new Map(head.split(';').map((option) => split(option)));
    if (options.get('inline') !== '1') return ''; // a file to save
    const size = Math.floor((data.length * 3) / 4);
    if (size > MOST) return `[a picture of ${Math.ceil(size / 1000)} kB; ${MOST / 1000} are shown]`;
    const picture = pictureOf(data, options, rows);
    if (!picture || FIRST + this.#pictures.length > LAST) return '[what is no picture]';
    this.#pictures.push(picture);
    return String.fromCodePoint(FIRST + this.#pictures.length - 1);
  }
}

/**
 * @param {string} text
 * @param {number} begin of a sequence
 * @returns {[end: number, after: number]} where it ends, and what comes after it; -1 if it does not
 */
function endOf(text, begin) {
  const ends = ENDS.map((mark) => ({ at: text.indexOf(mark, begin), length: mark.length }));
  const [first] = ends.filter(({ at }) => at >= 0).sort((one, other) => one.at - other.at);
  return first ? [first.at, first.at + first.length] : [-1, 0];
}

/** @param {string} text @returns {number} where a sequence begins that may go on in what comes */
function unfinished(text) {
  const begin = text.indexOf(BEGIN);
  if (begin >= 0) return begin;
  const last = text.lastIndexOf('\x1b');
  return last >= 0 && BEGIN.startsWith(text.slice(last)) ? last : text.length;
}

/** @param {string} option @returns {[name: string, value: string]} */
function split(option) {
  const [name, value = ''] = option.split(/=(.*)/s);
  return [name, value];
}

/**
 * @param {string} data base64
 * @param {Map<string, string>} options
 * @param {number} rows of the terminal
 * @returns {Picture | undefined} nothing if it is none
 */
function pictureOf(data, options, rows) {
  try {
    const { width, height, type } = imageSize(bytesOf(data));
    if (!/^(png|jpg|gif|webp)$/.test(type ?? '')) return undefined;
    const name = new TextDecoder().decode(bytesOf(options.get('name') ?? ''));
    const mime = type === 'jpg' ? 'jpeg' : type;
    const shown = rowsOf({ width, height }, options, rows);
    return {
      text: `[picture ${width}x${height}${name ? `: ${name}` : ''}]`,
      html: `<img class="picture" alt="${escapeHtml(name || 'picture')}" style="height:calc(${shown} * 1lh)" src="data:image/${mime};base64,${data}">`,
      data,
      rows: shown,
    };
  } catch {
    return undefined;
  }
}

/** @param {string} base64 */
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

/**
 * As the program asks for it (`10`, `200px`, `50%`, `auto`), or as large as it is.
 *
 * @param {{ width: number, height: number }} size in pixels
 * @param {Map<string, string>} options
 * @param {number} rows of the terminal
 */
function rowsOf({ width, height }, options, rows) {
  const tall = pixels(options.get('height'), CELL.height, rows * CELL.height);
  const wide = pixels(options.get('width'), CELL.width, 0);
  const wanted = tall ?? (wide ? (wide * height) / width : height);
  return Math.max(1, Math.min(MOST_ROWS, Math.round(wanted / CELL.height)));
}

/**
 * @param {string | undefined} length
 * @param {number} cell pixels
 * @param {number} whole pixels; 0 if a share of it is not known
 * @returns {number | undefined} nothing for `auto`
 */
function pixels(length, cell, whole) {
  const [, number, unit] = /^(\d+)(px|%)?$/.exec(length ?? '') ?? [];
  if (number === undefined || (unit === '%' && whole === 0)) return undefined;
  if (unit === 'px') return Number(number);
  return unit === '%' ? (Number(number) * whole) / 100 : Number(number) * cell;
}
