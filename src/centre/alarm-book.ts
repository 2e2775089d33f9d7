import type { Refusal } from '#base/refusal.ts';
import type { RefusalCode } from '#base/refusal-codes.ts';
import type { TimeMs } from '#base/time.ts';

/** What sounded since the start under one code: how often, between when and when, and the last of it. */
export interface RungAlarm {
  readonly refusal: Refusal;
  readonly count: number;
  readonly firstMs: TimeMs;
  readonly lastMs: TimeMs;
}

/**
 * The alarms since the start, one entry for each code, so that an officer who comes on watch sees what sounded before. Owner of the
 * entries; there are no more of them than codes.
 */
export class AlarmBook {
  readonly #entries = new Map<RefusalCode, RungAlarm>();

  enter(refusal: Refusal, nowMs: TimeMs): void {
    const known = this.#entries.get(refusal.code);
    const count = (known?.count ?? 0) + 1;
    this.#entries.set(refusal.code, { refusal, count, firstMs: known?.firstMs ?? nowMs, lastMs: nowMs });
  }

  /** In the order in which they first sounded. */
  get alarms(): readonly RungAlarm[] {
    return [...this.#entries.values()];
  }
}
