import { parseCore } from '#record/core-formats.ts';
import { parseRecord } from '#record/envelope.ts';
import { parseNumber, seriesKey } from '#record/number.ts';

/** What our own leaves say of the numbers that they took and of the leaves that they receipted. Owner of the counts. */
export class OwnSeries {
  /** The last number of each series, by its key. */
  readonly last = new Map<string, number>();
  /** The end of the ranges receipted in order, by log. */
  readonly receipted = new Map<string, number>();

  note(leaf: Uint8Array): void {
    const parsed = parseRecord(leaf);
    if (!parsed.ok) return;
    const { record } = parsed.value;
    const number = parseNumber(record.number);
    if (number.ok) raise(this.last, seriesKey(number.value.series), number.value.serial);
    const receipt = record.basis.format === 'RECEIPT' ? parseCore(record, 'RECEIPT') : undefined;
    if (receipt?.ok === true && receipt.value.lane === 'next') raise(this.receipted, receipt.value.log, receipt.value.to);
  }
}

function raise(counts: Map<string, number>, key: string, to: number): void {
  counts.set(key, Math.max(counts.get(key) ?? 0, to));
}
