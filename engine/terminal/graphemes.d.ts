/** The package types only its other entry, which Node cannot import by name. */
declare module '@xterm/addon-unicode-graphemes/lib/addon-unicode-graphemes.mjs' {
  import type { ITerminalAddon } from '@xterm/headless';

  export class UnicodeGraphemesAddon implements ITerminalAddon {
    activate(terminal: unknown): void;
    dispose(): void;
  }
}
