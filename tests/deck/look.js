/**
 * Looks at the slide that is on screen and returns what an audience would notice.
 * Runs in the page; the viewport has the slide's own size, so that CSS pixels are slide pixels.
 *
 * @param {{smallest: number}} limits smallest: the least font size in pixels
 * @returns {{check: string, element: string, detail: string, remedy: string, line: number}[]}
 */
({ smallest }) => {
  const SLACK = 1.5; // pixels: rounding of glyph boxes
  const slide = document.querySelector('.bespoke-marp-active');
  const frame = slide.getBoundingClientRect();
  const sections = [...slide.querySelectorAll('section')];
  const findings = [];

  /** Where an element is, as a person would say it: its path below the slide and its first words. */
  const name = (element) => {
    const steps = [];
    for (let at = element; at && at.tagName !== 'SECTION'; at = at.parentElement) {
      const classes = [...at.classList].slice(0, 2).map((each) => `.${each}`);
      steps.unshift(at.tagName.toLowerCase() + classes.join(''));
    }
    const words = (element.alt ?? element.textContent ?? '').trim().replace(/\s+/g, ' ');
    return `${steps.slice(-3).join(' > ') || 'section'} «${words.slice(0, 40)}»`;
  };

  const report = (check, element, detail, remedy) => {
    const line = Number(element.closest('[data-line]')?.dataset.line ?? 0);
    findings.push({ check, element: name(element), detail, remedy, line });
  };

  const shown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  /** By how many pixels `inner` sticks out of `outer`, at its worst side. */
  const excess = (inner, outer) =>
    Math.max(
      outer.left - inner.left,
      outer.top - inner.top,
      inner.right - outer.right,
      inner.bottom - outer.bottom,
    );

  const meet = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > SLACK;

  /** The box of the page number: a pseudo-element, so that only its style tells where it is. */
  const pageNumber = (section) => {
    const style = getComputedStyle(section, '::after');
    if (style.content === 'none' || style.content === '""' || style.position !== 'absolute') {
      return undefined;
    }
    const px = (property) => Number.parseFloat(style[property]) || 0;
    const width = px('width') + px('paddingLeft') + px('paddingRight');
    const height = px('height') + px('paddingTop') + px('paddingBottom');
    const right = frame.right - px('right');
    const bottom = frame.bottom - px('bottom');
    return { left: right - width, top: bottom - height, right, bottom };
  };

  const canvas = new OffscreenCanvas(64, 64);
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  /** How a character looks in a font, as text. */
  const drawn = (character, font) => {
    pen.clearRect(0, 0, 64, 64);
    pen.font = font;
    pen.fillText(character, 8, 48);
    return pen.getImageData(0, 0, 64, 64).data.toString();
  };
  const tofu = new Map();
  /** Is it drawn as the box that stands for a missing glyph, as U+E000 (private use) is? */
  const missing = (character, { fontFamily }) => {
    const font = `32px ${fontFamily}`;
    if (!tofu.has(font)) tofu.set(font, new Map([['box', drawn('\uE000', font)]]));
    const known = tofu.get(font);
    if (!known.has(character)) known.set(character, drawn(character, font) === known.get('box'));
    return known.get(character);
  };

  /** May scroll: the panes of output, which say so and can. */
  const scrolls = (element) => {
    const { overflowX, overflowY } = getComputedStyle(element);
    const pane = element.closest('figure.output, .pane');
    return pane && (/auto|scroll/.test(overflowX + overflowY) || element.closest('.xterm'));
  };

  for (const section of sections) {
    const furniture = [...section.querySelectorAll(':scope > header, :scope > footer')];
    const number = pageNumber(section);
    const reported = new Set();
    const once = (check, element, detail, remedy) => {
      if (reported.has(`${check} ${name(element)}`)) return;
      reported.add(`${check} ${name(element)}`);
      report(check, element, detail, remedy);
    };

    for (const element of section.querySelectorAll('*')) {
      if (!shown(element) || element.closest('svg svg') || scrolls(element)) continue;
      const style = getComputedStyle(element);
      const across = element.scrollWidth - element.clientWidth;
      const down = element.scrollHeight - element.clientHeight;
      const clips = (overflow) => overflow !== 'visible';
      if (element.clientWidth && clips(style.overflowX) && across > SLACK) {
        once('clipped', element, `${across} px of it are cut off at the side`, 'shorten its lines');
      }
      if (element.clientHeight && clips(style.overflowY) && down > SLACK) {
        once('clipped', element, `${down} px of it are cut off below`, 'show fewer lines or split');
      }
      if (element.matches('img, svg, iframe')) {
        const beyond = excess(element.getBoundingClientRect(), frame);
        if (beyond > SLACK) {
          once(
            'overflow',
            element,
            `sticks ${Math.round(beyond)} px out of the slide`,
            'make it smaller',
          );
        }
        for (const each of furniture) {
          if (meet(element.getBoundingClientRect(), each.getBoundingClientRect())) {
            once(
              'overlap',
              element,
              `lies over the ${each.tagName.toLowerCase()}`,
              'make it smaller',
            );
          }
        }
      }
    }

    const walker = document.createTreeWalker(section, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const element = text.parentElement;
      if (!text.data.trim() || element.closest('style, script, .visually-hidden')) continue;
      if (!shown(element)) continue;
      const size = Number.parseFloat(getComputedStyle(element).fontSize);
      if (size < smallest - 0.01) {
        once('size', element, `is set in ${size} px`, `use ${smallest} px or more`);
      }
      for (const character of new Set(text.data.match(/[^\p{ASCII}\s]/gu))) {
        if (missing(character, getComputedStyle(element))) {
          once('glyph', element, `has ${character}, which no font has`, 'use another character');
        }
      }
      let pane = element;
      while (pane && pane !== section && !scrolls(pane)) pane = pane.parentElement;
      const inPane = pane && pane !== section;
      const holder = element.closest('pre, td, th, figure') ?? section;
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const box of range.getClientRects()) {
        if (inPane || box.width < SLACK) continue;
        const beyond = excess(box, frame);
        if (beyond > SLACK) {
          once(
            'overflow',
            element,
            `sticks ${Math.round(beyond)} px out of the slide`,
            'shorten or split the slide',
          );
        }
        const out = excess(box, holder.getBoundingClientRect());
        if (holder !== section && out > SLACK) {
          once(
            'overflow',
            element,
            `sticks ${Math.round(out)} px out of its ${holder.tagName.toLowerCase()}`,
            'shorten its lines',
          );
        }
        for (const each of furniture) {
          if (!each.contains(element) && meet(box, each.getBoundingClientRect())) {
            once(
              'overlap',
              element,
              `lies over the ${each.tagName.toLowerCase()}`,
              'shorten or split the slide',
            );
          }
        }
        if (number && meet(box, number)) {
          once('overlap', element, 'lies over the page number', 'shorten or split the slide');
        }
      }
    }

    for (const picture of section.querySelectorAll('img')) {
      if (!picture.complete || picture.naturalWidth === 0) {
        report('picture', picture, 'could not be decoded', 'mend or replace the file');
      }
    }
    for (const link of section.querySelectorAll('a[href^="#"]')) {
      const target = decodeURIComponent(link.getAttribute('href').slice(1));
      if (!document.getElementById(target) && !/^\d+$/.test(target)) {
        report('link', link, `leads to #${target}, which is nowhere`, 'name an existing heading');
      }
    }
  }
  return findings;
};
