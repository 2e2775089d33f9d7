import { accept, type Result, refuse } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import { lowestWhere } from '#exchange/sorted.ts';
import type { CoreContent } from '#record/core-formats.ts';

/** What one log receipts of another. Ranges of the lane *next* adjoin from leaf 0 on, so three columns of numbers hold them. */
export interface ReceiptBook {
  /** The end (exclusive) of each range, ascending. */
  readonly to: number[];
  readonly receivedAtMs: TimeMs[];
  /** Scenario times of the receipts in an exercise; empty in any other log. */
  readonly scenarioAtMs: TimeMs[];
  /** The index of each receipt in the log that makes it, ascending. */
  readonly at: number[];
  /** Receipts of the lane *urgent*, by the index of the one leaf that each covers. */
  readonly urgent: Record<string, FirstReceipt>;
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

export function emptyReceiptBook(): ReceiptBook {
  return { to: [], receivedAtMs: [], scenarioAtMs: [], at: [], urgent: {} };
}

/** Leaves receipted by the lane *next*: all below this index. */
export function receiptedTo(book: ReceiptBook | undefined): number {
  return book?.to.at(-1) ?? 0;
}

/** Checks that a receipt is the first of every leaf that it covers, under a root that covers them (`spec/exchange.md` 5). */
export function checkRange(book: ReceiptBook | undefined, receipt: CoreContent<'RECEIPT'>): Result<void> {
  const { from, to, size, lane } = receipt;
  if (from >= to || to > size)
    return refuse('receipt.range', `leaves ${from} to ${to} of ${size} are no range`, { from, to, size });
  const next = receiptedTo(book);
  if (lane === 'next') {
    if (from === next) return accept(undefined);
    return refuse('receipt.range', `ranges adjoin: the next begins at leaf ${next}, not ${from}`, { from, expected: next });
  }
  if (to !== from + 1) return refuse('receipt.range', `an urgent receipt covers one leaf, not ${to - from}`, { from, to });
  if (from >= next && book?.urgent[String(from)] === undefined) return accept(undefined);
  return refuse('receipt.range', `leaf ${from} has its first receipt already`, { from });
}

/** Enters a receipt that `checkRange` accepts. */
export function enterReceipt(
  book: ReceiptBook,
  range: { readonly from: number; readonly to: number },
  receipt: FirstReceipt,
): void {
  if (receipt.lane === 'urgent') {
    book.urgent[String(range.from)] ??= receipt;
    return;
  }
  book.to.push(range.to);
  book.receivedAtMs.push(receipt.receivedAtMs);
  book.at.push(receipt.at);
  if (receipt.scenarioAtMs !== null) book.scenarioAtMs.push(receipt.scenarioAtMs);
}

/**
 * The one first A0 of a leaf. An urgent receipt is always older than the range that covers the leaf, or it would not have been
 * accepted; `isVoid` says of a receipt, by its index, that its root is not the log's.
 */
export function firstReceiptOf(
  book: ReceiptBook | undefined,
  index: number,
  isVoid: (at: number) => boolean,
): FirstReceipt | undefined {
  if (book === undefined) return undefined;
  const urgent = book.urgent[String(index)];
  if (urgent !== undefined && !isVoid(urgent.at)) return urgent;
  const next = rangeReceiptOf(book, index);
  return next === undefined || isVoid(next.at) ? undefined : next;
}

function rangeReceiptOf(book: ReceiptBook, index: number): FirstReceipt | undefined {
  const low = lowestWhere(book.to.length, (position) => (book.to[position] ?? 0) > index);
  const at = book.at[low];
  const receivedAtMs = book.receivedAtMs[low];
  if (at === undefined || receivedAtMs === undefined) return undefined;
  return { at, receivedAtMs, scenarioAtMs: book.scenarioAtMs[low] ?? null, lane: 'next' };
}
