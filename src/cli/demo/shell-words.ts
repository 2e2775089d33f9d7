import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** A command line to paste, from the folder that the person is in; options stand on lines of their own. */
export function anshinCommand(args: readonly string[]): string {
  const program = relative(process.cwd(), join(root, 'bin/anshin.mjs'));
  const [name = '', ...rest] = args;
  const lines: string[] = [`node ${quoted(program)} ${name}`];
  for (const word of rest) {
    if (word.startsWith('--')) lines.push(word);
    else lines.push(`${lines.pop() ?? ''} ${quoted(word)}`);
  }
  return `  ${lines.join(' \\\n    ')}`;
}

/** A word as a POSIX shell takes it. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
