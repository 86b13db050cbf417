/**
 * @typedef {import('./run/pane.mjs').Pane} Pane
 * @typedef {object} Actions
 * @property {() => Pane[]} panes those of the slide that is shown
 * @property {() => void} toggle live or recording
 * @property {() => void} copy the slide's code
 * @property {import('./help.mjs').Help} help
 */

/**
 * Our keys. Heard before Marp's: it turns slides and opens its overview on keys that a pane needs.
 *
 * @param {Actions} actions
 */
export function listen(actions) {
  addEventListener('keydown', (event) => press(event, actions), true);
}

/**
 * @param {KeyboardEvent} event
 * @param {Actions} actions
 */
function press(event, { panes, toggle, copy, help }) {
  const target = /** @type {Element | null} */ (
    event.target instanceof Element ? event.target : null
  );
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (target?.closest('input, textarea, [contenteditable="true"], .bespoke-marp-note')) return;
  const handled = {
    r: () => run(panes()),
    s: () => chosen(panes())?.stop.click(),
    v: () => panes().some((pane) => pane.replace()) || toggle(),
    x: () => panes().some((pane) => pane.compare()),
    c: copy,
    '?': () => help.toggle(),
    Escape: () => leave(panes(), target, help),
  }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (handled && (!help.open || event.key === '?' || event.key === 'Escape')) {
    if (event.repeat || handled() !== false) return consume(event);
  }
  // What is pressed in a pane is for the pane: it scrolls, and does not turn the slide.
  if (help.open || target?.closest('[data-pane], .pane-corner')) event.stopPropagation();
}

/** @param {KeyboardEvent} event */
function consume(event) {
  event.preventDefault();
  event.stopPropagation();
}

/** @param {Pane[]} panes */
function chosen(panes) {
  return panes.find(({ root }) => root.contains(document.activeElement)) ?? panes[0];
}

/** One pane runs; of several, the first, then the next is chosen, and Enter runs it. */
function run(/** @type {Pane[]} */ panes) {
  if (panes.length === 1) return panes[0]?.start();
  const before = panes.findIndex(({ opener }) => opener === document.activeElement);
  panes[(before + 1) % panes.length]?.opener.focus();
}

/**
 * The innermost thing that Esc can leave; false if there is none, and Marp shows its overview.
 *
 * @param {Pane[]} panes
 * @param {Element | null} target
 * @param {import('./help.mjs').Help} help
 */
function leave(panes, target, help) {
  if (help.open) return help.close();
  const answered = panes.some((pane) => pane.dismiss());
  const inside = target instanceof HTMLElement && target.closest('[data-pane], .pane-corner');
  if (inside) target.blur();
  const closed = !answered && panes.some((pane) => pane.close());
  return Boolean(answered || closed || inside);
}
