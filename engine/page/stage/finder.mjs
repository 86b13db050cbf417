import { element } from '../dom.mjs';

const MOST = 50; // results that are listed
const AROUND = 40; // characters shown before what was found

/**
 * @typedef {object} Place
 * @property {number} slide from 1
 * @property {string} title
 * @property {string} text
 */

/** Goes to a slide by its number, or by words in what it shows. */
export class Finder {
  #stage;
  #dialog = /** @type {HTMLDialogElement} */ (
    element('dialog', { class: 'stage-finder', 'aria-label': 'Go to a slide' })
  );
  #field = /** @type {HTMLInputElement} */ (
    element('input', {
      type: 'search',
      role: 'combobox',
      placeholder: 'Number of a slide, or words on it',
      'aria-label': 'Number of a slide, or words on it',
      'aria-controls': 'stage-places',
      'aria-expanded': 'true',
      autocomplete: 'off',
      spellcheck: 'false',
    })
  );
  #list = element('ol', { id: 'stage-places', role: 'listbox', 'aria-label': 'Slides' });
  #places;
  /** @type {Place[]} */
  #found = [];
  #chosen = 0;

  /**
   * Make it before the slides get buttons, which are no text of theirs.
   *
   * @param {import('./stage.mjs').Stage} stage
   * @param {(run: string) => string} printed what the recording of a snippet shows
   */
  constructor(stage, printed) {
    this.#stage = stage;
    this.#places = readPlaces(stage.slides, printed);
    this.#dialog.append(this.#field, this.#list);
    document.body.append(this.#dialog);
    this.#field.addEventListener('input', () => this.#find());
    // Typed, not pressed: the deck must not turn.
    this.#dialog.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (this.#press(event.key)) event.preventDefault();
    });
    this.#dialog.addEventListener('click', ({ target }) => {
      if (target === this.#dialog) this.close();
      const item = target instanceof Element && target.closest('li');
      if (item) this.#go(this.#found[[...this.#list.children].indexOf(item)]);
    });
  }

  get open() {
    return this.#dialog.open;
  }

  close() {
    this.#dialog.close();
  }

  /** @param {string} [begin] what was typed already */
  show(begin = '') {
    this.#field.value = begin;
    this.#dialog.showModal();
    this.#find();
  }

  /** @param {string} key */
  #press(key) {
    const count = this.#found.length;
    if (key === 'Enter') this.#go(this.#found[this.#chosen]);
    else if (key === 'Escape') this.close();
    else if (key === 'ArrowDown') this.#choose(Math.min(this.#chosen + 1, count - 1));
    else if (key === 'ArrowUp') this.#choose(Math.max(this.#chosen - 1, 0));
    else return false;
    return true;
  }

  /** @param {Place | undefined} place */
  #go(place) {
    if (!place) return;
    this.close();
    this.#stage.jump(place.slide);
  }

  #find() {
    const words = this.#field.value.toLowerCase().split(/\s+/).filter(Boolean);
    const number = words.length === 1 && /^\d+$/.test(words[0] ?? '') ? Number(words[0]) : 0;
    const rank = (/** @type {Place} */ { slide, title, text }) => {
      if (slide === number) return 0;
      if (has(title, words)) return 1;
      return has(`${title} ${text}`, words) ? 2 : 3;
    };
    this.#found = this.#places
      .map((place) => ({ place, rank: rank(place) }))
      .filter(({ rank }) => rank < 3)
      .sort((a, b) => a.rank - b.rank)
      .slice(0, MOST)
      .map(({ place }) => place);
    const items = this.#found.map((place, index) => toItem(place, words, index));
    this.#list.replaceChildren(...items);
    if (items.length === 0)
      this.#list.append(element('p', { role: 'status' }, 'No slide has that.'));
    this.#choose(0);
  }

  /** @param {number} index */
  #choose(index) {
    this.#chosen = index;
    for (const [at, item] of [...this.#list.children].entries()) {
      item.setAttribute('aria-selected', String(at === index));
      if (at !== index) continue;
      this.#field.setAttribute('aria-activedescendant', item.id);
      item.scrollIntoView({ block: 'nearest' });
    }
  }
}

/**
 * Notes are found where they are seen: in the presenter view.
 *
 * @param {Element[]} slides
 * @param {(run: string) => string} printed
 * @returns {Place[]}
 */
function readPlaces(slides, printed) {
  const notes = document.body.dataset.bespokeView === 'presenter';
  return slides.map((slide, index) => {
    const runs = /** @type {HTMLElement[]} */ ([...slide.querySelectorAll('[data-run]')]);
    const note = notes && document.querySelector(`.bespoke-marp-note[data-index="${index}"]`);
    const texts = [
      ...[...slide.querySelectorAll('section')].map(textOf),
      ...new Set(runs.map(({ dataset }) => printed(dataset.run ?? ''))),
      ...[...(note ? note.children : [])].map(({ textContent }) => textContent),
    ];
    return { slide: index + 1, title: titleOf(slide), text: texts.join(' ').replace(/\s+/g, ' ') };
  });
}

/** @param {Element} section @returns {string} its words, without those that tell of drawings */
function textOf(section) {
  const copy = /** @type {Element} */ (section.cloneNode(true));
  for (const drawing of copy.querySelectorAll('svg, style')) drawing.remove();
  return copy.textContent ?? '';
}

/** @param {Element} slide @returns {string} its heading, or how its text begins */
export function titleOf(slide) {
  const heading = slide.querySelector('h1, h2, h3') ?? slide.querySelector('section');
  return (heading?.textContent ?? '').replace(/\s+/g, ' ').trim().slice(0, 80);
}

/**
 * @param {string} text
 * @param {string[]} words
 */
function has(text, words) {
  const low = text.toLowerCase();
  return words.every((word) => low.includes(word));
}

/**
 * @param {Place} place
 * @param {string[]} words that were looked for
 * @param {number} index
 */
function toItem({ slide, title, text }, words, index) {
  const at = Math.min(
    ...words.map((word) => text.toLowerCase().indexOf(word)).filter((n) => n >= 0),
  );
  const from = text.lastIndexOf(' ', Math.max(0, at - AROUND)) + 1;
  const quote = words.length > 0 && Number.isFinite(at) && !has(title, words);
  return element(
    'li',
    { id: `stage-place-${index}`, role: 'option' },
    element('b', {}, String(slide)),
    element(
      'span',
      {},
      title,
      ...(quote ? [element('small', {}, text.slice(from, from + 100))] : []),
    ),
  );
}
