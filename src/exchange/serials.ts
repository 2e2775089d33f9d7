import { accept, type Result, refuse } from '#base/refusal.ts';
import { lowestWhere } from '#exchange/sorted.ts';
import { parseNumber, seriesKey } from '#record/number.ts';

/** Which serials of one series were seen in a log: all up to `greatest` but those in `gaps`, ascending, whose ends are both missing serials. */
export interface SerialsSeen {
  greatest: number;
  readonly gaps: [number, number][];
}

/**
 * Counts a number that stands in a leaf, void or not, and says whether it is the next of its series (`spec/exchange.md` 2).
 * Refused with `record.number-taken` (the first index stands) or `record.number-order`; the series goes on from the greatest seen.
 */
export function countNumber(seen: Record<string, SerialsSeen>, number: string): Result<void> {
  const parsed = parseNumber(number);
  if (!parsed.ok) return parsed;
  const key = seriesKey(parsed.value.series);
  const { serial } = parsed.value;
  const series = (seen[key] ??= { greatest: 0, gaps: [] });
  const expected = series.greatest + 1;
  if (serial === expected) {
    series.greatest = serial;
    return accept(undefined);
  }
  if (serial > expected) {
    series.gaps.push([expected, serial - 1]);
    series.greatest = serial;
    return refuse('record.number-order', `${number} leaves a gap: the next serial of ${key} is ${expected}`, { expected });
  }
  if (takeFromGap(series.gaps, serial))
    return refuse('record.number-order', `${number} comes late: the next serial of ${key} is ${expected}`, { expected });
  return refuse('record.number-taken', `${number} stands at a lower index already, and the first stands`, { expected });
}

function takeFromGap(gaps: [number, number][], serial: number): boolean {
  const position = lowestWhere(gaps.length, (each) => (gaps[each]?.[1] ?? 0) >= serial);
  const gap = gaps[position];
  if (gap === undefined || gap[0] > serial) return false;
  const [from, to] = gap;
  const rest: readonly [number, number][] = [
    [from, serial - 1],
    [serial + 1, to],
  ];
  gaps.splice(position, 1, ...rest.filter(([first, last]) => first <= last));
  return true;
}
