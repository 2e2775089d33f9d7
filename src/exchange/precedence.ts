import { hourMs, minuteMs, type TimeMs } from '#base/time.ts';
import type { Precedence } from '#record/envelope-schema.ts';

/** How long the officer on watch may take to acknowledge (A1) after receipt, by precedence (`spec/exchange.md` 6). */
export const acknowledgeWithinMs: Readonly<Record<Precedence, number>> = {
  Z: 10 * minuteMs,
  O: 30 * minuteMs,
  P: 3 * hourMs,
  R: 6 * hourMs,
};

/** How an objective stands: not begun before receipt, ahead, kept, not kept, or passed with nothing said. */
type ObjectiveState = 'not-received' | 'open' | 'met' | 'late' | 'missed';

export interface Objective {
  readonly state: ObjectiveState;
  /** Null before receipt. */
  readonly dueMs: TimeMs | null;
  readonly saidMs: TimeMs | null;
}

/** A clock that begins at receipt. Both times are the receiver's own, so no two centres' clocks are compared. */
export function objectiveAfterReceipt(
  times: { readonly receivedMs: TimeMs | null; readonly saidMs: TimeMs | null; readonly nowMs: TimeMs },
  withinMs: number,
): Objective {
  const { receivedMs, saidMs, nowMs } = times;
  if (receivedMs === null) return { state: saidMs === null ? 'not-received' : 'met', dueMs: null, saidMs };
  return objectiveBy({ saidMs, nowMs }, receivedMs + withinMs);
}

/** A clock that ends at a stated time, such as the reply-by of a query. */
export function objectiveBy(times: { readonly saidMs: TimeMs | null; readonly nowMs: TimeMs }, dueMs: TimeMs): Objective {
  const { saidMs, nowMs } = times;
  if (saidMs !== null) return { state: saidMs <= dueMs ? 'met' : 'late', dueMs, saidMs };
  return { state: nowMs <= dueMs ? 'open' : 'missed', dueMs, saidMs: null };
}
