import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { anshinCommand } from '#cli/demo/shell-words.ts';
import type { Teller } from '#cli/demo/teller.ts';
import { styled } from '#cli/terminal/style.ts';

const program = join(import.meta.dirname, '../main.ts');

/** One command of the drill: who gives it and why, and how it must end. */
export interface Step {
  readonly who: string;
  readonly why: string;
  readonly args: readonly string[];
  readonly ends: 'done' | 'refused';
}

/** What a command of the drill answered. */
export interface Taken {
  readonly args: readonly string[];
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The one who is drilled: each command is shown, given by the Enter key where a person sits there, and run as any other. */
export class Operator {
  readonly taken: Taken[] = [];
  readonly #teller: Teller;
  readonly #isPerson: boolean;

  constructor(teller: Teller, isPerson: boolean) {
    this.#teller = teller;
    this.#isPerson = isPerson;
  }

  async take({ who, why, args, ends }: Step): Promise<Taken> {
    this.#teller.print(`\n${styled('strong', who)}: ${why}`);
    this.#teller.print(anshinCommand(args));
    await this.#enter();
    const taken = await run(args);
    this.taken.push(taken);
    for (const line of `${taken.stdout}${taken.stderr}`.trimEnd().split('\n')) this.#teller.print(`    ${line}`);
    if (taken.code === (ends === 'done' ? 0 : 1)) return taken;
    throw new Error(`anshin ${args[0]} ended with ${taken.code}, and was to be ${ends}`);
  }

  async #enter(): Promise<void> {
    if (!this.#isPerson) return;
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      await terminal.question('  Enter gives this command ');
    } finally {
      terminal.close();
    }
  }
}

async function run(args: readonly string[]): Promise<Taken> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)),
  ]);
  return { args, code, stdout, stderr };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += String(chunk);
  return text;
}
