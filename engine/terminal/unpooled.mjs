/**
 * To be imported before `@xterm/addon-unicode-graphemes`, which in Node reads its table from the
 * memory that small Buffers share, and so gets the bytes of another: here no Buffer shares any.
 */
if (globalThis.Buffer) globalThis.Buffer.poolSize = 0;
