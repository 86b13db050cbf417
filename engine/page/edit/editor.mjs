import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { python } from '@codemirror/lang-python';
import {
  bracketMatching,
  HighlightStyle,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language';
import { Annotation, Prec } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** Text that came from elsewhere, and is not told again. */
const told = Annotation.define();

/** The colours that the deck's theme gives to code. */
const colours = HighlightStyle.define(
  Object.entries({
    comment: [tags.comment],
    keyword: [tags.keyword, tags.operatorKeyword, tags.operator],
    string: [tags.string],
    constant: [tags.number, tags.bool, tags.null, tags.self],
    function: [
      tags.function(tags.variableName),
      tags.function(tags.propertyName),
      tags.function(tags.definition(tags.variableName)),
      tags.definition(tags.className),
    ],
    punctuation: [tags.punctuation],
  }).flatMap(([token, kinds]) =>
    kinds.map((tag) => ({ tag, color: `var(--marp-shiki-token-${token})` })),
  ),
);

/** The slide's type, and nothing of an editor but its caret. */
const look = EditorView.theme({
  '&.cm-focused': { outline: '3px solid var(--accent, currentcolor)', outlineOffset: '6px' },
  '.cm-scroller': { fontFamily: 'inherit', lineHeight: 'inherit' },
  '.cm-content': { padding: '0' },
  '.cm-line': { padding: '0' },
});

/** The code of one figure: as the slide has it, or as it was changed. */
export class Editor {
  #pre;
  #shown;
  #acts;
  /** @type {EditorView | null} */
  #view = null;

  /**
   * @param {HTMLElement} figure
   * @param {{ change: (text: string) => void, run: () => void }} acts what typing in it does
   */
  constructor(figure, acts) {
    const { snippet = '', region, run = '' } = figure.dataset;
    this.root = figure;
    /** As in the deck. */
    this.reference = region === undefined ? snippet : `${snippet}#${region}`;
    /** The program that it is part of. */
    this.run = run;
    this.#pre = /** @type {HTMLElement} */ (figure.querySelector('pre'));
    this.#shown = /** @type {HTMLElement} */ (this.#pre.querySelector('code'));
    this.code = this.#shown.textContent.trimEnd();
    this.#acts = acts;
  }

  /** Is its slide the one that is shown? */
  get isShown() {
    return this.root.closest('.bespoke-marp-active') !== null;
  }

  /** Have it edited here. */
  open() {
    this.#mount().focus();
  }

  /** @param {string | null} text null for the slide's own */
  show(text) {
    if (text === null) return this.#unmount();
    const view = this.#mount();
    const { doc } = view.state;
    if (doc.toString() === text) return;
    const changes = { from: 0, to: doc.length, insert: text };
    view.dispatch({ changes, annotations: told.of(true) });
  }

  #mount() {
    if (this.#view) return this.#view;
    const room = this.#room();
    this.#view = new EditorView({
      doc: this.code,
      extensions: [
        Prec.highest(
          keymap.of([
            { key: 'Ctrl-Enter', mac: 'Cmd-Enter', run: act(() => this.#acts.run()) },
            { key: 'Escape', run: act(({ contentDOM }) => contentDOM.blur()) },
          ]),
        ),
        keymap.of([indentWithTab, ...historyKeymap, ...defaultKeymap]),
        history(),
        bracketMatching(),
        indentUnit.of('    '),
        this.run.endsWith('.py') ? python() : [],
        syntaxHighlighting(colours),
        look,
        EditorView.contentAttributes.of({ 'aria-label': `Code of ${this.reference}` }),
        EditorView.updateListener.of(({ docChanged, transactions, state }) => {
          if (!docChanged) return;
          this.#pre.dataset.text = state.doc.toString(); // to be copied
          if (!transactions.some((each) => each.annotation(told)))
            this.#acts.change(state.doc.toString());
        }),
        EditorView.domEventHandlers({
          blur: (_event, view) => {
            if (view.state.doc.toString() === this.code) this.#unmount();
          },
        }),
      ],
    });
    const { dom } = this.#view;
    dom.style.maxHeight = `${room}px`;
    // Typed, not pressed: the deck must not turn.
    dom.addEventListener('keydown', (event) => event.stopPropagation());
    this.#shown.style.display = 'none';
    this.#pre.prepend(dom);
    return this.#view;
  }

  #unmount() {
    this.#view?.destroy();
    delete this.#pre.dataset.text;
    this.#view = null;
    this.#shown.style.display = '';
  }

  /** How high the code may get, in the slide's pixels, until something leaves the slide. */
  #room() {
    const section = /** @type {HTMLElement} */ (this.root.closest('section'));
    const bottom = () =>
      Math.max(
        ...[...section.querySelectorAll('figure')].map(
          (each) => each.getBoundingClientRect().bottom,
        ),
      );
    const { height, bottom: edge } = section.getBoundingClientRect();
    const scale = height / section.offsetHeight || 1;
    this.#shown.style.cssText = `display: block; height: ${section.offsetHeight}px`;
    const over =
      (bottom() - edge) / scale + Number.parseFloat(getComputedStyle(section).paddingBottom);
    this.#shown.style.cssText = '';
    return Math.max(section.offsetHeight - over, this.#shown.offsetHeight);
  }
}

/**
 * A key's command that is done in any case.
 *
 * @param {(view: EditorView) => void} command
 * @returns {import('@codemirror/view').Command}
 */
function act(command) {
  return (view) => {
    command(view);
    return true;
  };
}
