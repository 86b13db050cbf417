import { element } from '../dom.mjs';

/**
 * What hides the slide from the audience.
 *
 * @param {import('./stage.mjs').Stage} stage
 */
export function coverProjector(stage) {
  const cover = element('div', { class: 'stage-cover', role: 'status' });
  cover.hidden = true;
  document.body.append(cover);
  stage.addEventListener('blank', () => {
    const { blank } = stage;
    cover.hidden = !blank;
    cover.dataset.blank = blank;
    cover.setAttribute('aria-label', blank && `The screen is ${blank}`);
  });
}
