import { htmlOf, SHOWS_CODE } from '../check/fences.mjs';
import { Fault, nearest } from '../read/faults.mjs';
import { tagsOf } from '../read/html.mjs';
import { endingOf, LANGUAGES } from '../read/languages.mjs';
import { textOf } from '../render/slides.mjs';
import { parseSteps } from '../render/steps.mjs';
import { harmless, slug } from './names.mjs';
import { commandsOf } from './prompts.mjs';
import { keep } from './snippet.mjs';

/** @typedef {import('./adoption.mjs').Adoption} Adoption */
/** @typedef {import('../render/marpit.mjs').Token} Token */

const FENCE = /^[\s>]*(`{3,}|~{3,})/;

/**
 * Make each fence a snippet, and tell of the code that is none.
 *
 * @param {Token[]} tokens
 * @param {Adoption} adoption
 */
export function adoptFences(tokens, adoption) {
  const imported = importedBy(tokens);
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'fence') {
      const name = slug(headingNear(tokens, index)) || `slide_${slideOf(tokens, index)}`;
      adoptFence(token, name, imported, adoption);
    }
    if (token.type === 'code_block')
      adoption.tell(
        (token.map?.[0] ?? 0) + 1,
        'indented code is not moved',
        'put it between two lines ``` and import again, or unindent the text',
      );
    tellOfHtml(token, adoption);
  }
}

/** @param {Token[]} tokens @returns {Set<string>} modules that the deck's Python imports */
function importedBy(tokens) {
  const code = tokens.filter(({ type }) => type === 'fence').map(({ content }) => content);
  const names = code.join('\n').matchAll(/^\s*(?:>>> )?(?:import|from)\s+(\w+)/gm);
  return new Set([...names].map(([, name]) => name));
}

/**
 * @param {Token[]} tokens
 * @param {number} index of a fence
 * @returns {string} the last heading above it on its slide, else the first below
 */
function headingNear(tokens, index) {
  const begin = tokens.findLastIndex(({ type }, at) => at < index && type === 'marpit_slide_open');
  const end = tokens.findIndex(({ type }, at) => at > index && type === 'marpit_slide_close');
  const at = tokens.findLastIndex(
    ({ type }, at) => at > begin && at < index && type === 'heading_open',
  );
  const below = tokens.findIndex(
    ({ type }, at) => at > index && at < end && type === 'heading_open',
  );
  const found = at >= 0 ? at : below;
  return found < 0 ? '' : textOf(tokens[found + 1]);
}

/**
 * @param {Token[]} tokens
 * @param {number} index
 */
function slideOf(tokens, index) {
  return tokens.slice(0, index).filter(({ type }) => type === 'marpit_slide_open').length;
}

/**
 * @param {Token} token
 * @param {string} name of its file, less what makes it unique
 * @param {Set<string>} imported
 * @param {Adoption} adoption
 */
function adoptFence(token, name, imported, adoption) {
  const [first, end] = token.map ?? [0, 0];
  const line = first + 1;
  const stays = whyLeft(token, adoption.lines.slice(first, end));
  if (stays) {
    adoption.left += 1;
    adoption.tell(line, ...stays);
    return;
  }
  const { language, steps, rest } = readInfo(token.info);
  const ending = endingOf(language) ?? 'txt';
  const { code, printed } = commandsOf(token.content, ending);
  try {
    const kept = keep(harmless(name, ending, imported), ending, code, adoption);
    const reference = kept.region ? `${kept.id}#${kept.region}` : kept.id;
    // What stands before the fence, of a list or a quote, stands before the import.
    const prefix = adoption.lines[first].slice(0, adoption.lines[first].indexOf(token.markup));
    const counted = (/** @type {string} */ text) => text.split('\n').length;
    const whole = printed === 0 && kept.whole && counted(kept.code) === counted(code);
    const lit = steps === undefined ? '' : litBy(steps, kept, whole, line, adoption);
    adoption.replace(first, end, `${prefix}<<< ${reference}${lit}`);
    adoption.moved += 1;
    adoption.snippets.push(kept.id);
    adoption.tell(line, `moved to snippets/${kept.id}`);
    tellOfMoved({ id: kept.id, language, rest, printed, whole: kept.whole, code }, line, adoption);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    adoption.left += 1;
    adoption.tell(line, `left as it is, since ${error.message}`);
  }
}

/**
 * @param {Token} token
 * @param {string[]} lines that it is written on
 * @returns {[what: string, remedy?: string] | undefined} none if it can be moved
 */
