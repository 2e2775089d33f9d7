import { refusalDetailMax } from '#base/limits.ts';
import type { RefusalCode } from '#base/refusal-codes.ts';
import { clauseOf } from '#base/refusal-codes.ts';

/**
 * Why something from outside was not taken: a value that can be shown, logged and handed to the other side.
 * `detail` is one English sentence that says what, where and why; `evidence` is what a third party needs to check it.
 */
export interface Refusal {
  readonly code: RefusalCode;
  /** The clause of `spec/` that the refusal rests on. */
  readonly clause: string;
  readonly detail: string;
  readonly evidence: Readonly<Record<string, string | number>>;
}

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal };

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function refuse(
  code: RefusalCode,
  detail: string,
  evidence: Readonly<Record<string, string | number>> = {},
): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { code, clause: clauseOf(code), detail: logged(detail), evidence } };
}

/** A detail may quote hostile text and is itself put on the record, so it is made what a record can hold: one short line. */
function logged(detail: string): string {
  const line = detail.replace(/\p{C}/gu, '\ufffd');
  return line.length <= refusalDetailMax ? line : `${line.slice(0, refusalDetailMax - 1).toWellFormed()}…`;
}

/** Throws when our own code is wrong. Never used on input: what comes from outside is refused, not asserted. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Takes the value of a result that our own code knows to be accepted. */
export function mustAccept<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused (${result.refusal.code}): ${result.refusal.detail}`);
  return result.value;
}
