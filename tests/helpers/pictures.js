/**
 * Background pictures and text inside SVG pictures: what `engine/check/measure.js` cannot see in the page's own tree.
 *
 * @param {{smallest: number}} limits
 * @returns {Promise<{check: string, element: string, detail: string, remedy: string, line: number}[]>}
 */
async ({ smallest }) => {
  const slide = document.querySelector('.bespoke-marp-active');
  const line = Number(slide.querySelector('[data-line]')?.dataset.line ?? 0);
  const findings = [];

  for (const element of slide.querySelectorAll('figure, section, div')) {
    for (const [, address] of getComputedStyle(element).backgroundImage.matchAll(
      /url\("(.*?)"\)/g,
    )) {
      const picture = new Image();
      picture.src = address;
      await picture.decode().catch(() => {
        findings.push({
          check: 'picture',
          element: `background of ${element.tagName.toLowerCase()}`,
          detail: 'could not be decoded',
          remedy: 'mend or replace the file',
          line,
        });
      });
    }
  }

  for (const picture of slide.querySelectorAll('img[src^="data:image/svg"]')) {
    // Drawn again inside the page, at the size it is shown, since only there can its text be measured.
    const host = document.createElement('div');
    host.style.cssText = 'position: fixed; inset: 0 auto auto 0; visibility: hidden';
    const root = host.attachShadow({ mode: 'open' });
    root.innerHTML = await (await fetch(picture.src)).text();
    const drawing = root.querySelector('svg');
    // Only the text matters; older browsers take a reference inside it for one to another file.
    for (const element of drawing.querySelectorAll('*')) {
      if (element.matches('use')) element.remove();
      for (const { name, value } of [...element.attributes]) {
        if (value.includes('url(#')) element.removeAttribute(name);
      }
    }
    document.body.append(host);
    drawing.setAttribute('width', `${picture.getBoundingClientRect().width}`);
    drawing.setAttribute('height', `${picture.getBoundingClientRect().height}`);
    for (const text of drawing.querySelectorAll('text, tspan')) {
      if (![...text.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
      const size = Number.parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
      if (size < smallest - 0.5) {
        findings.push({
          check: 'size',
          element: `img «${picture.alt.slice(0, 40)}» text «${text.textContent.trim().slice(0, 40)}»`,
          detail: `is shown at ${size.toFixed(1)} px`,
          remedy: `draw it larger: ${smallest} px or more`,
          line: Number(picture.closest('[data-line]')?.dataset.line ?? 0),
        });
      }
    }
    host.remove();
  }
  return findings;
};
