/**
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// Drawn rather than typed: such characters are missing from fonts, or turn into emoji.
const ICONS = {
  play: 'M4 2.5v11l9-5.5z',
  stop: 'M3.5 3.5h9v9h-9z',
  skip: 'M2 3v10l7-5zM10.5 3h2.5v10h-2.5z',
  copy: 'M5 1h8v10h-2V3H5zM2 4.500h8v10.500H2z',
  close:
    'M3.4 2 8 6.600 12.600 2 14 3.400 9.400 8 14 12.600 12.600 14 8 9.400 3.400 14 2 12.600 6.600 8 2 3.400z',
};

/**
 * @param {keyof typeof ICONS | null} icon
 * @param {string} text shown beside the icon
 * @param {string} label read aloud, and shown as a tip
 * @param {() => void} act
 */
export function button(icon, text, label, act) {
  const node = /** @type {HTMLButtonElement} */ (
    element('button', { type: 'button', class: 'pane-button' })
  );
  if (icon) {
    node.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
  }
  node.append(element('span', {}, text));
  describe(node, text, label);
  node.addEventListener('click', (event) => {
    // After a click of the mouse the keys belong to the deck again; a clicker sends keys.
    if (event.detail > 0) node.blur();
    act();
  });
  return node;
}

/**
 * @param {HTMLButtonElement} node
 * @param {string} text
 * @param {string} label
 */
export function describe(node, text, label) {
  const shown = node.querySelector('span');
  if (shown && shown.textContent !== text) shown.textContent = text;
  node.setAttribute('aria-label', label);
  node.title = label;
}

const voice = element('div', { class: 'pane-voice', 'aria-live': 'polite' });

/** Has a screen reader say it. @param {string} text */
export function say(text) {
  if (!voice.isConnected) document.body.append(voice);
  voice.textContent = text;
}
