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

/** What the runner says in the midst of one (runner/processes/output.py), and what then goes on of the
 * picture: to its end, or for longer than words are. */
const GOES_ON =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /^((?:\x1b\[0m(?:\r\n)?\x1b\[33m\[[^\x1b]*\]\x1b\[0m\r\n)*)(?:[\w+/=]*(?:\x07|\x1b\\)|[\w+/=]{1000,}|$)/;

/** The largest that is shown, in bytes: a recording carries it, and so does the page. */
const MOST = 500_000;
const HEAD = 1000; // characters in which its options are
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
  /** A sequence that is not written to its end yet; of one that is too large, how it begins. */
  #rest = '';
  /** Characters that were left out of it. */
  #left = 0;
  /** May what comes be the rest of a picture that was broken off? */
  #broken = false;

  /**
   * @param {string} written
   * @param {number} rows of the terminal
   * @returns {string} for the terminal: the same with a character for each picture
   */
  take(written, rows) {
    let text = this.#rest + (this.#broken ? this.#goOn(written) : written);
    let taken = '';
    for (let begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN)) {
      const [end, after] = endOf(text, begin);
      if (end < 0) break;
      const sequence = text.slice(begin + BEGIN.length, end);
      taken += text.slice(0, begin) + this.#keep(sequence, rows, end < after);
      this.#left = 0;
      text = end < after ? text.slice(after) : this.#goOn(text.slice(after));
    }
    const open = unfinished(text);
    this.#rest = text.slice(open);
    if (this.#rest.length > 2 * MOST) {
      // It will not be shown, so its size will do, and its last character, which may begin its end.
      const kept = this.#rest.slice(0, HEAD) + this.#rest.slice(-1);
      this.#left += this.#rest.length - kept.length;
      this.#rest = kept;
    }
    return taken + text.slice(0, open);
  }

  /** @param {string} text after a picture that was broken off @returns {string} less the rest of that */
  #goOn(text) {
    this.#broken = GOES_ON.exec(text)?.[0] === text;
    return text.replace(GOES_ON, '$1');
  }

  /** @param {string} chars of a cell @returns {Picture | undefined} */
  at(chars) {
    const code = chars.codePointAt(0) ?? 0;
    return code >= FIRST && code <= LAST ? this.#pictures[code - FIRST] : undefined;
  }

  /**
   * @param {string} sequence `NAME=VALUE;…:BASE64`
   * @param {number} rows of the terminal
   * @param {boolean} whole or broken off?
   */
  #keep(sequence, rows, whole) {
    const [head, data = ''] = sequence.split(/:(.*)/s);
    const options = new Map(head.split(';').map((option) => split(option)));
    if (options.get('inline') !== '1') return ''; // a file to save
    if (!whole) return '[a part of a picture]';
    const size = Math.floor(((data.length + this.#left) * 3) / 4);
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
 * @returns {[end: number, after: number]} where it ends, and what comes after it; -1 if it does not.
 *   It is broken off by an escape that is not ST's: both are the same then.
 */
function endOf(text, begin) {
  const [bel, esc] = ['\x07', '\x1b'].map((mark) => text.indexOf(mark, begin + 1));
  if (bel >= 0 && (esc < 0 || bel < esc)) return [bel, bel + 1];
  if (esc < 0 || esc === text.length - 1) return [-1, 0];
  return [esc, text[esc + 1] === '\\' ? esc + 2 : esc];
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
