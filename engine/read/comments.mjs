import { createHighlighter } from 'shiki';

/** Languages of snippets, as the highlighter calls them. */
const langs = ['python', 'bash'];
/** Any: tokens are asked for their grammar, not for their colours; with 'none' they have no grammar. */
const theme = 'min-light';
const highlighter = await createHighlighter({ langs, themes: [theme] });

/** @type {Map<string, Set<number>>} by language and text: a file is imported many times */
const known = new Map();

/**
 * The lines that are a comment and nothing else, by the grammar that also colours them: what looks
 * like one inside a string or a here-document is none.
 *
 * @param {string} text of a file
 * @param {string} lang as the highlighter calls it
 * @returns {Set<number>} lines from 0
 */
export function commentLines(text, lang) {
  const key = `${lang} ${text}`;
  const lines = known.get(key) ?? findComments(text, lang);
  known.set(key, lines);
  return lines;
}

/**
 * @param {string} text
 * @param {string} lang
 */
function findComments(text, lang) {
  const options = { lang, theme, includeExplanation: /** @type {const} */ ('scopeName') };
  const rows = highlighter.codeToTokensBase(text, /** @type {any} */ (options));
  const found = rows.flatMap((tokens, row) => {
    const parts = tokens.flatMap(({ explanation = [] }) => explanation);
    const written = parts.filter(({ content }) => content.trim() !== '');
    // Raw strings are taken for regular expressions, which have comments of their own.
    const comment = written.every(
      ({ scopes }) =>
        scopes.some(({ scopeName }) => scopeName.startsWith('comment')) &&
        !scopes.some(({ scopeName }) => scopeName.startsWith('string')),
    );
    return written.length > 0 && comment ? [row] : [];
  });
  return new Set(found);
}
