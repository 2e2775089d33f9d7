import type { Refusal } from '#base/refusal.ts';
import { styled } from '#cli/terminal/style.ts';
import { whatToDo } from '#cli/terminal/what-to-do.ts';

/** What a command found out: for people, for programs, and whether all is well. */
export interface Report {
  readonly text: string;
  readonly json: unknown;
  readonly isWell: boolean;
}

export function wellReport(text: string, json: unknown): Report {
  return { text, json, isWell: true };
}

/** The command line asks for something that makes no sense; the message says what would. */
export class UsageFault extends Error {}

/** A refusal on its way to the terminal, with what helps against it where the code alone does not tell. */
export class Refused extends Error {
  readonly refusal: Refusal;
  readonly remedy: string;

  constructor({ refusal }: { readonly refusal: Refusal }, remedy: string = whatToDo(refusal)) {
    super(refusal.detail);
    this.refusal = refusal;
    this.remedy = remedy;
  }
}

/** Takes the value of a result, or ends the command with its refusal. */
export function taken<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal },
): T {
  if (!result.ok) throw new Refused(result);
  return result.value;
}

/** A refusal in words: what, why, by which clause of `spec/`, and what to do. */
export function refusalText(what: string, { refusal, remedy }: Refused): string {
  return [
    styled('refused', `Refused: ${what}`),
    `  why         ${refusal.detail}`,
    `  clause      spec/ ${refusal.clause} (${refusal.code})`,
    `  what to do  ${remedy}`,
    '',
  ].join('\n');
}

/** A refusal by the operating system, in the same form. */
export function systemFaultText(what: string, fault: Error & { readonly code: string }): string {
  const advice: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program has this address: stop it, or choose another port',
    ENOENT: 'check the path; a folder to write to must exist',
    EACCES: 'check who owns the path and may read and write it',
    EEXIST: 'nothing is overwritten: choose another path',
    ENOTDIR: 'check the path: a file stands where a folder should',
    ENOSPC: 'make room on the disk, and try again',
  };
  return [
    styled('refused', `Refused: ${what}`),
    `  why         ${fault.message}`,
    `  what to do  ${advice[fault.code] ?? 'mend what the system says, and try again'}`,
    '',
  ].join('\n');
}

export function refusalJson({ refusal, remedy }: Refused): unknown {
  return { refused: { ...refusal, whatToDo: remedy } };
}

/** Progress, and whatever is not the answer: on the error stream, so that the answer can be piped. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