function whyLeft({ info, markup, content }, lines) {
  const last = lines.length > 1 ? (lines.at(-1) ?? '').replace(/^[\s>]*/, '').trimEnd() : '';
  const closed = last.length >= markup.length && last === markup[0].repeat(last.length);
  if (!closed)
    return ['left as it is: a fence that is not closed', `end it with '${markup}', import again`];
  if (readInfo(info).language === 'mermaid') {
    if (info.trim() !== 'mermaid')
      return [
        `left as it is: '${info.trim()}' is drawn only where it is 'mermaid' alone`,
        'cut it',
      ];
    if (!/^\s*acc(Title|Descr)\s*[:{]/m.test(content))
      return [
        'a diagram without words for those who cannot see it',
        "add 'accDescr: WORDS' below its first line",
      ];
    return ['a diagram, which stays as it is'];
  }
  if (content.trim() === '')
    return ['left as it is: a fence without code', 'write the code, or remove it'];
  return undefined;
}

/**
 * @param {string} info ```` ```python {1,3-4} ````; Pandoc's `{.python}`, too
 */
function readInfo(info) {
  const [, pandoc] = /^\s*\{\s*\.?([a-z][\w+#-]*)[^}]*\}\s*$/i.exec(info) ?? [];
  if (pandoc) return { language: pandoc, rest: '' };
  const [, language, before, steps, after] =
    /^\s*([^\s{]*)\s*([^{]*)(?:\{([^{}]*)\})?(.*)$/.exec(info) ?? [];
  return {
    language: language ?? '',
    steps: steps?.trim() || undefined,
    rest: `${before ?? ''} ${after ?? ''}`.trim(),
  };
}

/**
 * @param {string} steps as the fence has them
 * @param {{ id: string, code: string }} kept
 * @param {boolean} whole are all lines there?
 * @param {number} line
 * @param {Adoption} adoption
 */
function litBy(steps, { id, code }, whole, line, adoption) {
  try {
    if (!whole) throw new Fault('its lines are not those of the fence', 'count them again');
    parseSteps(steps, code.split('\n').length, id);
    return ` {${steps}}`;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    adoption.tell(line, `{${steps}} is left out: ${error.message}`);
    return '';
  }
}

/**
 * @param {{ id: string, language: string, rest: string, printed: number, whole: boolean, code: string }} fence
 * @param {number} line
 * @param {Adoption} adoption
 */
function tellOfMoved({ id, language, rest, printed, whole, code }, line, adoption) {
  const rename = `give snippets/${id} and its import the ending of its language`;
  if (language === '') adoption.tell(line, 'a fence without a language became text', rename);
  else if (!endingOf(language)) {
    const near = nearest(language.toLowerCase(), LANGUAGES);
    adoption.tell(
      line,
      `the highlighter knows no '${language}', so it became text`,
      near ? `did you mean '${near}'? Then ${rename}` : rename,
    );
  }
  if (rest) adoption.tell(line, `'${rest}' is left out`, 'write it beside the import as text');
  if (printed > 0)
    adoption.tell(
      line,
      `${printed} ${printed === 1 ? 'line' : 'lines'} of output left out`,
      `record it and write '>>> ${id}' below its import`,
    );
  if (!whole)
    adoption.tell(
      line,
      "not all of it is shown: '#!', regions and '# snippet:' are for those who run and edit it",
      'change these lines if the slide is about them',
    );
  if (/\.py$/.test(id) && /^\s*>>> /m.test(code))
    adoption.tell(
      line,
      `'>>>' in snippets/${id} is a prompt, not Python`,
      'take the prompts and outputs out',
    );
}

/**
 * @param {Token} token
 * @param {Adoption} adoption
 */
function tellOfHtml(token, adoption) {
  const [first, end] = token.map ?? [0, 0];
  let told = -1;
  for (const [part, offset] of htmlOf(token))
    for (const { name, start } of tagsOf(part).filter(({ name }) => SHOWS_CODE.includes(name))) {
      const line = first + offset + part.slice(0, start).split('\n').length;
      // `<pre><code>` is told once.
      if (line !== told)
        adoption.tell(
          line,
          `code in <${name}> is not moved`,
          'put it between two lines ``` and import again',
        );
      told = line;
    }
  const comments = token.type === 'marpit_comment';
  if (!comments && token.type !== 'html_block') return;
  const at = adoption.lines.slice(first, end).findIndex((text) => FENCE.test(text));
  if (at < 0) return;
  if (comments)
    adoption.tell(
      first + at + 1,
      'a fence inside a comment is left alone',
      'take it out of the comment if it is to be shown',
    );
  else
    adoption.tell(
      first + at + 1,
      'a fence inside HTML is only text',
      'leave a blank line above it and import again',
    );
}
