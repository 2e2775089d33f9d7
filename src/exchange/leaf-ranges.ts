import { eachRow, firstRow, indexKey, keysUnder, type Shelf } from '#exchange/shelf.ts';

/** Leaves from `from` up to but not including `to`, and the index of the record that says something of them. */
export interface LeafRange {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

/** Ranges of the leaves of several logs, without overlaps, by the origin of the log and the end of the range. */
export type LeafRanges = Shelf<LeafRange>;

/**
 * Adds a range of a log's leaves. Ranges that overlap become one, under the index of the first of them; those that only adjoin
 * stay apart, so that each names its own record.
 */
export function addRange(ranges: LeafRanges, log: string, added: LeafRange): void {
  let { index, from, to } = added;
  for (const { key, value } of eachRow(ranges, keysUnder(log, indexKey(added.from + 1)))) {
    if (value.from >= added.to) break;
    index = Math.min(index, value.index);
    from = Math.min(from, value.from);
    to = Math.max(to, value.to);
    ranges.delete(key);
  }
  ranges.set(`${log} ${indexKey(to)}`, { index, from, to });
}

/** The range that holds a leaf. */
export function rangeOf(ranges: LeafRanges | undefined, log: string, leaf: number): LeafRange | undefined {
  if (ranges === undefined) return undefined;
  const found = firstRow(ranges, keysUnder(log, indexKey(leaf + 1)))?.value;
  return found !== undefined && found.from <= leaf ? found : undefined;
}
