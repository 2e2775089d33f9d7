import type { TimeMs } from '#base/time.ts';
import { knownTime, scenarioMs } from '#exchange/core-acceptance.ts';
import { type Folds, receiptBy } from '#exchange/folds.ts';
import type { LogIdentity } from '#exchange/log-view.ts';
import { allKeys, eachRow } from '#exchange/shelf.ts';
import { standingOf } from '#exchange/standing.ts';
import { parseCore } from '#record/core-formats.ts';
import type { RecordEnvelope } from '#record/envelope-schema.ts';

/** One acceptable record as the ledger counts it. */
export interface RecordFact {
  readonly origin: string;
  readonly owner: string;
  readonly index: number;
  readonly number: string;
  readonly status: LogIdentity['status'];
  readonly agreement: string;
  readonly format: string;
  /** Short name of the agreement that the record adopts; null when it adopts none. */
  readonly adopts: string | null;
  readonly filedAtMs: TimeMs;
  /** When `centre` had it, by its own receipt; null for its own statements, and for those that it has not receipted. */
  readonly receivedAtMs: TimeMs | null;
  /** The scenario's time in an exercise; null otherwise. */
  readonly scenarioAtMs: TimeMs | null;
}

/** The acceptable records that the folds keep, as `centre` has them. Traffic of passage is no evidence and is left out. */
export function recordFacts(folds: Folds, centre: string): readonly RecordFact[] {
  return folds.identities.flatMap((identity) => {
    const log = folds.log(identity.origin);
    const views = [log?.held, log?.urgent ?? undefined].filter((view) => view !== undefined);
    const entries = views.flatMap((view) => [...eachRow(view.entries, allKeys)]);
    return entries.flatMap(({ value: { index, record } }) => {
      const place = { log: identity.origin, index };
      if (record === null || standingOf(folds, place)?.kind !== 'accepted') return [];
      const receivedAtMs = identity.owner === centre ? null : (receiptBy(folds, place, centre)?.receivedAtMs ?? null);
      return [{ ...factOf(record), origin: identity.origin, owner: identity.owner, index, receivedAtMs }];
    });
  });
}

function factOf(record: RecordEnvelope): Omit<RecordFact, 'origin' | 'owner' | 'index' | 'receivedAtMs'> {
  const { agreement, format } = record.basis;
  const adoption = format === 'ADOPT' ? parseCore(record, 'ADOPT') : undefined;
  return {
    number: record.number,
    status: record.status,
    agreement,
    format,
    adopts: adoption?.ok === true ? adoption.value.agreement : null,
    filedAtMs: knownTime(record.filedAt),
    scenarioAtMs: scenarioMs(record),
  };
}
