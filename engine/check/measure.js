/**
 * Looks at slides and returns what an audience would notice. Runs in the page: for the build as the
 * PDF shows them all, for the tests slide by slide on the screen. The viewport has the slide's own
 * size, so that CSS pixels are slide pixels.
 *
 * @param {{slides: string, smallest: number}} options slides: a selector;
 *   smallest: the least font size in pixels
 * @returns {import('./fit.mjs').Finding[]}
 */
({ slides, smallest }) => {
  const SLACK = 1.5; // pixels: rounding of glyph boxes
  /** @typedef {import('./fit.mjs').Finding} Finding */
  /** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
  /** @type {Finding[]} */
  const findings = [];

  /** Where an element is, as a person would say it: its path below the slide and its first words. */
  const name = (/** @type {Element} */ element) => {
    const figure = /** @type {HTMLElement | null} */ (element.closest('figure[data-snippet]'));
    if (figure && element.matches('figure, pre')) {
      const { snippet, region } = figure.dataset;
      return `the ${figure.classList[0]} of ${snippet}${region ? `#${region}` : ''}`;
    }
    const steps = [];
    for (let at = element; at.tagName !== 'SECTION' && at.parentElement; at = at.parentElement) {
      const classes = [...at.classList].slice(0, 2).map((each) => `.${each}`);
      steps.unshift(at.tagName.toLowerCase() + classes.join(''));
    }
    const words = (element.getAttribute('alt') ?? element.textContent).trim().replace(/\s+/g, ' ');
    return `${steps.slice(-3).join(' > ') || 'section'} «${words.slice(0, 40)}»`;
  };

  const report = (
    /** @type {string} */ check,
    /** @type {Element} */ element,
    /** @type {string} */ detail,
    /** @type {string} */ remedy,
  ) => {
    const holder = /** @type {HTMLElement | null} */ (element.closest('[data-line]'));
    const line = Number(holder?.dataset.line ?? 0);
    const found = { check, element: name(element), detail, remedy, line };
    // Of each check the first of an element, and of those that read the same.
    const alike = (/** @type {Finding} */ other) =>
      check === other.check && line === other.line && found.element === other.element;
    if (!findings.some(alike)) findings.push(found);
  };

  const shown = (/** @type {Element} */ element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  /** By how many pixels `inner` sticks out of `outer`, at its worst side. */
  const excess = (/** @type {Box} */ inner, /** @type {Box} */ outer) =>
    Math.max(
      outer.left - inner.left,
      outer.top - inner.top,
      inner.right - outer.right,
      inner.bottom - outer.bottom,
    );

  const meet = (/** @type {Box} */ a, /** @type {Box} */ b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > SLACK;

  /** The box of the page number: a pseudo-element, so that only its style tells where it is. */
  const pageNumber = (/** @type {Element} */ section, /** @type {Box} */ frame) => {
    const style = getComputedStyle(section, '::after');
    if (style.content === 'none' || style.content === '""' || style.position !== 'absolute') {
      return undefined;
    }
    const px = (/** @type {string} */ property) =>
      Number.parseFloat(style.getPropertyValue(property)) || 0;
    const width = px('width') + px('padding-left') + px('padding-right');
    const height = px('height') + px('padding-top') + px('padding-bottom');
    const right = frame.right - px('right');
    const bottom = frame.bottom - px('bottom');
    return { left: right - width, top: bottom - height, right, bottom };
  };

  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (
    new OffscreenCanvas(64, 64).getContext('2d', { willReadFrequently: true })
  );
  /** How a character looks in a font, as text. */
  const drawn = (/** @type {string} */ character, /** @type {string} */ font) => {
    pen.clearRect(0, 0, 64, 64);
    pen.font = font;
    pen.fillText(character, 8, 48);
    return pen.getImageData(0, 0, 64, 64).data.toString();
  };
  /** @type {Map<string, string | boolean>} */
  const tofu = new Map();
  /** Is it drawn as the box that stands for a missing glyph, as U+E000 (private use) is? */
  const missing = (/** @type {string} */ character, /** @type {string} */ family) => {
    const font = `32px ${family}`;
    const box = tofu.get(font) ?? drawn('\uE000', font);
    tofu.set(font, box);
    const key = `${character} ${font}`;
    const known = tofu.get(key) ?? drawn(character, font) === box;
    tofu.set(key, known);
    return known;
  };

  /** May scroll: the panes of output, which say so and can. */
  const scrolls = (/** @type {Element} */ element) => {
    const { overflowX, overflowY } = getComputedStyle(element);
    return element.closest('figure.output, .pane') && /auto|scroll/.test(overflowX + overflowY);
  };

  /** The part of an element that nothing around it cuts off. */
  const visible = (/** @type {Element} */ element, /** @type {Box} */ frame) => {
    let { left, top, right, bottom } = element.getBoundingClientRect();
    const limit = (/** @type {Box} */ box) => {
      left = Math.max(left, box.left);
      top = Math.max(top, box.top);
      right = Math.min(right, box.right);
      bottom = Math.min(bottom, box.bottom);
    };
    for (let at = element.parentElement; at && at.tagName !== 'SECTION'; at = at.parentElement) {
      if (getComputedStyle(at).overflow !== 'visible') limit(at.getBoundingClientRect());
    }
    limit(frame);
    return { left, top, right, bottom };
  };

  /**
   * What of code or output is cut off, in the lines and columns of which it consists.
   *
   * @param {HTMLElement} pre
   * @param {Box} frame of its slide
   * @param {number} floor of what should stand there: below are footer and page number
   */
  const measure = (pre, frame, floor) => {
    const body = pre.querySelector('code') ?? pre;
    const lines = body.textContent.trimEnd().split('\n');
    const style = getComputedStyle(pre);
    const leading = Number.parseFloat(style.lineHeight);
    const start = Number.parseFloat(style.paddingTop) + Number.parseFloat(style.borderTopWidth);
    const top = pre.getBoundingClientRect().top + start;
    pen.font = `${style.fontSize} ${style.fontFamily}`;
    pen.letterSpacing = style.letterSpacing;
    const column = pen.measureText('0').width;
    const { right, bottom } = visible(pre, frame);
    const output = pre.closest('figure.output');
    const { snippet } = /** @type {HTMLElement} */ (pre.parentElement).dataset;

    // Of code each line has an element, and a theme may give blank ones less height.
    const boxes = [...body.querySelectorAll('.line')].map((line) => line.getBoundingClientRect());
    const whole =
      boxes.length > 0
        ? boxes.filter((box) => box.bottom <= bottom + SLACK).length
        : Math.max(0, Math.floor((bottom + SLACK - top) / leading));
    if (whole < lines.length) {
      const lost = `${lines.length - whole} of its ${lines.length} lines`;
      // A line less, for the one that says that something is left out.
      const room = Math.floor((floor - Number.parseFloat(style.paddingBottom) - top) / leading) - 1;
      const part = output ? room > 0 && `>>> ${snippet} {1-${room}}` : 'a region';
      const remedies = [
        part && `show ${part} only`,
        !pre.closest('.tight') && 'set the slide in <!-- _class: tight -->',
        'split the slide',
      ];
      report('long', pre, `is cut off below, ${lost}`, remedies.filter(Boolean).join(', or '));
    }

    const range = document.createRange();
    range.selectNodeContents(body);
    /** @type {Map<number, number>} columns cut off, by line from 1 */
    const cut = new Map();
    for (const box of range.getClientRects()) {
      if (box.right <= right + SLACK) continue;
      const middle = box.top + box.height / 2;
      const line =
        boxes.filter(({ top }) => top <= middle).length || Math.ceil((middle - top) / leading);
      cut.set(line, Math.max(cut.get(line) ?? 0, Math.ceil((box.right - right) / column)));
    }
    if (cut.size > 0) {
      const numbers = [...cut.keys()].sort((a, b) => a - b).join(', ');
      const lost = `up to ${Math.max(...cut.values())} columns of line ${numbers}`;
      const room = Math.floor((right - range.getBoundingClientRect().left) / column);
      report('wide', pre, `is cut off at the side, ${lost}`, `keep lines to ${room} columns`);
    }
  };

  for (const slide of document.querySelectorAll(slides)) {
    const frame = slide.getBoundingClientRect();
    for (const section of slide.querySelectorAll('section')) {
      const furniture = [...section.querySelectorAll(':scope > header, :scope > footer')];
      const number = pageNumber(section, frame);
      const bars = [
        ...furniture.map((each) => each.getBoundingClientRect()),
        ...(number ? [number] : []),
      ];
      const below = bars.filter(({ top }) => top > (frame.top + frame.bottom) / 2);
      const floor = Math.min(frame.bottom, ...below.map(({ top }) => top));

      const overlaps = (/** @type {Element} */ element, /** @type {Box} */ box) => {
        for (const each of furniture) {
          if (!each.contains(element) && meet(box, each.getBoundingClientRect())) {
            const over = `lies over the ${each.tagName.toLowerCase()}`;
            report('overlap', element, over, 'make it smaller, or split the slide');
          }
        }
        if (number && meet(box, number)) {
          const over = 'lies over the page number';
          report('overlap', element, over, 'make it smaller, or split the slide');
        }
      };
      const leaves = (/** @type {Element} */ element, /** @type {Box} */ box) => {
        const beyond = Math.round(excess(box, frame));
        if (beyond < SLACK) return;
        const out = `sticks ${beyond} px out of the slide`;
        report('overflow', element, out, 'make it smaller, or split the slide');
      };

      for (const element of section.querySelectorAll('*')) {
        if (!shown(element) || element.closest('svg svg')) continue;
        const box = element.getBoundingClientRect();
        if (scrolls(element)) {
          leaves(element, box);
          continue;
        }
        if (element.matches('figure[data-snippet] > pre')) {
          measure(/** @type {HTMLElement} */ (element), frame, floor);
        } else if (!element.matches('figure[data-snippet]')) {
          const style = getComputedStyle(element);
          const across = element.scrollWidth - element.clientWidth;
          const down = element.scrollHeight - element.clientHeight;
          if (element.clientWidth && style.overflowX !== 'visible' && across > SLACK) {
            const cut = `${across} px of it are cut off at the side`;
            report('clipped', element, cut, 'shorten its lines');
          }
          if (element.clientHeight && style.overflowY !== 'visible' && down > SLACK) {
            const cut = `${down} px of it are cut off below`;
            report('clipped', element, cut, 'show fewer lines or split');
          }
        }
        // One that leaves the slide is measured in lines.
        if (element.matches('figure[data-snippet]') && box.bottom < frame.bottom + SLACK) {
          overlaps(element, box);
        }
        if (element.matches('img, svg, iframe')) {
          leaves(element, box);
          overlaps(element, box);
        }
      }

      const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = /** @type {Text} */ (node);
        const element = /** @type {Element} */ (text.parentElement);
        if (!text.data.trim() || element.closest('style, script, .visually-hidden')) continue;
        if (!shown(element)) continue;
        const style = getComputedStyle(element);
        const size = Number.parseFloat(style.fontSize);
        if (size < smallest - 0.01) {
          report('size', element, `is set in ${size} px`, `use ${smallest} px or more`);
        }
        for (const character of new Set(text.data.match(/[^\p{ASCII}\s]/gu))) {
          if (missing(character, style.fontFamily)) {
            const lacks = `has ${character}, which no font has`;
            report('glyph', element, lacks, 'use another character, or install a font that has it');
          }
        }
        let pane = /** @type {Element | null} */ (element);
        while (pane && pane !== section && !scrolls(pane)) pane = pane.parentElement;
        if (pane && pane !== section) continue;
        const figure = element.closest('figure[data-snippet]');
        const holder = element.closest('td, th, figure, pre');
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const box of range.getClientRects()) {
          if (box.width < SLACK) continue;
          overlaps(element, box);
          // Code and output are measured in lines, and what is above them comes first.
          if (figure && element.closest('pre')) continue;
          if (!figure) leaves(element, box);
          const out = holder ? Math.round(excess(box, holder.getBoundingClientRect())) : 0;
          if (holder && out > SLACK) {
            const where = holder.tagName.toLowerCase();
            report(
              'overflow',
              element,
              `sticks ${out} px out of its ${where}`,
              'shorten its lines',
            );
          }
        }
      }

      for (const picture of section.querySelectorAll('img')) {
        if (!picture.complete || picture.naturalWidth === 0) {
          report('picture', picture, 'could not be decoded', 'mend or replace the file');
        }
      }
      for (const link of section.querySelectorAll('a[href^="#"]')) {
        const target = decodeURIComponent((link.getAttribute('href') ?? '').slice(1));
        if (!document.getElementById(target) && !/^\d+$/.test(target)) {
          report('link', link, `leads to #${target}, which is nowhere`, 'name an existing heading');
        }
      }
    }
  }
  return findings;
};
