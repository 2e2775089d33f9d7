import { dayMs, hourMs, type TimeMs } from '#base/time.ts';

/** What one direction may send, as the pairing states it, known to both sides. */
export interface Budget {
  readonly bytesPerDay: number;
  readonly recordsPerDay: number;
  readonly flashPerHour: number;
}

/** What one direction has sent since the UTC day and hour began. */
export interface Spending {
  readonly dayFromMs: TimeMs;
  readonly bytes: number;
  readonly records: number;
  readonly hourFromMs: TimeMs;
  readonly flashes: number;
}

export const nothingSpent: Spending = { dayFromMs: 0, bytes: 0, records: 0, hourFromMs: 0, flashes: 0 };

export function spend(
  spending: Spending,
  amount: { readonly bytes: number; readonly records: number; readonly flashes: number },
): Spending {
  return {
    ...spending,
    bytes: spending.bytes + amount.bytes,
    records: spending.records + amount.records,
    flashes: spending.flashes + amount.flashes,
  };
}

/** Begins the day and the hour in which `nowMs` lies, if they are new. A clock that steps back never gives a budget again. */
export function spendingAt(spending: Spending, nowMs: TimeMs): Spending {
  const dayFromMs = Math.max(spending.dayFromMs, nowMs - (nowMs % dayMs));
  const hourFromMs = Math.max(spending.hourFromMs, nowMs - (nowMs % hourMs));
  return {
    dayFromMs,
    bytes: dayFromMs === spending.dayFromMs ? spending.bytes : 0,
    records: dayFromMs === spending.dayFromMs ? spending.records : 0,
    hourFromMs,
    flashes: hourFromMs === spending.hourFromMs ? spending.flashes : 0,
  };
}

/** Whether a delivery must wait until the next day. Beyond the budget nothing is lost: it is deferred, and both can show why. */
export function overBudget(budget: Budget, spending: Spending): boolean {
  return spending.bytes >= budget.bytesPerDay || spending.records >= budget.recordsPerDay;
}

/** Whether a further FLASH still sounds the alarm. Beyond the budget it is received all the same, without alarm. */
export function flashSounds(budget: Budget, spending: Spending): boolean {
  return spending.flashes < budget.flashPerHour;
}
