const TARGET = 44; // pixels of the screen that a finger needs

/**
 * On a phone a slide is small, and its buttons are smaller than a finger. A tap is for the nearest
 * within reach, and the style sheet keeps them `--touch` apart: in the slide's pixels what `TARGET`
 * is on the screen.
 *
 * @param {Element} deck what holds the slides, which all have one size
 */
export function enlargeTargets(deck) {
  const measure = () => {
    const slide = /** @type {SVGSVGElement | null} */ (deck.querySelector('.bespoke-marp-active'));
    const scale = slide?.getScreenCTM()?.a || 1;
    document.documentElement.style.setProperty('--touch', `${TARGET / scale}px`);
  };
  new ResizeObserver(measure).observe(deck);

  // A click tells where the browser thinks that the finger was meant to be; this, where it was.
  /** @type {PointerEvent | undefined} */
  let down;
  addEventListener('pointerdown', (event) => (down = event), true);
  const tap = (/** @type {MouseEvent} */ event) => {
    const { detail, target } = event;
    if (detail === 0 || down?.pointerType !== 'touch') return;
    if (!(target instanceof Element) || target.closest('a, dialog')) return;
    const button = nearest(down.clientX, down.clientY);
    if (!button || button.contains(target)) return;
    event.stopPropagation();
    button.click();
  };
  addEventListener('click', tap, true);
}

const SLOP = 8; // pixels of the screen that a finger moves before it is known where it goes

/**
 * Where a slide scrolls (reading.css), Marp, which turns it for a swipe to any side, hears only of
 * those to the left and right; nor of those if what is under the finger scrolls so.
 *
 * @param {HTMLElement} section
 */
export function scrollByTouch(section) {
  /** @type {Touch | undefined} the finger until it is known */
  let from;
  let scrolls = false;
  const begin = (/** @type {TouchEvent} */ { touches }) => {
    from = getComputedStyle(section).overflowY === 'auto' ? touches[0] : undefined;
    scrolls = false;
  };
  const move = (/** @type {TouchEvent} */ event) => {
    const [to] = event.touches;
    if (from && to) {
      const across = Math.abs(to.clientX - from.clientX);
      const down = Math.abs(to.clientY - from.clientY);
      scrolls = down > across || isWider(from.target, section);
      if (Math.max(across, down) > SLOP) from = undefined;
    }
    if (from || scrolls) event.stopPropagation();
  };
  section.addEventListener('touchstart', begin, { passive: true });
  section.addEventListener('touchmove', move, { passive: true });
}

/**
 * @param {EventTarget} target
 * @param {HTMLElement} section
 * @returns {boolean} does it stand in something that scrolls sideways?
 */
function isWider(target, section) {
  for (
    let at = target;
    at instanceof HTMLElement && at !== section;
    at = at.parentElement ?? section
  )
    if (at.scrollWidth > at.clientWidth && getComputedStyle(at).overflowX === 'auto') return true;
  return false;
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {HTMLElement | undefined} the button that is meant there
 */
function nearest(x, y) {
  let least = TARGET;
  let found;
  for (const button of document.querySelectorAll('.bespoke-marp-active .pane-button')) {
    const { left, top, width, height } = button.getBoundingClientRect();
    const [middle, centre] = [left + width / 2, top + height / 2];
    const [across, down] = [Math.abs(x - middle), Math.abs(y - centre)];
    if (across > Math.max(TARGET, width) / 2 || down > Math.max(TARGET, height) / 2) continue;
    if (!button.contains(document.elementFromPoint(middle, centre))) continue;
    const off = Math.max(across - width / 2, down - height / 2);
    if (off >= least) continue;
    least = off;
    found = /** @type {HTMLElement} */ (button);
  }
  return found;
}
