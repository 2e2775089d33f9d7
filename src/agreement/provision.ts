import type { CountedAct } from '#agreement/instrument-schema.ts';
import type { Reading } from '#agreement/margin-state.ts';
import { receiptWithinMs } from '#base/limits.ts';
import type { TimeMs } from '#base/time.ts';

/**
 * What is known of how one record arrived, all on one time line: real time, or the scenario's in an exercise
 * (`scenarioTime` maps one to the other). `spec/agreement.md` 8.
 */
export interface Provision {
  /** When the sender filed it: its own word. */
  readonly dispatchedAtMs: TimeMs;
  readonly receipt: ReceiptState;
  /** When an officer on watch acknowledged it (A1); null while nobody has. */
  readonly acknowledgedAtMs: TimeMs | null;
}

export type ReceiptState =
  | { readonly kind: 'awaited' }
  /** The receiver's cosignature covers the record, and neither a receipt nor *not delivered* followed in time. */
  | { readonly kind: 'withheld'; readonly coveredAtMs: TimeMs }
  | {
      readonly kind: 'held';
      /** The receiver's own word. */
      readonly receivedAtMs: TimeMs;
      /** When the receiver's cosignature first covered the record; null where none is known. */
      readonly coveredAtMs: TimeMs | null;
      /** The sender's cosignature over the receipt: it was said no later than this. Null while the sender has not cosigned. */
      readonly cosignedAtMs: TimeMs | null;
    };

/** The readings of the act that the instrument counts. Empty: nothing is provided yet. */
export function readingsOf(
  provision: Provision | undefined,
  { counts, limitMs, toleranceMs }: { readonly counts: CountedAct; readonly limitMs: TimeMs; readonly toleranceMs: number },
): { readonly readings: readonly Reading[]; readonly withheld: boolean } {
  if (provision === undefined) return { readings: [], withheld: false };
  switch (counts) {
    case 'dispatch':
      return { readings: [{ by: 'dispatch', atMs: provision.dispatchedAtMs }], withheld: false };
    case 'acknowledgement': {
      const atMs = provision.acknowledgedAtMs;
      return { readings: atMs === null ? [] : [{ by: 'acknowledgement', atMs }], withheld: false };
    }
    case 'receipt':
      return receiptReadings(provision, limitMs, toleranceMs);
  }
}

function receiptReadings(
  { receipt, dispatchedAtMs }: Provision,
  limitMs: TimeMs,
  toleranceMs: number,
): { readonly readings: readonly Reading[]; readonly withheld: boolean } {
  switch (receipt.kind) {
    case 'awaited':
      return { readings: [], withheld: false };
    case 'withheld':
      // A sender that filed after the limit was late by its own word, whatever the receiver does.
      if (dispatchedAtMs > limitMs) return { readings: [{ by: 'dispatch', atMs: dispatchedAtMs }], withheld: false };
      return { readings: [{ by: 'coverage', atMs: receipt.coveredAtMs }], withheld: true };
    case 'held': {
      const { receivedAtMs, coveredAtMs, cosignedAtMs } = receipt;
      const readings: Reading[] = [{ by: 'receipt', atMs: receivedAtMs }];
      if (cosignedAtMs !== null && Math.abs(cosignedAtMs - receivedAtMs) > toleranceMs) {
        readings.push({ by: 'cosignature', atMs: cosignedAtMs });
      }
      // A receiver that held a checkpoint over the record long before it says it received the record may have waited to say so.
      if (coveredAtMs !== null && receivedAtMs - coveredAtMs > receiptWithinMs + toleranceMs) {
        readings.push({ by: 'coverage', atMs: coveredAtMs });
      }
      return { readings, withheld: false };
    }
  }
}

/** A record of an exercise says its scenario time and, in its filing time, the real time of the same moment. */
export interface ScenarioAnchor {
  readonly scenarioAtMs: TimeMs;
  readonly filedAtMs: TimeMs;
}

/** Takes a real time near a record of an exercise to the scenario's time line, by that record's two times. */
export function scenarioTime(anchor: ScenarioAnchor, realMs: TimeMs): TimeMs {
  return anchor.scenarioAtMs + (realMs - anchor.filedAtMs);
}
