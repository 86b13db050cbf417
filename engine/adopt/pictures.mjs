import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { isAbsolute, join, parse, relative, sep } from 'node:path';
import { htmlOf } from '../check/fences.mjs';
import { tagsOf } from '../read/html.mjs';

/** @typedef {import('./adoption.mjs').Adoption} Adoption */
/** @typedef {import('../render/marpit.mjs').Token} Token */
/** @typedef {import('../render/marpit.mjs').MarkdownIt} MarkdownIt */

const MEDIA = ['img', 'source', 'image', 'video', 'audio', 'track'];
const REMEDY = 'save it in assets/ and write ../assets/NAME';

/**
 * Copy the pictures that lie beside the old deck into assets/, and change their addresses.
 *
 * @param {Token[]} tokens
 * @param {MarkdownIt} md
 * @param {Adoption} adoption
 */
export function adoptPictures(tokens, md, adoption) {
  for (const token of tokens) {
    if (!token.map) continue;
    const parts = [token, ...(token.children ?? [])];
    // Marpit hides a paragraph that has backgrounds alone.
    if (/^(marpit_hidden_)?inline$/.test(token.type)) adoptImages(token, md, adoption);
    for (const [html, offset] of htmlOf(token)) adoptTags(html, offset, token, adoption);
    if (parts.some(hasStyle)) adoptUrls(token, adoption);
  }
}

/** Has it CSS, in which `url()` is a picture? @param {Token} token */
function hasStyle({ type, meta }) {
  const directs = Object.keys(meta?.marpitParsedDirectives ?? {}).length > 0;
  return type === 'front_matter' || type === 'marpit_style' || directs;
}

/**
 * `![…](ADDRESS)`, `![…][NAME]`
 *
 * @param {Token} token
 * @param {MarkdownIt} md
 * @param {Adoption} adoption
 */
function adoptImages({ map, children }, md, adoption) {
  const [first, end] = map ?? [0, 0];
  const from = { row: first, column: 0 };
  for (const image of (children ?? []).filter(({ type }) => type === 'image')) {
    const address = image.attrGet('src') ?? '';
    const place =
      find(address, /!\[(?:\\.|\[[^\]]*\]|[^\]\\])*\]\(\s*/g, from, end, md, adoption) ??
      find(address, /^[\s>]*\[[^\]]+\]:\s*/g, { row: 0, column: 0 }, Infinity, md, adoption);
    const changed = adopt(address, (place?.row ?? first) + 1, adoption);
    if (changed === undefined || changed === address) continue;
    if (!place) {
      if (!isThere(changed, adoption))
        adoption.tell(
          first + 1,
          `${address} is not where its picture is`,
          `write ${changed} there`,
        );
      continue;
    }
    const line = adoption.lines[place.row];
    adoption.lines[place.row] = line.slice(0, place.begin) + changed + line.slice(place.end);
    if (place.row >= first && place.row < end)
      Object.assign(from, { row: place.row, column: place.begin + changed.length });
  }
}

/**
 * @param {string} address as markdown-it has read it
 * @param {RegExp} before what stands before an address
 * @param {{ row: number, column: number }} from
 * @param {number} end row
 * @param {MarkdownIt} md
 * @param {Adoption} adoption
 */
function find(address, before, from, end, md, { lines }) {
  for (let row = from.row; row < Math.min(end, lines.length); row += 1)
    for (const match of lines[row].matchAll(before)) {
      const begin = match.index + match[0].length;
      if (row === from.row && begin < from.column) continue;
      const read = md.helpers.parseLinkDestination(lines[row], begin, lines[row].length);
      if (read.ok && md.normalizeLink(read.str) === address) return { row, begin, end: read.pos };
    }
  return undefined;
}

/**
 * Was it changed before? One definition is of several pictures, and one header of many slides.
 *
 * @param {string} address
 * @param {Adoption} adoption
 */
function isThere(address, { lines }) {
  return lines.some((line) => line.includes(address));
}

/**
 * `<img src="ADDRESS">`
 *
 * @param {string} html
 * @param {number} offset of its first line in the token
 * @param {Token} token
 * @param {Adoption} adoption
 */
