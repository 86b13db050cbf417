/**
 * How a cell of a terminal looks on a slide: its colours, made legible, and its styles.
 *
 * Programs choose colours for a terminal of theirs, not for our pane: every pair of ink and ground
 * reaches WCAG's 4.5:1. The first sixteen colours are the theme's, which promises that on its pane;
 * the rest are known here, and are mixed with white or black as far as it takes. What is painted with
 * blocks of two colours is a picture, and keeps both.
 */

/** @typedef {[red: number, green: number, blue: number]} Rgb each 0 to 255 */

/** The pane that known colours are measured against; a theme's own may be darker, not lighter. */
const PANE = /** @type {Rgb} */ ([0x16, 0x1b, 0x26]);
const BLACK = /** @type {Rgb} */ ([0, 0, 0]);
const WHITE = /** @type {Rgb} */ ([255, 255, 255]);
const LEAST = 4.5;

/** As dark as a pane: what can be read on the pane can be read on it. */
const DARK = luminance(PANE);

/** Unicode's block elements: halves, quarters and shades of a cell. */
const BLOCK = /^[\u2580-\u259f]$/;

/** Greys, which have no brightness to spare when they are dimmed. */
const GREYS = [0, 8];

/**
 * @param {import('@xterm/headless').IBufferCell} cell
 * @returns {string} the attributes of its span, empty for plain text
 */
export function lookOf(cell) {
  const classes = [cell.isBold() && 'bold', cell.isItalic() && 'italic'].filter(Boolean);
  const lines = [
    cell.isUnderline() && 'underline',
    cell.isStrikethrough() && 'line-through',
    cell.isOverline() && 'overline',
  ].filter(Boolean);
  const { ink, ground } = colours(cell);
  const styles = [
    ink && `color:${ink}`,
    ground && `background:${ground}`,
    lines.length > 0 && `text-decoration:${lines.join(' ')}`,
  ].filter(Boolean);
  return [
    classes.length > 0 && `class="${classes.join(' ')}"`,
    styles.length > 0 && `style="${styles.join(';')}"`,
  ]
    .filter(Boolean)
    .join(' ');
}

/**
 * @param {import('@xterm/headless').IBufferCell} cell
 * @returns {{ ink: string, ground: string }} CSS colours, empty for those of the pane
 */
function colours(cell) {
  const ink = cell.isFgDefault() ? null : colour(cell.getFgColor(), cell.isFgRGB());
  const ground = cell.isBgDefault() ? null : colour(cell.getBgColor(), cell.isBgRGB());
  const dim = Boolean(cell.isDim());
  if (ink && ground && !dim && !cell.isInverse() && BLOCK.test(cell.getChars())) {
    return { ink: groundOf(ink), ground: groundOf(ground) };
  }
  if (cell.isInverse()) {
    // The pane's own ink as a ground: bright, as the theme's colours are.
    const bright = { css: 'var(--pane-foreground)' };
    return { ink: inkOn(ink ?? bright, ground, dim), ground: groundOf(ink ?? bright) };
  }
  if (!ground) return { ink: inkOnPane(ink, dim), ground: '' };
  return { ink: inkOn(ground, ink, dim), ground: groundOf(ground) };
}

/**
 * A colour of the theme, known by its name alone; or one that is known by its parts.
 *
 * @typedef {{ css: string, index?: number, rgb?: undefined } | { rgb: Rgb }} Colour
 */

/**
 * @param {number} value palette index, or 0xRRGGBB
 * @param {boolean} isRgb
 * @returns {Colour}
 */
function colour(value, isRgb) {
  if (isRgb) return { rgb: [value >> 16, (value >> 8) & 255, value & 255] };
  if (value < 16) return { css: `var(--ansi-${value})`, index: value };
  if (value >= 232) {
    const grey = 10 * value - 2312;
    return { rgb: [grey, grey, grey] };
  }
  const cube = [36, 6, 1].map((step) => Math.floor((value - 16) / step) % 6);
  const [red, green, blue] = cube.map((level) => (level ? 55 + 40 * level : 0));
  return { rgb: [red, green, blue] };
}

/** Black is a dark ground, though the theme's black is bright, to be read as an ink. @param {Colour} ground */
function groundOf(ground) {
  if (ground.rgb) return css(ground.rgb);
  return ground.index === 0 ? css(BLACK) : ground.css;
}

/**
 * @param {Colour | null} ink
 * @param {boolean} dim
 */
function inkOnPane(ink, dim) {
  if (!ink) return dim ? 'var(--pane-quiet)' : '';
  if (ink.rgb) return css(legible(dim ? mix(ink.rgb, PANE, 0.3) : ink.rgb, PANE));
  if (!dim || GREYS.includes(ink.index ?? 0)) return ink.css;
  return `color-mix(in srgb,${ink.css} 75%,var(--pane-background))`;
}

/**
 * @param {Colour} ground
 * @param {Colour | null} ink
 * @param {boolean} dim
 */
function inkOn(ground, ink, dim) {
  const known = ground.rgb ?? (ground.index === 0 ? BLACK : undefined);
  // The theme's colours are bright, since they are read on the pane; so the pane is read on them.
  if (!known) return 'var(--pane-background)';
  if (ink?.rgb) return css(legible(dim ? mix(ink.rgb, known, 0.3) : ink.rgb, known));
  if (luminance(known) <= DARK) return inkOnPane(ink, dim) || 'var(--pane-foreground)';
  return css(contrast(BLACK, known) > contrast(WHITE, known) ? BLACK : WHITE);
}

/**
 * @param {Rgb} ink
 * @param {Rgb} ground
 * @returns {Rgb} the ink, or the nearest to it that can be read on the ground
 */
function legible(ink, ground) {
  const far = contrast(BLACK, ground) > contrast(WHITE, ground) ? BLACK : WHITE;
  let share = 0;
  while (share < 1 && contrast(mix(ink, far, share), ground) < LEAST) share += 0.05;
  return mix(ink, far, Math.min(share, 1));
}

/** @param {Rgb} one @param {Rgb} other @param {number} share of the other @returns {Rgb} */
function mix(one, other, share) {
  const [red, green, blue] = one.map((part, i) => Math.round(part + (other[i] - part) * share));
  return [red, green, blue];
}

/** @param {Rgb} rgb @returns {number} relative luminance, as WCAG 2 defines it */
function luminance(rgb) {
  const [red, green, blue] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param {Rgb} one @param {Rgb} other @returns {number} the ratio that WCAG 2 defines */
function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** @param {Rgb} rgb */
function css(rgb) {
  return `#${rgb.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
