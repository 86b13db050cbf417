import { basename, extname } from 'node:path';
import { Marp } from '@marp-team/marp-core';
import shiki from '@marp-team/marp-core/plugins/shiki';
import { Kept } from '../kept.mjs';

/**
 * What a file is called, where its ending is not what the highlighter calls its language.
 *
 * @type {Record<string, string>}
 */
const NAMES = {
  cc: 'cpp',
  cfg: 'ini',
  conf: 'ini',
  containerfile: 'docker',
  cxx: 'cpp',
  exs: 'elixir',
  h: 'c',
  hh: 'cpp',
  hpp: 'cpp',
  htm: 'html',
  patch: 'diff',
  pl: 'perl',
  py: 'python',
  pyi: 'python',
  sh: 'bash',
  svg: 'xml',
};

/**
 * What a file in a language ends with, where that is not the name by which fences call it.
 *
 * @type {Record<string, string>}
 */
const ENDINGS = {
  ascii: 'txt',
  bash: 'sh',
  batch: 'bat',
  'c#': 'cs',
  'c++': 'cpp',
  clojure: 'clj',
  console: 'sh',
  csharp: 'cs',
  docker: 'dockerfile',
  elixir: 'exs',
  erlang: 'erl',
  'f#': 'fs',
  fsharp: 'fs',
  golang: 'go',
  haskell: 'hs',
  javascript: 'js',
  julia: 'jl',
  kotlin: 'kt',
  latex: 'tex',
  make: 'makefile',
  markdown: 'md',
  none: 'txt',
  'objective-c': 'objc',
  output: 'txt',
  perl: 'pl',
  plain: 'txt',
  plaintext: 'txt',
  powershell: 'ps1',
  protobuf: 'proto',
  py3: 'py',
  python: 'py',
  python3: 'py',
  ruby: 'rb',
  rust: 'rs',
  shell: 'sh',
  shellscript: 'sh',
  shellsession: 'sh',
  terraform: 'tf',
  text: 'txt',
  typescript: 'ts',
};

/** How a language writes a comment, less those that write `# …`. @type {[RegExp, string, string][]} */
const COMMENTS = [
  [
    /^([ch]|cpp|cs|java|[cm]?[jt]s|[jt]sx|jsonc?|rs|go|kt|swift|scala|proto|zig|php|dart|s[ac]ss)$/,
    '// ',
    '',
  ],
  [/^(css|less)$/, '/* ', ' */'],
  [/^(html?|xml|svg|md|mdx|vue)$/, '<!-- ', ' -->'],
  [/^(sql|lua|hs|ada|elm)$/, '-- ', ''],
  [/^(ini|cfg|clj|lisp|el|asm)$/, '; ', ''],
  [/^(bat|cmd)$/, '::', ''],
  [/^(tex|erl)$/, '% ', ''],
];

/** @typedef {Parameters<NonNullable<Marp['shikiTransformers'][number]['tokens']>>[0]} Tokens */

/** @type {Marp | undefined} */
let made;

/** Whose highlighter loads a language when it is first asked for; made when one is. */
function marp() {
  made ??= new Marp({ math: false }).use(shiki());
  return made;
}

/**
 * Gives the highlighter the time that it needs for a line: on a busy machine it would leave off after
 * half a second, and what is a comment, or coloured, would be chance.
 */
export const patient = {
  name: 'deck-patient',
  /**
   * @param {string} _code
   * @param {{ tokenizeTimeLimit?: number }} options
   */
  preprocess(_code, options) {
    options.tokenizeTimeLimit = 0;
  },
};

/**
 * @param {string} id of a file
 * @returns {string | undefined} its language as the highlighter calls it, by its name; none if it
 *   knows no such one
 */
export function languageOf(id) {
  const end = ending(id);
  const language = Object.hasOwn(NAMES, end) ? NAMES[end] : end;
  // Marp looks it up in an object, where it would find the names of any object, too.
  if (language in {}) return undefined;
  const known = highlights.get(language) ?? marp().highlighter('', language, '') !== '';
  highlights.set(language, known);
  return known ? language : undefined;
}

/** Which languages the highlighter knows, as far as it was asked. @type {Kept<boolean>} */
const highlights = new Kept('languages');

/**
 * @param {string} language as a fence calls it
 * @returns {string | undefined} what a file in it ends with; none if the highlighter knows no such one
 */
export function endingOf(language) {
  const name = language.toLowerCase();
  const end = Object.hasOwn(ENDINGS, name) ? ENDINGS[name] : name;
  return /^[\w-]+$/.test(end) && languageOf(`a.${end}`) ? end : undefined;
}

/** By which fences call languages, as far as we have another name for them. */
export const LANGUAGES = Object.keys(ENDINGS);

/**
 * A comment in the language of a file.
 *
 * @param {string} words
 * @param {string} id
 */
export function comment(words, id) {
  const [, begin, end] = COMMENTS.find(([endings]) => endings.test(ending(id))) ?? ['', '# ', ''];
  return `${begin}${words}${end}`;
}

/**
 * What tells the language in a file's name: its ending; `Dockerfile` and `Dockerfile.dev` are theirs.
 *
 * @param {string} id
 */
function ending(id) {
  const name = basename(id).toLowerCase();
  const [first] = name.split('.');
  return /^(docker|container|make)file$/.test(first) ? first : extname(name).slice(1) || name;
}

/** @type {Kept<number[]>} by language and text */
const known = new Kept('comments');

/**
 * The lines that are a comment and nothing else, by the grammar that also colours them: what looks
 * like one inside a string or a here-document is none.
 *
 * @param {string} text of a file
 * @param {string} language as the highlighter calls it
 * @returns {Set<number>} lines from 0
 */
export function commentLines(text, language) {
  const key = `${language} ${text}`;
  const kept = known.get(key);
  if (kept) return new Set(kept);
  const lines = findComments(text, language);
  known.set(key, lines);
  return new Set(lines);
}

/**
 * @param {string} text
 * @param {string} language
 */
function findComments(text, language) {
  return tokensOf(text, language).flatMap((tokens, row) => {
    const parts = tokens.flatMap(({ explanation = [] }) => explanation);
    const written = parts.filter(({ content }) => content.trim() !== '');
    const comment = written.every(({ scopes }) =>
      isComment(scopes.map((scope) => scope.scopeName)),
    );
    return written.length > 0 && comment ? [row] : [];
  });
}

/**
 * @param {string[]} scopes
 */
function isComment(scopes) {
  const has = (/** @type {string} */ kind) => scopes.some((scope) => scope.startsWith(kind));
  // Raw strings are taken for regular expressions, which have comments of their own. `#region` of C#
  // and `#pragma region` of C are for the preprocessor.
  return (has('comment') && !has('string')) || has('meta.preprocessor');
}

/**
 * @param {string} text
 * @param {string} language
 * @returns {Tokens} tokens of each line, with what the grammar says of them
 */
function tokensOf(text, language) {
  /** @type {Tokens} */
  let found = [];
  const { shikiTransformers } = marp();
  shikiTransformers.push(patient, {
    name: 'deck-tokens',
    preprocess(_code, options) {
      options.includeExplanation = 'scopeName';
      options.mergeWhitespaces = false;
    },
    tokens(tokens) {
      found = tokens;
    },
  });
  try {
    marp().highlighter(text, language, '');
  } finally {
    shikiTransformers.splice(-2);
  }
  return found;
}
