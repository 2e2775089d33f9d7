import type { TimeMs } from '#base/time.ts';

/**
 * How a deadline stands. `open` and `amber`: nothing provided yet, the limit ahead; `met` and `late`: provided before and after
 * it; `missed`: the limit passed and nothing is there, or a prior notice came after the window opened; `disputed`: what is known
 * of the time falls on both sides of the limit, or a receipt is withheld.
 */
export type MarginState = 'open' | 'amber' | 'met' | 'late' | 'missed' | 'disputed';

/** One time at which the counted act may be taken to have happened, and on whose evidence. */
export interface Reading {
  readonly by: 'receipt' | 'cosignature' | 'coverage' | 'dispatch' | 'acknowledgement' | 'asked';
  readonly atMs: TimeMs;
}
