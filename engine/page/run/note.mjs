import { button, element, say } from '../dom.mjs';

/** @typedef {['play' | 'close' | null, string, () => void]} Choice */

/** The line over the bottom of a pane: a question, a fault, what is compared, or a field to type in. */
export class Note {
  root = element('div', { class: 'pane-note' });
  #text = '';

  constructor() {
    this.root.hidden = true;
  }

  hide() {
    this.#text = '';
    this.root.hidden = true;
    this.root.replaceChildren();
  }

  /**
   * @param {string} text
   * @param {Choice[]} choices
   */
  tell(text, choices) {
    this.#show(
      text,
      text,
      element('span', { class: 'pane-note-text', title: text }, text),
      choices,
    );
  }

  /**
   * Several lines, which scroll.
   *
   * @param {string} text
   * @param {Choice[]} choices
   */
  list(text, choices) {
    this.#show(
      text,
      text,
      element('div', { class: 'pane-difference', tabindex: '0' }, text),
      choices,
    );
  }

  /**
   * A field for what a program waits for.
   *
   * @param {number} number of the question, by which it is known: two may have the same line prepared
   * @param {string} prepared what Enter gives if nothing is typed
   * @param {(line: string | null) => void} answer null ends the input
   * @returns {HTMLInputElement | undefined} the field, if it was not there before
   */
  ask(number, prepared, answer) {
    const field = /** @type {HTMLInputElement} */ (
      element('input', {
        class: 'pane-answer',
        placeholder: prepared || 'Enter answers, Ctrl-D ends the input',
        'aria-label': prepared ? `Answer, or Enter for: ${prepared}` : 'Answer',
        autocomplete: 'off',
        spellcheck: 'false',
        maxlength: '1000',
      })
    );
    const enter = () => answer(field.value || prepared);
    field.addEventListener('keydown', (event) => {
      // Typed, not pressed: the deck must not turn.
      event.stopPropagation();
      if (event.key === 'Enter') enter();
      else if (event.key === 'Escape') field.blur();
      else if (event.key === 'd' && event.ctrlKey && !field.value) answer(null);
      else return;
      event.preventDefault();
    });
    const spoken = prepared ? `It asks. Enter answers ${prepared}` : 'It asks';
    const question = element('span', {}, 'It asks:');
    const key = `It asks: ${number}`;
    const shown = this.#show(key, spoken, [question, field], [['play', 'Answer', enter]]);
    return shown ? field : undefined;
  }

  /**
   * @param {string} text by which it is known whether it is shown already
   * @param {string} spoken
   * @param {Node | Node[]} content
   * @param {Choice[]} choices
   */
  #show(text, spoken, content, choices) {
    if (!this.root.hidden && this.#text === text) return false;
    this.#text = text;
    const buttons = choices.map(([icon, word, act]) => button(icon, word, word, act));
    this.root.replaceChildren(...[content].flat(), ...buttons);
    this.root.hidden = false;
    say(spoken);
    return true;
  }
}
