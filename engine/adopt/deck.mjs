import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Marp } from '@marp-team/marp-core';
import { tex } from '@mdit/plugin-tex';
import { Fault } from '../read/faults.mjs';
import { isProgram } from '../read/snippets.mjs';
import { Adoption } from './adoption.mjs';
import { adoptDirectives } from './directives.mjs';
import { adoptFences } from './fences.mjs';
import { adoptPictures } from './pictures.mjs';

const DECK = 'slides/deck.md';

/**
 * Make a Marp deck from elsewhere one whose code is imported; the old one stays as it is.
 *
 * @param {string} path of the old deck
 * @param {string} root where the new one goes, with its snippets and pictures
 * @returns {string} what was done, what could not be, and what is to be done next
 * @throws {Fault}
 */
export function adopt(path, root) {
  const adoption = new Adoption(path, readOld(path), root);
  makeFolders(root);
  const md = /** @type {import('../render/marpit.mjs').MarkdownIt} */ (
    new Marp({ html: true, math: false, script: false })
      // Marp's own formulas would be drawn; here they need only be no code.
      .use(/** @type {any} */ (tex), { render: () => '' }).markdown
  );
  const tokens = md.parse(adoption.lines.join('\n'), {});
  place(tokens, adoption.lines.length);
  const fences = tokens.filter(({ type }) => type === 'fence').length;
  adoptDirectives(tokens, adoption);
  adoptPictures(tokens, md, adoption);
  adoptFences(tokens, adoption);
  const deck = writeDeck(root, adoption.markdown);
  const { told, moved, left, copied } = adoption;
  const summary = [
    `${count(moved, 'fence')} moved, ${left} left, ${count(copied, 'picture')} copied`,
    ...(fences === 0 ? [`No fence in ${path}: no code to move.`] : []),
  ];
  return `${[...told, ...(told.length > 0 ? [''] : []), ...summary, '', ...next(deck, adoption)].join('\n')}\n`;
}

/**
 * Tell the lines of texts that the parser does not: cells of a table are on their row's line, and
 * header and footer are directed anywhere.
 *
 * @param {import('../render/marpit.mjs').Token[]} tokens
 * @param {number} lines that there are
 */
function place(tokens, lines) {
  /** @type {[number, number] | null} */
  let last = null;
  for (const [index, token] of tokens.entries()) {
    if (/^marpit_(header|footer)_open$/.test(tokens[index - 1]?.type)) token.map = [0, lines];
    else if (token.type === 'inline') token.map ??= last;
    last = token.map ?? last;
  }
}

/** @param {number} number @param {string} word */
function count(number, word) {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

/**
 * @param {string} path
 * @returns {string} its Markdown, with line ends as here and no mark of byte order
 * @throws {Fault}
 */
function readOld(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new Fault(`no file ${path}`, 'correct its path');
  if (!found.isFile()) throw new Fault(`${path} is no file`, 'name the deck itself, a .md');
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    return text.replace(/\r\n?/g, '\n');
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new Fault(`${path} is no text in UTF-8`, 'save it as UTF-8');
  }
}

/** @param {string} root */
function makeFolders(root) {
  for (const folder of ['', 'slides', 'snippets']) {
    const path = join(root, folder);
    if (existsSync(path) && !statSync(path).isDirectory())
      throw new Fault(`${path} is no folder`, 'name another --into, or move that file');
    mkdirSync(path, { recursive: true });
  }
}

/**
 * @param {string} root
 * @param {string} markdown
 * @returns {string} its path: that of the deck, unless there is one already
 */
function writeDeck(root, markdown) {
  for (let number = 0; ; number += 1) {
    // Another .md in slides/ would be a fault of the deck that is there.
    const name = `slides/deck.imported${number > 1 ? `_${number}` : ''}.md.txt`;
    const path = number === 0 ? DECK : name;
    try {
      writeFileSync(join(root, path), markdown, { flag: 'wx' });
      return path;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    }
  }
}

/**
 * @param {string} deck path of the new one
 * @param {Adoption} adoption
 * @returns {string[]} what to do next
 */
function next(deck, { root, into, path, snippets }) {
  const theme = !existsSync(join(root, 'slides/theme.css'));
  const beside = realpathSync(dirname(path)) === realpathSync(join(root, 'slides'));
  const programs = snippets.some(isProgram);
  const others = snippets.some((id) => !isProgram(id));
  return [
    `The new deck is ${join(root, deck)}; ${path} is as it was. Next:`,
    ...(deck === DECK ? [] : [`- ${DECK} was there already: move the slides into it`]),
    ...(beside && deck === DECK ? [`- move ${path} out of slides/: ${DECK} alone is shown`] : []),
    ...(existsSync(join(root, 'package.json'))
      ? []
      : [`- ${root} has no tool yet: make a talk with npm run new, and import into that`]),
    ...(theme ? ['- write slides/theme.css, which a build needs'] : []),
    ...(programs
      ? [
          `- each program in snippets/${into}/ is run alone: put into it the values that it needs`,
          '- npm run record keeps what the programs print',
        ]
      : []),
    ...(others
      ? ['- what is no program needs a program that uses it, or a check in snippets/checks.json']
      : []),
    '- npm run build -- --draft says what else is wrong',
  ];
}
