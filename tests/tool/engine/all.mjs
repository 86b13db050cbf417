import { readdirSync } from 'node:fs';

// node --test-reporter=spec tests/tool/engine/all.mjs runs all, node --test FILE those of one file.
const here = new URL('.', import.meta.url);
for (const path of readdirSync(here, { recursive: true, encoding: 'utf8' })) {
  if (path.endsWith('.test.mjs')) await import(new URL(path, here).href);
}
