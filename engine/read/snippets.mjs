import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { Fault, nearest } from './faults.mjs';
import { comment, commentLines, languageOf } from './languages.mjs';

/**
 * Part of a snippet, as a slide shows it.
 *
 * @typedef {object} Excerpt
 * @property {string} id path under snippets/
 * @property {string | undefined} region
 * @property {string} language
 * @property {string} code dedented, no region markers, no newline at the end
 */

/** @typedef {{ name: string, first: number, last: number }} Region lines between the markers, from 0 */

/**
 * `# region NAME` in a comment of any language, as editors fold it: `//#region x`, `<!-- region x -->`,
 * `#pragma region x`. With more words than a name it is a comment like others.
 */
const MARKER =
  /^\s*(?:#|\/\/+|--|;+|::|%+|'|\/\*+|<!--|\(\*|\{-|rem\b)\s*(?:#\s*|pragma\s+)?(end)?region(?:[ \t]+([\w.-]+?))?[ \t]*(?:\*+\/|-->|\*\)|-\})?[ \t]*$/i;

/** What a snippet says of itself to the runner (runner/snippets/declaration.py). */
const DECLARATION = /^#\s*snippet:/;

/** Hidden files, and what is kept beside snippets or made of them. */
const BESIDE = /(^|\/)\.[^/]*$|~$|\.(cast|stdin|pyc)$/;

/**
 * @param {string} root the repository
 * @returns {string[]} ids of all snippets, sorted: files of any kind; the runner runs those that are
 *   programs (runner/snippets/catalog.py)
 */
export function snippetIds(root) {
  const folder = join(root, 'snippets');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'))
    .filter((id) => !BESIDE.test(id) && !/(^|\/)(\.|_)[^/]*\//.test(id))
    .sort();
}

/** Is it run? It may be part of a program, too. @param {string} id */
export function isProgram(id) {
  return /\.(py|sh)$/.test(id);
}

/**
 * Read a region of a snippet, or the whole snippet less its docstring.
 *
 * @param {string} root the repository
 * @param {string} id path under snippets/
 * @param {string} [name] of the region
 * @param {string[]} [ids] of all snippets
 * @returns {Excerpt}
 * @throws {Fault} naming the file or the regions that exist
 */
export function readExcerpt(root, id, name, ids = snippetIds(root)) {
  const lines = readText(locateSnippet(root, id, ids), id).split(/\r?\n/);
  const language = languageOf(id);
  if (language === undefined)
    throw new Fault(
      `${id} is in no language that the highlighter knows`,
      'give the file the ending of its language, or .txt',
    );
  const comments = commentLines(lines.join('\n'), language);
  const regions = findRegions(lines, comments, id);
  const [first, last] = name === undefined ? [0, lines.length] : regionOf(regions, id, name);
  const kept = lines.filter(
    (line, index) => index >= first && index < last && !(comments.has(index) && isMark(line)),
  );
  const code = trimBlank(dedent(name === undefined ? body(kept, id) : kept));
  if (code.length === 0) {
    const what =
      name === undefined ? `${id} has no code to show` : `region '${name}' of ${id} is empty`;
    throw new Fault(what, 'write the code, or remove the import');
  }
  return { id, region: name, language, code: code.join('\n') };
}

/**
 * Read a whole snippet, docstring and all, less what is written for this tool: the markers of its
 * regions and what it declares.
 *
 * @param {string} root the repository
 * @param {string} id path under snippets/
 * @returns {{ language: string, code: string }} the language is `text` if the highlighter knows none
 */
export function readWhole(root, id) {
  const lines = readText(join(root, 'snippets', id), id).split(/\r?\n/);
  const language = languageOf(id) ?? 'text';
  const comments = commentLines(lines.join('\n'), language);
  /** @type {string[]} */
  const kept = [];
  let afterMark = false;
  for (const [index, line] of lines.entries()) {
    const mark = comments.has(index) && isMark(line);
    // Blank lines around a mark are those of one place now.
    const again = afterMark && line.trim() === '' && kept.at(-1)?.trim() === '';
    if (!mark && !again) kept.push(line);
    afterMark = mark;
  }
  return { language, code: kept.join('\n').trim() };
}

/** Is this comment written for this tool? @param {string} line */
function isMark(line) {
  return MARKER.test(line) || DECLARATION.test(line);
}

/**
 * Files with other text where slides show them. Nothing is written.
 *
 * @param {string} root the repository
 * @param {Record<string, string>} texts what stands in place of each excerpt, by its import as in
 *   the deck: `ray/client.py#connect`, or `ray/client.py` for the whole file
 * @returns {Record<string, string>} the whole text of each file that is changed, by its id
 * @throws {Fault} when there is no such file or region, or one is part of another
 */
export function replaceExcerpts(root, texts) {
  const ids = snippetIds(root);
  /** @type {Map<string, { lines: string[], spans: { first: number, end: number, name: string, text: string }[] }>} */
  const files = new Map();
  for (const [reference, text] of Object.entries(texts)) {
    const [id, name] = /** @type {[string, string?]} */ (reference.split(/#(.*)/s, 2));
    const lines = files.get(id)?.lines ?? readText(locateSnippet(root, id, ids), id).split(/\r?\n/);
    const spans = files.get(id)?.spans ?? [];
    const comments = commentLines(lines.join('\n'), languageOf(id) ?? '');
    const [first, end] =
      name === undefined ? [0, lines.length] : regionOf(findRegions(lines, comments, id), id, name);
    spans.push({ first, end, name: reference, text });
    files.set(id, { lines, spans });
  }
  const replaced = [...files].map(([id, { lines, spans }]) => [id, replaceSpans(lines, spans)]);
  return Object.fromEntries(replaced);
}

/**
 * @param {string[]} lines
 * @param {{ first: number, end: number, name: string, text: string }[]} spans lines from 0, the end excluded
 */
function replaceSpans(lines, spans) {
  const result = [...lines];
  // From the last to the first, so that lines keep their numbers until it is their turn.
  let next = Number.POSITIVE_INFINITY;
  let after = '';
  for (const { first, end, name, text } of spans.sort(
    (a, b) => b.first - a.first || a.end - b.end,
  )) {
    if (end > next)
      throw new Fault(`${after} is part of ${name}`, 'change one of them and restore the other');
    const indent = indentOf(lines.slice(first, end));
    const indented = text.split(/\r?\n/).map((line) => (line.trim() ? indent + line : ''));
    result.splice(first, end - first, ...indented);
    next = first;
    after = name;
  }
  return `${result.join('\n').trimEnd()}\n`;
}

/**
 * @param {string} path
 * @param {string} id
 * @throws {Fault} when it is no text in UTF-8
 */
function readText(path, id) {
  try {
    // A mark of byte order is left out.
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch {
    throw new Fault(`${id} is no file of UTF-8 text`, 'save it as UTF-8');
  }
}

/**
 * @param {string} root the repository
 * @param {string} id path under snippets/
 * @param {string[]} ids of all snippets
 * @returns {string} its path on disk
 * @throws {Fault} when it is missing or outside snippets/
 */
export function locateSnippet(root, id, ids) {
  const outside = () =>
    new Fault(
      `${id} is outside snippets/`,
      'move the file there and import it by its path under snippets/',
    );
  if (isAbsolute(id) || /^[A-Za-z]:|\\/.test(id) || id.split('/').includes('..')) throw outside();
  if (!ids.includes(id)) {
    const near = nearest(id, ids);
    const remedy = near ? `did you mean '${near}'?` : 'correct its path under snippets/';
    throw new Fault(`no snippet '${id}'`, remedy);
  }
  const folder = realpathSync(join(root, 'snippets'));
  if (!existsSync(join(folder, id)))
    throw new Fault(`${id} is a link to nothing`, 'mend or remove it');
  const path = realpathSync(join(folder, id));
  if (!path.startsWith(folder + sep)) throw outside();
  return path;
}

/**
 * All regions of a file; any fault in a marker spoils the file, so that no
 * slide can show more or less than its author meant.
 *
 * @param {string[]} lines
 * @param {Set<number>} comments lines that are comments, from 0
 * @param {string} id
 * @returns {Map<string, Region>}
 */
function findRegions(lines, comments, id) {
  /** @type {Map<string, Region>} */
  const regions = new Map();
  /** @type {{ name: string, first: number }[]} */
  const open = [];
  lines.forEach((line, index) => {
    const marker = comments.has(index) && MARKER.exec(line);
    if (!marker) return;
    const [, end, name] = marker;
    const place = `${id}:${index + 1}`;
    if (!end) {
      if (!name)
        throw new Fault(
          `a region without a name at ${place}`,
          `write '${comment('region NAME', id)}'`,
        );
      if (regions.has(name) || open.some((region) => region.name === name)) {
        throw new Fault(
          `region '${name}' begins twice in ${id}, again at line ${index + 1}`,
          'rename one of them',
        );
      }
      open.push({ name, first: index + 1 });
      return;
    }
    const last = open.pop();
    if (!last)
      throw new Fault(
        `'${line.trim()}' without a region at ${place}`,
        `add '${comment(`region ${name ?? 'NAME'}`, id)}' above it`,
      );
    // Editors end the innermost region so.
    if (name && last.name !== name) {
      throw new Fault(
        `'${line.trim()}' at ${place} while region '${last.name}' is open`,
        `close '${last.name}' first: regions may nest but not overlap`,
      );
    }
    regions.set(last.name, { ...last, last: index });
  });
  if (open.length > 0) {
    const { name, first } = open[open.length - 1];
    throw new Fault(
      `region '${name}' at ${id}:${first} is never closed`,
      `add '${comment(`endregion ${name}`, id)}'`,
    );
  }
  return regions;
}

/**
 * @param {Map<string, Region>} regions
 * @param {string} id
 * @param {string} name
 * @returns {[first: number, end: number]} its lines, from 0, and the one after
 */
function regionOf(regions, id, name) {
  const region = regions.get(name);
  if (region) return [region.first, region.last];
  const names = [...regions.keys()];
  const has = names.length > 0 ? `has: ${names.join(', ')}` : 'it has none';
  const near = nearest(name, names);
  const [begin, end] = [comment(`region ${name}`, id), comment(`endregion ${name}`, id)];
  const add =
    commentLines(begin, languageOf(id) ?? '').size > 0
      ? `add '${begin}' and '${end}' to it`
      : 'it has no comments that could mark one; import the whole file';
  throw new Fault(`no region '${name}' in ${id} (${has})`, near ? `did you mean '${near}'?` : add);
}

/**
 * The whole file less what only names it: `#!` and the module docstring.
 *
 * @param {string[]} lines
 * @param {string} id
 */
function body(lines, id) {
  const rest = lines[0]?.startsWith('#!') ? lines.slice(1) : lines;
  if (!id.endsWith('.py')) return rest;
  const text = rest.join('\n');
  const docstring =
    /^((?:[ \t]*(?:#.*)?\n)*)[rRuU]?("""|'''|"|')(?:\\[\s\S]|(?!\2)[^\\])*\2[ \t]*(?:#.*)?(?:\n|$)/;
  return text.replace(docstring, '$1').split('\n');
}

/** @param {string[]} lines */
function dedent(lines) {
  const indent = indentOf(lines).length;
  return lines.map((line) => line.slice(indent).trimEnd());
}

/** What all lines begin with that are not blank. @param {string[]} lines */
function indentOf(lines) {
  const indents = lines
    .filter((line) => line.trim())
    .map((line) => line.slice(0, line.length - line.trimStart().length));
  return indents.reduce(
    (least, indent) => (indent.length < least.length ? indent : least),
    indents[0] ?? '',
  );
}

/** @param {string[]} lines */
function trimBlank(lines) {
  const filled = lines.flatMap((line, index) => (line ? [index] : []));
  return filled.length === 0 ? [] : lines.slice(filled[0], filled[filled.length - 1] + 1);
}
