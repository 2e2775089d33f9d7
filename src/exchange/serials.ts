import { accept, type Result, refuse } from '#base/refusal.ts';
import { firstRow, indexKey, indexOfKey, keysUnder, type Shelf } from '#exchange/shelf.ts';
import { parseNumber, seriesKey } from '#record/number.ts';

/** Which serials were seen in a log: of each series all up to `greatest` but those in its gaps. */
export interface SerialsSeen {
  /** By `seriesKey`. */
  readonly greatest: Shelf<number>;
  /** The first missing serial of each gap, by `seriesKey` and the last one. */
  readonly gaps: Shelf<number>;
}

/**
 * Counts a number that stands in a leaf, void or not, and says whether it is the next of its series (`spec/exchange.md` 2).
 * Refused with `record.number-taken` (the first index stands) or `record.number-order`; the series goes on from the greatest seen.
 */
export function countNumber(seen: SerialsSeen, number: string): Result<void> {
  const parsed = parseNumber(number);
  if (!parsed.ok) return parsed;
  const key = seriesKey(parsed.value.series);
  const { serial } = parsed.value;
  const expected = (seen.greatest.get(key) ?? 0) + 1;
  if (serial >= expected) seen.greatest.set(key, serial);
  if (serial === expected) return accept(undefined);
  if (serial > expected) {
    seen.gaps.set(gapKey(key, serial - 1), expected);
    return refuse('record.number-order', `${number} leaves a gap: the next serial of ${key} is ${expected}`, { expected });
  }
  if (takeFromGap(seen.gaps, key, serial))
    return refuse('record.number-order', `${number} comes late: the next serial of ${key} is ${expected}`, { expected });
  return refuse('record.number-taken', `${number} stands at a lower index already, and the first stands`, { expected });
}

function takeFromGap(gaps: Shelf<number>, series: string, serial: number): boolean {
  const gap = firstRow(gaps, keysUnder(series, indexKey(serial)));
  if (gap === undefined || gap.value > serial) return false;
  const last = indexOfKey(gap.key);
  if (gap.value < serial) gaps.set(gapKey(series, serial - 1), gap.value);
  if (serial < last) gaps.set(gap.key, serial + 1);
  else gaps.delete(gap.key);
  return true;
}

function gapKey(series: string, last: number): string {
  return `${series} ${indexKey(last)}`;
}
