import type { Chance } from '#base/chance.ts';

const firstMs = 250;
// Shorter than a start waits for the other side, so that nobody is asked to confirm a store while the other side only rests.
const longestMs = 8_000;

/** How long to wait before attempt `attempt` (from 0) to reach the other side: doubling, bounded, and spread by half. */
export function backOffMs(attempt: number, chance: Chance): number {
  const bound = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 20));
  return bound / 2 + chance.below(bound / 2 + 1);
}
