const codes = { refused: 31, good: 32, banner: 33, strong: 1, faint: 2, CN: 36, US: 35, attacker: 31 } as const;

export type Style = keyof typeof codes;

/** Whether colour is wanted: on a terminal, unless NO_COLOR says otherwise (no-color.org). */
function hasColour(): boolean {
  const { NO_COLOR, TERM } = process.env;
  if (!process.stdout.isTTY) return false;
  return (NO_COLOR ?? '') === '' && TERM !== 'dumb';
}

export function styled(style: Style, text: string): string {
  return hasColour() ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
}

/** Columns to write in: those of the terminal, between 80 and 110. */
export function columns(): number {
  return Math.min(110, Math.max(80, process.stdout.columns ?? 100));
}

/** How many columns a word takes: colour takes none. */
function widthOf(text: string): number {
  return text.replaceAll(/\u001b\[\d+m/g, '').length;
}

/** Breaks a text at spaces; later lines are indented. A word that is longer than a line stays whole, so that it can be copied. */
export function wrapped(text: string, indent: string): string {
  const width = columns();
  const lines: string[] = [];
  const [start = ''] = /^ */.exec(text) ?? [];
  let line = start;
  for (const word of text.slice(start.length).split(' ')) {
    if (line.trim() !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
