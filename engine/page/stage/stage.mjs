/** @typedef {'' | 'black' | 'white'} Blank */

/**
 * Where the talk is: its slide, the step of that, and what covers the projector. The same in all
 * windows: Marp keeps slide and step so, we the rest.
 */
export class Stage extends EventTarget {
  #windows;
  #slides = /** @type {SVGElement[]} */ ([...document.querySelectorAll('svg[data-marpit-svg]')]);
  /** Where it is, as far as it was told. */
  #at;
  /** Where jumps began, the latest last. @type {{ slide: number, step: number }[]} */
  #left = [];
  #returns = false;
  /** @type {Blank} */
  blank = '';

  /** @param {import('./windows.mjs').Windows} windows */
  constructor(windows) {
    super();
    this.#windows = windows;
    windows.hear('blank', (blank) => this.#cover(blank));
    windows.hear('blank?', () => this.blank && windows.tell('blank', this.blank));
    windows.tell('blank?'); // of a window that was there before
    this.#at = { slide: this.slide, step: this.step };
    // Marp's overview turns slide by slide, and all of it is one jump.
    const overview = new MutationObserver(([{ target }]) => {
      if (target instanceof HTMLElement && target.dataset.open) this.#left.push(this.#at);
    });
    overview.observe(document.body, { subtree: true, attributeFilter: ['data-open'] });
    const watcher = new MutationObserver(() => this.#turned());
    for (const slide of this.#slides) {
      watcher.observe(slide, {
        subtree: true,
        attributeFilter: ['class', 'data-bespoke-marp-fragment'],
      });
    }
  }

  get slides() {
    return this.#slides;
  }

  /** Its number, from 1. */
  get slide() {
    return this.#slides.findIndex(isShown) + 1;
  }

  /** Its step, from 0. */
  get step() {
    return stepsOf(this.#slides.find(isShown)).filter(
      (step) => step.getAttribute('data-bespoke-marp-fragment') === 'active',
    ).length;
  }

  /** Turn all windows a step on, or back. @param {1 | -1} by */
  turn(by) {
    const { slide, step } = this;
    const other = stepsOf(this.#slides[slide - 1 + Math.min(by, 0)]).length;
    if (by > 0 && step < other) this.goTo(slide, step + 1);
    else if (by > 0 && slide < this.#slides.length) this.goTo(slide + 1);
    else if (by < 0 && step > 0) this.goTo(slide, step - 1);
    else if (by < 0 && slide > 1) this.goTo(slide - 1, other);
  }

  /**
   * Turn all windows there; what does not exist is taken for the nearest that does.
   *
   * @param {number} slide from 1
   * @param {number} [step] from 0
   */
  goTo(slide, step = 0) {
    if (slide === this.slide && step === this.step) return;
    // Marp's own object is out of reach; it hears of a page that is asked for by its address.
    const address = new URL(location.href);
    address.searchParams.set('f', String(step));
    address.hash = `#${Math.max(1, Math.min(slide, this.#slides.length))}`;
    history.replaceState(history.state, '', address);
    dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
  }

  /** Go to a slide that was asked for, also to the next. @param {number} slide from 1 */
  jump(slide) {
    const { slide: from, step } = this;
    if (Math.abs(slide - from) === 1) this.#left.push({ slide: from, step });
    this.goTo(slide);
  }

  /** Go back to where the last jump began; returns whether there was one. */
  back() {
    let place = this.#left.pop();
    while (place?.slide === this.slide) place = this.#left.pop();
    if (!place) return false;
    this.#returns = true;
    this.goTo(place.slide, place.step);
    return true;
  }

  /**
   * Cover the projector, or uncover it.
   *
   * @param {Blank} blank
   */
  cover(blank) {
    this.#cover(blank);
    this.#windows.tell('blank', blank);
  }

  /** @param {Blank} blank */
  #cover(blank) {
    this.blank = blank;
    this.dispatchEvent(new Event('blank'));
  }

  #turned() {
    const { slide, step } = this;
    const last = this.#at;
    if (slide === last.slide && step === last.step) return;
    this.#at = { slide, step };
    if (Math.abs(slide - last.slide) > 1 && !this.#returns) this.#left.push(last);
    this.#returns = false;
    // Who turns wants it seen.
    if (this.blank) this.cover('');
    this.dispatchEvent(new Event('turn'));
  }
}

/** @param {Element | undefined} slide */
function stepsOf(slide) {
  return [...(slide?.querySelectorAll('[data-marpit-fragment]') ?? [])];
}

/** @param {Element} slide */
function isShown(slide) {
  return slide.classList.contains('bespoke-marp-active');
}