function adoptTags(html, offset, { map }, adoption) {
  const [first, end] = map ?? [0, 0];
  for (const { name, attributes, start } of tagsOf(html)) {
    if (!MEDIA.includes(name)) continue;
    const row = first + offset + html.slice(0, start).split('\n').length - 1;
    for (const key of ['src', 'href', 'xlink:href', 'poster'].filter((key) => key in attributes)) {
      const changed = adopt(attributes[key], row + 1, adoption);
      if (changed === undefined || changed === attributes[key]) continue;
      const value = attributes[key].replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const written = new RegExp(`(\\b${key}\\s*=\\s*["']?)${value}(?=["'\\s>/]|$)`, 'i');
      const at = adoption.lines.findIndex(
        (line, index) => index >= row && index < end && written.test(line),
      );
      if (at >= 0)
        adoption.lines[at] = adoption.lines[at].replace(
          written,
          (_whole, begin) => `${begin}${changed}`,
        );
      else if (!isThere(changed, adoption))
        adoption.tell(row + 1, `${attributes[key]} is not changed`, `write ${changed}`);
    }
  }
}

/**
 * `url(ADDRESS)` of directives and styles.
 *
 * @param {Token} token
 * @param {Adoption} adoption
 */
function adoptUrls({ type, map }, adoption) {
  const [first, end] = map ?? [0, 0];
  for (let row = first; row < end; row += 1) {
    // Marp repeats this style on each slide, where nothing embeds its pictures.
    if (type === 'front_matter' && /^(?!\s*_?backgroundImage).*url\(/.test(adoption.lines[row]))
      adoption.tell(
        row + 1,
        "a picture in the front matter's style is not embedded",
        'move its rule into a <style> below the front matter',
      );
    adoption.lines[row] = adoption.lines[row].replace(
      /url\(\s*("[^"]*"|'[^']*'|[^)"']*?)\s*\)/g,
      (whole, quoted) => {
        const address = quoted.replace(/^["']|["']$/g, '');
        const changed = adopt(address, row + 1, adoption);
        return changed === undefined ? whole : whole.replace(address, () => changed);
      },
    );
  }
}

/**
 * @param {string} address
 * @param {number} line from 1
 * @param {Adoption} adoption
 * @returns {string | undefined} its new address; none if it keeps that which it has
 */
function adopt(address, line, adoption) {
  if (address === '' || /^(data:|#)/i.test(address)) return undefined;
  if (/^(https?:)?\/\//i.test(address)) {
    adoption.tell(
      line,
      `${address} is fetched from a network`,
      'save it in assets/ with its licence and write ../assets/NAME',
    );
    return undefined;
  }
  if (/^([a-z][a-z0-9+.-]*:|[/\\])/i.test(address)) {
    adoption.tell(line, `${address} is no address beside the deck`, REMEDY);
    return undefined;
  }
  const file = [address, address.replace(/[?#].*$/, '')]
    .map((part) => join(adoption.folder, decoded(part)))
    .find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  if (!file) {
    adoption.tell(line, `no picture ${address} beside the deck`, REMEDY);
    return undefined;
  }
  const name = copy(realpathSync(file), adoption);
  const encoded = encodeURI(name).replace(/[?#()']/g, (sign) => `%${hex(sign)}`);
  if (`../assets/${encoded}` !== address)
    adoption.tell(line, `${address} is now ../assets/${encoded}`);
  return `../assets/${encoded}`;
}

/** @param {string} sign */
function hex(sign) {
  return sign.charCodeAt(0).toString(16).toUpperCase();
}

/** @param {string} address */
function decoded(address) {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

/**
 * @param {string} file
 * @param {Adoption} adoption
 * @returns {string} its path in assets/, where nothing else of that name is lost
 */
function copy(file, adoption) {
  const assets = join(adoption.root, 'assets');
  mkdirSync(assets, { recursive: true });
  const inside = relative(realpathSync(assets), file);
  if (!isAbsolute(inside) && inside.split(sep)[0] !== '..') return inside.split(sep).join('/');
  const data = readFileSync(file);
  const { name, ext } = parse(file);
  for (let number = 1; ; number += 1) {
    const base = `${name}${number > 1 ? `_${number}` : ''}${ext}`;
    const path = join(assets, base);
    if (!existsSync(path)) {
      writeFileSync(path, data, { flag: 'wx' });
      adoption.copied += 1;
      return base;
    }
    if (statSync(path).isFile() && readFileSync(path).equals(data)) return base;
  }
}
