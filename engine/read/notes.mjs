/** Notes are lines such as `Ask: who has …?`; a line without a label goes on with the one before. */
const LABEL = /^(Time|Short|Ask|Say|Step|Demo|If it fails|Source):\s*(.*)$/;

/** Of one word, and read by the tool: no line goes on with them. */
const VALUES = ['Time', 'Short'];

/**
 * The speaker's notes of a slide.
 *
 * @param {string[]} comments of the slide
 * @returns {{ label: string, text: string }[]}
 */
export function notesOf(comments) {
  /** @type {{ label: string, text: string }[]} */
  const notes = [];
  for (const line of comments.join('\n').split('\n')) {
    const [, label, text] = LABEL.exec(line.trim()) ?? [];
    if (label) notes.push({ label, text });
    else if (line.trim()) {
      const last = notes.at(-1);
      if (last && !VALUES.includes(last.label)) last.text += ` ${line.trim()}`;
      else notes.push({ label: '', text: line.trim() });
    }
  }
  return notes;
}
