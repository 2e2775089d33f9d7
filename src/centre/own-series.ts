import { bytesOfText } from '#base/bytes.ts';
import { seriesCollection } from '#centre/append.ts';
import { receiptedCollection } from '#centre/link/intake.ts';
import type { DocumentWrite, Store } from '#centre/store/store.ts';
import { namedNow } from '#exchange/former-names.ts';
import { type Succession } from '#log/succession.ts';
import { parseCore } from '#record/core-formats.ts';
import { parseRecord } from '#record/envelope.ts';
import { parseNumber, seriesKey } from '#record/number.ts';

/** What our own leaves say of the numbers that they took and of the leaves that they receipted. Owner of the counts. */
export class OwnSeries {
  /** The last number of each series, by its key. */
  readonly last = new Map<string, number>();
  /** The end of the ranges receipted in order, by log. */
  readonly receipted = new Map<string, number>();
  readonly #successions: readonly Succession[];

  constructor(successions: readonly Succession[]) {
    this.#successions = successions;
  }

  /** The counts as the store keeps them for the log `origin`. */
  writes(origin: string): readonly (DocumentWrite & { readonly value: Uint8Array })[] {
    const kept = (collection: string, [key, count]: readonly [string, number]) => ({
      collection,
      key,
      value: bytesOfText(String(count)),
    });
    return [
      ...[...this.last].map((entry) => kept(seriesCollection(origin), entry)),
      ...[...this.receipted].map((entry) => kept(receiptedCollection, entry)),
    ];
  }

  /** The same, where the store has no higher count. */
  async raisedWrites(store: Store, origin: string): Promise<readonly DocumentWrite[]> {
    const writes: DocumentWrite[] = [];
    for (const write of this.writes(origin)) {
      const kept = await store.document(write.collection, write.key);
      if (kept === undefined || countIn(kept) < countIn(write.value)) writes.push(write);
    }
    return writes;
  }

  note(leaf: Uint8Array): void {
    const parsed = parseRecord(leaf);
    if (!parsed.ok) return;
    const { record } = namedNow(parsed.value, this.#successions);
    const number = parseNumber(record.number);
    if (number.ok) raise(this.last, seriesKey(number.value.series), number.value.serial);
    const receipt = record.basis.format === 'RECEIPT' ? parseCore(record, 'RECEIPT') : undefined;
    if (receipt?.ok === true && receipt.value.lane === 'next') raise(this.receipted, receipt.value.log, receipt.value.to);
  }
}

function countIn(value: Uint8Array): number {
  return Number(new TextDecoder().decode(value));
}

function raise(counts: Map<string, number>, key: string, to: number): void {
  counts.set(key, Math.max(counts.get(key) ?? 0, to));
}
