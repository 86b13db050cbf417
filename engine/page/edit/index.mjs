/**
 * Edit and run: the code on a slide becomes an editor. The runner adds this to the page when the
 * speaker wants it (`npm start -- --edit`); no other page carries it.
 */

import { say } from '../dom.mjs';
import { Editor } from './editor.mjs';

/**
 * The page, as far as it is for an editor.
 *
 * @typedef {object} Page
 * @property {import('../stage/windows.mjs').Windows} windows
 * @property {import('../run/session.mjs').Mode} mode
 * @property {(id: string) => import('../run/session.mjs').Session} session
 */
/** @typedef {{ code: string, text: string }} Edit what the slide has, and what it was changed to */

const KEPT = 'edits'; // in the session's storage, so that a reload keeps them

/** What was changed in all code of the deck, the same in all its windows. */
class Edits {
  /** @type {Record<string, Edit>} by the code's import */
  #edits = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}');
  /** @type {Map<string, Editor[]>} of one import, which may be on several slides */
  #editors = new Map();
  #page;
  /** @type {Editor | undefined} the last that a key has opened */
  #last;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
    const { windows } = page;
    for (const figure of document.querySelectorAll('figure.code[data-run]')) {
      const editor = new Editor(/** @type {HTMLElement} */ (figure), {
        change: (text) => this.#change(editor.reference, text),
        run: () => page.session(editor.run).start(true),
      });
      this.#editors.set(editor.reference, [...this.#of(editor.reference), editor]);
    }
    for (const reference of Object.keys(this.#edits)) this.#show(reference);
    windows.hear('edit', (reference, text) => this.#set(reference, text));
    windows.hear('edits?', () => {
      for (const [reference, { text }] of Object.entries(this.#edits))
        windows.tell('edit', reference, text);
    });
    windows.tell('edits?');
    addEventListener('keydown', (event) => this.#press(event), true);
    addEventListener('leave', () => this.#restore());
  }

  /** @param {string} reference */
  #of(reference) {
    return this.#editors.get(reference) ?? [];
  }

  /**
   * @param {string} reference
   * @param {string | null} text null restores the slide's
   */
  #change(reference, text) {
    this.#set(reference, text);
    this.#page.windows.tell('edit', reference, text);
  }

  /**
   * @param {string} reference
   * @param {string | null} text
   */
  #set(reference, text) {
    const [editor] = this.#of(reference);
    if (text === null || !editor || text === editor.code) delete this.#edits[reference];
    else this.#edits[reference] = { code: editor.code, text };
    sessionStorage.setItem(KEPT, JSON.stringify(this.#edits));
    this.#show(reference);
  }

  /** @param {string} reference */
  #show(reference) {
    const [first] = this.#of(reference);
    // The slide's own code may be another by now.
    if (this.#edits[reference]?.code !== first?.code) delete this.#edits[reference];
    const text = this.#edits[reference]?.text ?? null;
    for (const editor of this.#of(reference)) editor.show(text);
    if (first) this.#page.session(first.run).edit(this.#runBy(first.run));
  }

  /** What was changed of all that a program is made of. @param {string} id */
  #runBy(id) {
    const of = Object.entries(this.#edits).filter(([reference]) =>
      this.#of(reference).some(({ run }) => run === id),
    );
    return Object.fromEntries(of.map(([reference, { text }]) => [reference, text]));
  }

  /** Of several, the first; then the next. @param {KeyboardEvent} event */
  #press(event) {
    const { key, target } = event;
    if (key !== 'e' || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (target instanceof Element && target.closest('input, textarea, dialog, .cm-editor')) return;
    const shown = this.#shown;
    const at = this.#last ? shown.indexOf(this.#last) : -1;
    this.#last = shown[(at + 1) % shown.length];
    if (!this.#last) return;
    // What is edited is there to be run.
    this.#page.mode.choose(true);
    this.#last.open();
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #restore() {
    const changed = this.#shown.filter(({ reference }) => this.#edits[reference]);
    for (const { reference } of changed) this.#change(reference, null);
    if (changed.length > 0) say('As on the slide');
  }

  get #shown() {
    return [...this.#editors.values()].flat().filter(({ isShown }) => isShown);
  }
}

addEventListener('deck', (event) => {
  new Edits(/** @type {CustomEvent<Page>} */ (event).detail);
});
