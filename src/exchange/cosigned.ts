import type { TimeMs } from '#base/time.ts';

/** A verified cosignature: `witness` (a centre, or another witness by name) had seen `size` leaves of the log no later than `timeMs`. */
export interface CosignatureFact {
  readonly log: string;
  readonly size: number;
  readonly timeMs: TimeMs;
  readonly witness: string;
}

/**
 * What one witness has cosigned of one log, as far as it says when a leaf was first covered: sizes and times, both ascending.
 * The same from the same facts in any order.
 */
export interface Coverage {
  readonly sizes: number[];
  readonly timesMs: TimeMs[];
}

export function emptyCoverage(): Coverage {
  return { sizes: [], timesMs: [] };
}

/** Enters a cosignature; one that is no earlier than another over as many leaves adds nothing. */
export function cover(coverage: Coverage, { size, timeMs }: CosignatureFact): void {
  const { sizes, timesMs } = coverage;
  const position = firstFrom(sizes, size);
  const larger = timesMs[position];
  if (larger !== undefined && larger <= timeMs) return;
  let from = position;
  while (from > 0 && (timesMs[from - 1] ?? 0) >= timeMs) from -= 1;
  const count = position - from + (sizes[position] === size ? 1 : 0);
  sizes.splice(from, count, size);
  timesMs.splice(from, count, timeMs);
}

/** The earliest cosignature that covers a leaf. */
export function firstCovering(
  coverage: Coverage | undefined,
  index: number,
): { readonly size: number; readonly timeMs: TimeMs } | undefined {
  if (coverage === undefined) return undefined;
  const position = firstFrom(coverage.sizes, index + 1);
  const size = coverage.sizes[position];
  const timeMs = coverage.timesMs[position];
  return size === undefined || timeMs === undefined ? undefined : { size, timeMs };
}

/** The first position whose size is at least `size`. */
function firstFrom(sizes: readonly number[], size: number): number {
  let low = 0;
  let high = sizes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sizes[middle] ?? 0) < size) low = middle + 1;
    else high = middle;
  }
  return low;
}
