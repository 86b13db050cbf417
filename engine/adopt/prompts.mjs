/**
 * What is typed at the prompts `$` of a terminal: the rest was printed, and a program has none of it.
 *
 * @param {string} text of a fence
 * @param {string} ending of its file
 * @returns {{ code: string, printed: number }} how many lines are left out
 */
export function commandsOf(text, ending) {
  const code = text.replace(/\n+$/, '');
  if (ending !== 'sh' || !/^\s*\$ /.test(code)) return { code, printed: 0 };
  /** @type {string[]} */
  const typed = [];
  let printed = 0;
  let goesOn = false;
  for (const line of code.split('\n')) {
    /** @type {string | undefined} */
    const command = /^\s*\$ (.*)$/.exec(line)?.[1] ?? continued(line, goesOn, typed.at(-1));
    goesOn = command !== undefined;
    if (command !== undefined) typed.push(command);
    else if (line.trim()) printed += 1;
  }
  return { code: typed.join('\n'), printed };
}

/**
 * @param {string} line
 * @param {boolean} goesOn was the line above it typed?
 * @param {string} [above]
 * @returns {string | undefined} what of it was typed
 */
function continued(line, goesOn, above) {
  if (/^\s*#/.test(line)) return line;
  if (!goesOn) return undefined;
  const more = /^\s*> ?(.*)$/.exec(line)?.[1];
  return more ?? (above?.endsWith('\\') ? line : undefined);
}
