const TARGET = 44; // pixels of the screen that a finger needs

/**
 * On a phone a slide is small, and its buttons are smaller than a finger. A tap is for the nearest
 * within reach, and the style sheet keeps them `--touch` apart: in the slide's pixels what `TARGET`
 * is on the screen.
 *
 * @param {SVGSVGElement} slide any, since all have one size
 */
export function enlargeTargets(slide) {
  const measure = () => {
    const scale = slide.getScreenCTM()?.a || 1;
    document.documentElement.style.setProperty('--touch', `${TARGET / scale}px`);
  };
  new ResizeObserver(measure).observe(slide);

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
