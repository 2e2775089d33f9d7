import { setTimeout as pause } from 'node:timers/promises';
import { columns, type Style, styled, wrapped } from '#cli/terminal/style.ts';

const whoWidth = 9;
const timeWidth = 19;

/** Tells the story line by line, with a moment to read each where a person watches. */
export class Teller {
  readonly #readingMs: number;
  readonly #stream: NodeJS.WriteStream;

  constructor(options: { readonly readingMs: number; readonly stream: NodeJS.WriteStream }) {
    this.#readingMs = options.readingMs;
    this.#stream = options.stream;
  }

  banner(name: string): void {
    const text = ` EXERCISE — EXERCISE — EXERCISE   ${name} `;
    this.print(styled('banner', `\n${text.padStart(text.length + 2, '=').padEnd(columns(), '=')}\n`));
  }

  print(text: string): void {
    this.#stream.write(`${text}\n`);
  }

  paragraph(text: string): void {
    this.print(wrapped(text, ''));
  }

  heading(text: string): void {
    this.print(`\n${styled('strong', text)}`);
  }

  /** One thing that happened: at which scenario time (null for the same as above), who did it, and what. */
  async line(at: string | null, who: string, what: string): Promise<void> {
    const time = at === null ? '' : `${at.slice(0, 10)} ${at.slice(11, 16)}Z`;
    const indent = ' '.repeat(timeWidth + whoWidth);
    const [first = '', ...more] = wrapped(`${indent}${what}`, indent).split('\n');
    const head = `${styled('faint', time.padEnd(timeWidth))}${styled(styleOf(who), who.padEnd(whoWidth))}`;
    this.print([`${head}${first.slice(indent.length)}`, ...more].join('\n'));
    await pause(this.#readingMs);
  }
}

function styleOf(who: string): Style {
  if (who === 'CN' || who === 'US' || who === 'attacker') return who;
  return 'strong';
}
