import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Style sheets of the font packages, and the alphabets of each that the talk writes in. */
const SHEETS = [
  { sheet: '@fontsource-variable/inter/wght.css', subsets: ['latin', 'latin-ext', 'greek'] },
  { sheet: '@fontsource-variable/inter/wght-italic.css', subsets: ['latin'] },
  { sheet: '@fontsource/ibm-plex-mono/400.css', subsets: ['latin', 'latin-ext'] },
  { sheet: '@fontsource/ibm-plex-mono/600.css', subsets: ['latin'] },
];

/** What a picture is lettered in. */
export const PICTURE_SHEETS = [
  { sheet: '@fontsource-variable/inter/wght.css', subsets: ['latin'] },
];

/**
 * `@font-face` rules for 'Inter Variable' and 'IBM Plex Mono', the files embedded.
 *
 * @param {{ sheet: string, subsets: string[] }[]} sheets
 * @returns {string}
 */
export function fontCss(sheets = SHEETS) {
  return sheets
    .flatMap(({ sheet, subsets }) => {
      const path = require.resolve(sheet);
      const faces = readFileSync(path, 'utf8').match(/@font-face\s*\{[^}]*\}/g) ?? [];
      return faces
        .filter((face) =>
          subsets.some((subset) => new RegExp(`-${subset}-(wght|\\d+)-`).test(face)),
        )
        .map((face) => embedFile(face, dirname(path)));
    })
    .join('\n');
}

/**
 * @param {string} face
 * @param {string} folder
 */
function embedFile(face, folder) {
  return face.replace(/src:[^;]*?url\(([^)]+\.woff2)\)[^;]*;/, (_whole, file) => {
    const data = readFileSync(join(folder, file)).toString('base64');
    return `src: url(data:font/woff2;base64,${data}) format('woff2');`;
  });
}
