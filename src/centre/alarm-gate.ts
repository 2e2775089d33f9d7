import type { RefusalCode } from '#base/refusal-codes.ts';
import { minuteMs } from '#base/time.ts';

/** Alarms of one code that are shown in a minute: an alarm that never stops is heard by nobody. */
const perMinuteMax = 20;

export type Passage = 'shown' | 'last' | 'silent';

/** Bounds how often one kind of alarm is shown, by a clock that never goes back. Owner of the counts. */
export class AlarmGate {
  readonly #counts = new Map<RefusalCode, { readonly fromMs: number; readonly shown: number }>();

  /** Whether an alarm is shown; the last of a minute says that more follow unseen. */
  pass(code: RefusalCode, atMs: number): Passage {
    const known = this.#counts.get(code);
    const count = known === undefined || atMs - known.fromMs >= minuteMs ? { fromMs: atMs, shown: 0 } : known;
    this.#counts.set(code, { ...count, shown: count.shown + 1 });
    if (count.shown + 1 < perMinuteMax) return 'shown';
    return count.shown + 1 === perMinuteMax ? 'last' : 'silent';
  }
}
