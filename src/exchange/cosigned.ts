import type { TimeMs } from '#base/time.ts';
import { firstRow, indexKey, indexOfKey, keysUnder, lastRow, type Shelf } from '#exchange/shelf.ts';

/** A verified cosignature: `witness` (a centre, or another witness by name) had seen `size` leaves of the log no later than `timeMs`. */
export interface CosignatureFact {
  readonly log: string;
  readonly size: number;
  readonly timeMs: TimeMs;
  readonly witness: string;
}

/**
 * What witnesses have cosigned, as far as it says when a leaf was first covered: times by log, witness and size, both ascending
 * for each witness. The same from the same facts in any order.
 */
export type Coverage = Shelf<TimeMs>;

/** Enters a cosignature; one that is no earlier than another over as many leaves adds nothing. */
export function cover(coverage: Coverage, { log, witness, size, timeMs }: CosignatureFact): void {
  const words = coverageWords(log, witness);
  const larger = firstRow(coverage, keysUnder(words, indexKey(size)));
  if (larger !== undefined && larger.value <= timeMs) return;
  const below = { from: `${words} `, to: `${words} ${indexKey(size)}` };
  for (let row = lastRow(coverage, below); row !== undefined && row.value >= timeMs; row = lastRow(coverage, below))
    coverage.delete(row.key);
  coverage.set(`${words} ${indexKey(size)}`, timeMs);
}

/** The earliest cosignature that covers a leaf. */
export function firstCovering(
  coverage: Coverage,
  of: { readonly log: string; readonly witness: string; readonly index: number },
): CosignatureFact | undefined {
  const { log, witness, index } = of;
  const row = firstRow(coverage, keysUnder(coverageWords(log, witness), indexKey(index + 1)));
  return row === undefined ? undefined : { log, witness, size: indexOfKey(row.key), timeMs: row.value };
}

/** The largest size that a witness cosigned; 0 if none. */
export function coveredTo(coverage: Coverage, { log, witness }: Pick<CosignatureFact, 'log' | 'witness'>): number {
  const row = lastRow(coverage, keysUnder(coverageWords(log, witness)));
  return row === undefined ? 0 : indexOfKey(row.key);
}

function coverageWords(log: string, witness: string): string {
  return `${log} ${witness}`;
}
