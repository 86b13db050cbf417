/**
 * @typedef {import('./run/pane.mjs').Pane} Pane
 * @typedef {object} Actions
 * @property {() => Pane[]} panes those of the slide that is shown
 * @property {() => void} toggle live or recording
 * @property {() => void} copy the slide's code
 * @property {() => boolean} codes for guests to scan; false if there are none
 * @property {() => boolean} project that of the audience
 * @property {() => boolean} start the clusters that are down; false if none is
 * @property {import('./help.mjs').Help} help
 * @property {import('./stage/stage.mjs').Stage} stage
 * @property {import('./stage/marks.mjs').Marks} marks
 * @property {import('./stage/finder.mjs').Finder} finder
 * @property {() => void} clock start it, or pause it
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
function press(event, actions) {
  const { panes, toggle, copy, codes, project, start, help, stage, marks, finder, clock } = actions;
  const target = /** @type {Element | null} */ (
    event.target instanceof Element ? event.target : null
  );
  if (event.ctrlKey || event.altKey || event.metaKey || finder.open) return;
  if (target?.closest('input, textarea, [contenteditable="true"], .bespoke-marp-note')) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const cover = (/** @type {'black' | 'white'} */ blank) =>
    stage.cover(stage.blank === blank ? '' : blank);
  const handled = {
    r: () => run(panes()),
    s: () => stoppable(panes())?.stop.click(),
    v: () => panes().some((pane) => pane.replace()) || toggle(),
    x: () => panes().some((pane) => pane.compare()),
    c: copy,
    t: clock,
    q: codes,
    a: project,
    n: start,
    l: () => marks.take('spot'),
    d: () => marks.take('pen'),
    // As clickers send them, and other tools know them.
    b: () => cover('black'),
    '.': () => cover('black'),
    w: () => cover('white'),
    ',': () => cover('white'),
    g: () => finder.show(),
    '/': () => finder.show(),
    Backspace: () => marks.undo() || stage.back(),
    F5: () => !document.fullscreenElement && fullScreen(),
    '?': () => help.toggle(),
    Escape: () => leave(target, actions),
  }[key];
  if (!handled && !help.open && /^\d$/.test(key)) {
    finder.show(key);
    return consume(event);
  }
  if (handled && (!help.open || event.key === '?' || event.key === 'Escape')) {
    // F5 must not load the page again, nor Backspace leave it.
    if (event.repeat || handled() !== false || key === 'F5') return consume(event);
  }
  // What is pressed in a pane is for the pane: it scrolls, and does not turn the slide. A button that
  // has the focus is pressed by Space, wherever it is.
  const own = `[data-pane], .pane-corner${key === ' ' ? ', button, summary' : ''}`;
  if (help.open || target?.closest(own)) event.stopPropagation();
}

/** @param {KeyboardEvent} event */
function consume(event) {
  event.preventDefault();
  event.stopPropagation();
}

/** One that runs; of several, the one with the focus. @param {Pane[]} panes */
function stoppable(panes) {
  const running = panes.filter(({ stop }) => !stop.hidden);
  return running.find(({ root }) => root.contains(document.activeElement)) ?? running[0];
}

/** One pane runs; of several, the first, then the next is chosen, and Enter runs it. */
function run(/** @type {Pane[]} */ panes) {
  if (panes.length === 1) return panes[0]?.start();
  const before = panes.findIndex(({ opener }) => opener === document.activeElement);
  panes[(before + 1) % panes.length]?.opener.focus();
}

/** Marp's own key; in the presenter view the slides are not what should fill the screen. */
function fullScreen() {
  if (document.body.dataset.bespokeView === 'presenter') return false;
  document.body.requestFullscreen?.();
}

/**
 * The innermost thing that Esc can leave. If there is none, nothing happens: a clicker's Esc must
 * not show the audience Marp's overview; but it closes one that is open.
 *
 * @param {Element | null} target
 * @param {Actions} actions
 */
function leave(target, { panes: shown, help, stage, marks }) {
  if (help.open) return help.close();
  if (stage.blank) return stage.cover('');
  if (marks.tool) return marks.take(marks.tool);
  if (document.querySelector('.bespoke-marp-overview[data-open="1"]')) return false;
  const panes = shown();
  const answered = panes.some((pane) => pane.dismiss());
  const inside = target instanceof HTMLElement && target.closest('[data-pane], .pane-corner');
  if (inside) target.blur();
  const left = answered || inside || panes.some((pane) => pane.close());
  if (!left) dispatchEvent(new Event('leave')); // for an editor, which may have something
  return true;
}
