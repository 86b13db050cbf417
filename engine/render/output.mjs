import { drawEmoji } from '../embed/emoji.mjs';
import { Fault } from '../read/faults.mjs';
import { isProgram, locateSnippet } from '../read/snippets.mjs';
import { escapeHtml } from '../terminal/escape.mjs';
import { partOf } from './part.mjs';

/** A tick for what is proved, a ring for what is recorded. */
const MARKS = {
  proved: '<path d="M2.5 8.5l3.5 3.5 7.5-8"/>',
  recorded: '<circle cx="8" cy="8" r="4.5"/>',
};

/**
 * `>>> ray/client.py {1-10}`: what the snippet printed when it was recorded, or part of that.
 *
 * @param {import('./marpit.mjs').MarkdownIt} md
 * @param {import('../read/deck.mjs').Deck} deck
 */
export function outputPlugin(md, deck) {
  md.block.ruler.before(
    'blockquote',
    'deck_output',
    (state, startLine, _endLine, silent) => {
      const start = state.bMarks[startLine] + state.tShift[startLine];
      const line = state.src.slice(start, state.eMarks[startLine]);
      if (!line.startsWith('>>>') || state.sCount[startLine] - state.blkIndent >= 4) return false;
      if (silent) return true;
      state.line = startLine + 1;
      deck.guard(startLine + 1, () => pushOutput(state, deck, line.slice(3).trim(), startLine));
      return true;
    },
    { alt: ['paragraph', 'reference', 'blockquote', 'list'] },
  );

  md.renderer.rules.deck_output = (tokens, index, _options, _env, self) => {
    const token = tokens[index];
    const { block, command, status, proof, html } = token.meta;
    const exit = status ? ` <span class="exit">exit ${status}</span>` : '';
    const mark = block.recorded ? ` ${markOf(block, proof)}` : '';
    return `<figure${self.renderAttrs(token)}><figcaption><span class="command">${escapeHtml(command)}</span>${exit}${mark}</figcaption><pre class="screen">${html}</pre></figure>\n`;
  };
}

/**
 * @param {import('./marpit.mjs').StateBlock} state
 * @param {import('../read/deck.mjs').Deck} deck
 * @param {string} reference
 * @param {number} startLine
 */
function pushOutput(state, deck, reference, startLine) {
  const match = /^([^\s#{}]+)(?:\s*\{([^{}]+)\})?$/.exec(reference);
  if (!match)
    throw new Fault(`'>>> ${reference}' is no output`, "write '>>> folder/file.py {1-10}'");
  const [, id, part] = match;
  locateSnippet(deck.root, id, deck.snippets);
  if (!isProgram(id))
    throw new Fault(
      `${id} is no program, so it prints nothing`,
      `show the file itself: '<<< ${id}'`,
    );
  const recording = deck.recordings.get(id);
  const all = recording?.screen?.lines ?? [];
  const lines = part && recording?.screen ? partOf(all, part, id) : all;
  const text = lines.map(({ text }) => text).join('\n');
  const rows = lines.reduce((sum, line) => sum + ('rows' in line ? line.rows : 1), 0);
  const block = deck.addBlock({ kind: 'output', line: startLine + 1, snippet: id, text });
  deck.expand(startLine, 'text', text);

  const token = state.push('deck_output', 'figure', 0);
  token.block = true;
  token.map = [startLine, startLine + 1];
  token.attrs = Object.entries({
    class: 'output',
    'data-snippet': id,
    'data-run': id,
    'data-line': String(startLine + 1),
    style: `--rows:${Math.max(3, rows)}`,
  });
  token.meta = {
    block,
    command: recording?.command ?? `${id.endsWith('.sh') ? 'bash' : 'python'} snippets/${id}`,
    status: recording?.status,
    proof: deck.proofOf(id),
    html: drawEmoji(lines.map(({ html }) => html).join('\n')),
  };
}

/**
 * @param {import('../read/deck.mjs').Block} block
 * @param {string} proof in words
 */
function markOf({ proved }, proof) {
  const state = proved ? 'proved' : 'recorded';
  return `<svg class="${state}" role="img" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="2.4"><title>${escapeHtml(proof)}</title>${MARKS[state]}</svg>`;
}
