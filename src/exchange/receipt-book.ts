import { accept, type Result, refuse } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import type { Place } from '#exchange/log-view.ts';
import { firstRow, indexKey, indexOfKey, keysUnder, lastRow, type Shelf } from '#exchange/shelf.ts';
import type { CoreContent } from '#record/core-formats.ts';

/** What one log receipts of others. */
export interface ReceiptBook {
  /** Receipts of the lane *next*, whose ranges adjoin from leaf 0 on, by the log receipted and the end (exclusive) of the range. */
  readonly next: Shelf<FirstReceipt>;
  /** Receipts of the lane *urgent*, by the log receipted and the one leaf that each covers. */
  readonly urgent: Shelf<FirstReceipt>;
}

/** The A0 of one leaf: when the receiver says that it came, and where it says so. */
export interface FirstReceipt {
  /** Index of the RECEIPT in the receiver's log. */
  readonly at: number;
  /** The receiver's own word, in real time. */
  readonly receivedAtMs: TimeMs;
  /** The scenario time of the receipt in an exercise; null otherwise. */
  readonly scenarioAtMs: TimeMs | null;
  readonly lane: 'next' | 'urgent';
}

/** Leaves of a log receipted by the lane *next*: all below this index. */
export function receiptedTo(book: ReceiptBook | undefined, log: string): number {
  const last = book === undefined ? undefined : lastRow(book.next, keysUnder(log));
  return last === undefined ? 0 : indexOfKey(last.key);
}

/** Checks that a receipt is the first of every leaf that it covers, under a root that covers them (`spec/exchange.md` 5). */
export function checkRange(book: ReceiptBook, receipt: CoreContent<'RECEIPT'>): Result<void> {
  const { log, from, to, size, lane } = receipt;
  if (from >= to || to > size)
    return refuse('receipt.range', `leaves ${from} to ${to} of ${size} are no range`, { from, to, size });
  const next = receiptedTo(book, log);
  if (lane === 'next') {
    if (from === next) return accept(undefined);
    const detail =
      from < next
        ? `leaf ${from} has its first receipt already, and that one stands: the next range begins at leaf ${next}`
        : `ranges adjoin: the next begins at leaf ${next}, not ${from}`;
    return refuse('receipt.range', detail, { from, expected: next });
  }
  if (to !== from + 1) return refuse('receipt.range', `an urgent receipt covers one leaf, not ${to - from}`, { from, to });
  if (from >= next && book.urgent.get(leafKey(log, from)) === undefined) return accept(undefined);
  return refuse('receipt.range', `leaf ${from} has its first receipt already`, { from });
}

/** Enters a receipt that `checkRange` accepts. */
export function enterReceipt(
  book: ReceiptBook,
  range: Pick<CoreContent<'RECEIPT'>, 'log' | 'from' | 'to'>,
  receipt: FirstReceipt,
): void {
  const { log, from, to } = range;
  if (receipt.lane === 'next') book.next.set(leafKey(log, to), receipt);
  else if (book.urgent.get(leafKey(log, from)) === undefined) book.urgent.set(leafKey(log, from), receipt);
}

/**
 * The one first A0 of a leaf. An urgent receipt is always older than the range that covers the leaf, or it would not have been
 * accepted; `isVoid` says of a receipt, by its index, that its root is not the log's.
 */
export function firstReceiptOf(
  book: ReceiptBook | undefined,
  { log, index }: Place,
  isVoid: (at: number) => boolean,
): FirstReceipt | undefined {
  if (book === undefined) return undefined;
  const urgent = book.urgent.get(leafKey(log, index));
  if (urgent !== undefined && !isVoid(urgent.at)) return urgent;
  const next = firstRow(book.next, keysUnder(log, indexKey(index + 1)))?.value;
  return next === undefined || isVoid(next.at) ? undefined : next;
}

function leafKey(log: string, index: number): string {
  return `${log} ${indexKey(index)}`;
}
