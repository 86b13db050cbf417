import { titleOf } from './finder.mjs';

const SVG = 'http://www.w3.org/2000/svg';

/** Marp's overview shows slides alone; this writes number and title under each. */
export function captionOverview() {
  for (const [index, slide] of document.querySelectorAll('svg[data-marpit-svg]').entries()) {
    const [x, y, width, height] = (slide.getAttribute('viewBox') ?? '').split(' ').map(Number);
    const caption = document.createElementNS(SVG, 'foreignObject');
    const bar = height / 8;
    for (const [name, value] of Object.entries({ x, y: y + height - bar, width, height: bar }))
      caption.setAttribute(name, String(value));
    const text = document.createElement('div');
    text.className = 'stage-caption';
    text.textContent = `${index + 1}  ${titleOf(slide)}`;
    caption.append(text);
    slide.append(caption);
    slide.setAttribute('aria-label', text.textContent);
  }
}
