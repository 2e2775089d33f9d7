import { lowestWhere } from '#exchange/sorted.ts';

/** Leaves from `from` up to but not including `to`, and the index of the record that says something of them. */
export interface LeafRange {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Adds a range to a list that is ascending and without overlaps. Ranges that overlap become one, under the index of the first of
 * them; those that only adjoin stay apart, so that each names its own record.
 */
export function addRange(ranges: LeafRange[], added: LeafRange): void {
  const first = lowestWhere(ranges.length, (position) => (ranges[position]?.to ?? 0) > added.from);
  const end = lowestWhere(ranges.length, (position) => (ranges[position]?.from ?? 0) >= added.to);
  const [low, high] = [ranges[first], ranges[end - 1]];
  if (low === undefined || high === undefined || first >= end) {
    ranges.splice(first, 0, added);
    return;
  }
  let { index } = added;
  for (let position = first; position < end; position += 1) index = Math.min(index, ranges[position]?.index ?? index);
  ranges.splice(first, end - first, { index, from: Math.min(low.from, added.from), to: Math.max(high.to, added.to) });
}

/** The range that holds a leaf. */
export function rangeOf(ranges: readonly LeafRange[] | undefined, leaf: number): LeafRange | undefined {
  if (ranges === undefined) return undefined;
  const found = ranges[lowestWhere(ranges.length, (position) => (ranges[position]?.to ?? 0) > leaf)];
  return found !== undefined && found.from <= leaf ? found : undefined;
}
