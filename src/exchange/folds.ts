import type { Refusal } from '#base/refusal.ts';
import type { CosignatureFact } from '#exchange/cosigned.ts';
import { isSameCircle, type LogIdentity, type Place } from '#exchange/log-view.ts';
import type { InstrumentLookup } from '#exchange/matter-step.ts';
import { type FirstReceipt, firstReceiptOf } from '#exchange/receipt-book.ts';
import type { LogReader } from '#exchange/verdict.ts';

/** How much of one log is here: every leaf below `size`, and the urgent ones beyond it. Every answer of the folds carries these. */
export interface HeldLog {
  readonly origin: string;
  readonly owner: string;
  readonly status: LogIdentity['status'];
  readonly size: number;
  readonly urgent: readonly number[];
}

/** What may be read of the logs of one circle; `Register` keeps it. */
export interface Folds {
  readonly identities: readonly LogIdentity[];
  readonly instruments: InstrumentLookup;
  log(origin: string): LogReader | undefined;
  held(): readonly HeldLog[];
  /** Why a receipt is void although its log alone accepts it: its root is not that of the log it receipts. */
  wrongRoot(receipt: Place): Refusal | undefined;
  /** Whether the root that a receipt names was compared with the log's own; it is once so many leaves are here. */
  isProved(receipt: Place): boolean;
  /** The earliest cosignature of a witness that covers a leaf. */
  cosigned(place: Place, witness: string): CosignatureFact | undefined;
  /** Whether a FLASH sounds: it was within the budget of its hour. */
  sounds(place: Place): boolean;
}

/** A receipt and who gave it. */
export interface GivenReceipt extends FirstReceipt {
  /** The receiver's log, which holds the RECEIPT at index `at`. */
  readonly log: string;
  readonly centre: string;
  readonly proved: boolean;
}

/** The logs of the other parties that can speak to a record: those of its circle and status. */
export function logsAbroad(folds: Folds, origin: string): readonly LogIdentity[] {
  return folds.identities.filter((identity) => identity.origin !== origin && isSameCircle(identity.origin, origin));
}

/** The first A0 of a record by one centre. */
export function receiptBy(folds: Folds, place: Place, centre: string): GivenReceipt | undefined {
  for (const { origin, owner } of logsAbroad(folds, place.log)) {
    const reader = owner === centre ? folds.log(origin) : undefined;
    if (reader === undefined) continue;
    const isVoid = (at: number): boolean => folds.wrongRoot({ log: origin, index: at }) !== undefined;
    const receipt = firstReceiptOf(reader.held.receipts, place, isVoid) ?? firstReceiptOf(reader.urgent?.receipts, place, isVoid);
    if (receipt !== undefined)
      return { ...receipt, log: origin, centre, proved: folds.isProved({ log: origin, index: receipt.at }) };
  }
  return undefined;
}

/** What the logs abroad say of a place, each with the log that says so. */
export function saidOf<T>(
  folds: Folds,
  place: Place,
  read: (view: LogReader['held']) => readonly T[] | undefined,
): readonly (T & { readonly log: string; readonly centre: string })[] {
  return logsAbroad(folds, place.log).flatMap(({ origin, owner }) => {
    const reader = folds.log(origin);
    if (reader === undefined) return [];
    const urgent = reader.urgent === null ? [] : (read(reader.urgent) ?? []);
    return [...(read(reader.held) ?? []), ...urgent].map((said) => ({ ...said, log: origin, centre: owner }));
  });
}
