import { getStroke } from 'perfect-freehand';

/** @typedef {[x: number, y: number, pressure: number]} Point in the slide's pixels */
/** @typedef {'' | 'spot' | 'pen'} Tool */

const PEN = { size: 7, thinning: 0.5, smoothing: 0.5, streamline: 0.4 }; // pixels of the slide
const SPOT = 13; // its radius, in pixels of the slide
const SVG = 'http://www.w3.org/2000/svg';

/** What the speaker points at and draws, seen on the slide in all windows. */
export class Marks {
  #stage;
  #windows;
  #layer = create('svg', { class: 'stage-marks', 'aria-hidden': 'true' });
  #slide = /** @type {SVGGElement} */ (create('g'));
  #sheet = create('rect', { class: 'stage-sheet' });
  #spot = create('circle', { class: 'stage-spot', r: String(SPOT) });
  #strokes = create('g', { class: 'stage-strokes' });
  /** @type {Tool} */
  #tool = '';
  /** @type {Point[] | null} the line that is being drawn */
  #points = null;
  /** @type {SVGElement | null} what it is drawn as, here or in another window */
  #line = null;
  #frame = 0;
  #shownSlide = 0;

  /**
   * @param {import('./stage.mjs').Stage} stage
   * @param {import('./windows.mjs').Windows} windows
   */
  constructor(stage, windows) {
    this.#stage = stage;
    this.#windows = windows;
    const [, , width, height] = stage.slides[0]?.getAttribute('viewBox')?.split(' ') ?? [];
    for (const [name, value] of Object.entries({ width, height }))
      this.#sheet.setAttribute(name, value ?? '0');
    this.#slide.append(this.#sheet, this.#strokes, this.#spot);
    this.#layer.append(this.#slide);
    document.body.append(this.#layer);
    this.#showSpot(null);
    this.#choose('');

    windows.hear('spot', (at) => this.#showSpot(at));
    windows.hear('stroke', (points, last) => this.#draw(points, last));
    windows.hear('undo', () => this.#strokes.lastElementChild?.remove());
    stage.addEventListener('turn', () => this.#turned());
    addEventListener('resize', () => this.#place());
    addEventListener('pointermove', (event) => this.#moved(event));
    addEventListener('blur', () => this.#tool === 'spot' && this.#point(null));
    this.#sheet.addEventListener('pointerdown', (event) => this.#begin(event));
    for (const type of ['pointerup', 'pointercancel']) addEventListener(type, () => this.#end());
  }

  get tool() {
    return this.#tool;
  }

  /** Take this tool, or lay it down. @param {Tool} tool */
  take(tool) {
    this.#choose(this.#tool === tool ? '' : tool);
  }

  /** Remove what was drawn last; returns whether the pen is in the hand. */
  undo() {
    if (this.#tool !== 'pen') return false;
    this.#strokes.lastElementChild?.remove();
    this.#windows.tell('undo');
    return true;
  }

  /** @param {Tool} tool */
  #choose(tool) {
    this.#end();
    if (this.#tool === 'spot') this.#point(null);
    this.#tool = tool;
    document.body.dataset.tool = tool;
    this.#place();
  }

  /** Lay the marks over the slide that is shown. */
  #place() {
    const slide = this.#stage.slides[this.#stage.slide - 1];
    if (!(slide instanceof SVGGraphicsElement)) return;
    const matrix = slide.getScreenCTM();
    if (matrix)
      this.#slide.setAttribute(
        'transform',
        `matrix(${matrix.a} 0 0 ${matrix.d} ${matrix.e} ${matrix.f})`,
      );
  }

  #turned() {
    this.#place();
    if (this.#stage.slide === this.#shownSlide) return;
    this.#shownSlide = this.#stage.slide;
    this.#points = null;
    this.#line = null;
    this.#strokes.replaceChildren();
  }

  /** @param {PointerEvent} event */
  #moved(event) {
    if (!this.#tool) return;
    const point = this.#at(event);
    if (this.#tool === 'spot') this.#point(point);
    if (!this.#points) return;
    this.#points.push(point);
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#share(false));
  }

  /** @param {PointerEvent} event @returns {Point} */
  #at({ clientX, clientY, pressure, pointerType }) {
    const matrix = this.#slide.getScreenCTM()?.inverse();
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(matrix);
    // A mouse has no pressure.
    return [x, y, pointerType === 'pen' ? pressure : 0.5];
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    if (this.#tool !== 'pen' || event.button !== 0) return;
    event.preventDefault();
    this.#points = [this.#at(event)];
    this.#share(false);
  }

  #end() {
    if (!this.#points) return;
    cancelAnimationFrame(this.#frame);
    this.#share(true);
    this.#points = null;
  }

  /** @param {boolean} last does the line end here? */
  #share(last) {
    if (!this.#points) return;
    this.#draw(this.#points, last);
    this.#windows.tell('stroke', this.#points, last);
  }

  /**
   * @param {Point[]} points
   * @param {boolean} last
   */
  #draw(points, last) {
    this.#place();
    const path = this.#line ?? this.#strokes.appendChild(create('path'));
    this.#line = last ? null : path;
    path.setAttribute('d', outline(getStroke(points, { ...PEN, last })));
  }

  /** @param {Point | null} point */
  #point(point) {
    const { width, height } = /** @type {SVGRectElement} */ (this.#sheet);
    const inside =
      point &&
      point[0] >= 0 &&
      point[1] >= 0 &&
      point[0] <= width.baseVal.value &&
      point[1] <= height.baseVal.value;
    const at = inside ? point : null;
    this.#showSpot(at);
    this.#windows.tell('spot', at);
  }

  /** @param {Point | null} at */
  #showSpot(at) {
    this.#spot.style.display = at ? '' : 'none';
    if (!at) return;
    this.#place();
    this.#spot.setAttribute('cx', String(at[0]));
    this.#spot.setAttribute('cy', String(at[1]));
  }
}

/**
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 */
function create(tag, attributes = {}) {
  const node = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** @param {number[][]} points around a line @returns {string} an SVG path through their middles */
function outline(points) {
  if (points.length === 0) return '';
  const middles = points.map(([x, y], index) => {
    const [nextX, nextY] = points[(index + 1) % points.length] ?? [x, y];
    return `Q${x.toFixed(1)} ${y.toFixed(1)} ${((x + nextX) / 2).toFixed(1)} ${((y + nextY) / 2).toFixed(1)}`;
  });
  const [first] = points;
  return `M${first[0].toFixed(1)} ${first[1].toFixed(1)}${middles.join('')}Z`;
}
