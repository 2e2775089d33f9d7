import type { Instrument } from '#agreement/instrument.ts';
import { judgeContent } from '#agreement/judge.ts';
import type { Matter } from '#agreement/matter.ts';
import { matterRecordsKept, matterRecordsMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import type { RecordLeaf } from '#exchange/core-acceptance.ts';
import type { Entry } from '#exchange/log-view.ts';
import { indexKey } from '#exchange/shelf.ts';
import { alone, entryOf, type LogReader, matterOf, refused, type Verdict } from '#exchange/verdict.ts';
import type { RecordEnvelope, Reference } from '#record/envelope-schema.ts';

/** Gives the instrument that a basis names, by its short name and the hash of its version; undefined if it is not known here. */
export type InstrumentLookup = (basis: { readonly agreement: string; readonly version: string }) => Instrument | undefined;

const chaining: readonly Reference['relation'][] = ['updates', 'postpones', 'cancels', 'reports', 'corrects'];

/** Judges a record of an agreement by that agreement, as a step of the matter that it refers to (`spec/exchange.md` 8). */
export function judgeStep(log: LogReader, leaf: RecordLeaf, instruments: InstrumentLookup): Verdict {
  const { record } = leaf.known;
  const instrument = instruments(record.basis);
  if (instrument === undefined) return refused(leaf.index, unknownAgreement(record));
  const subject = subjectOf(log, record);
  if (!subject.ok) return refused(leaf.index, subject.refusal);
  const entry = subject.value;
  // A record after one that cannot be judged yet cannot be judged either.
  if (entry !== null && entry.judgement.kind !== 'accepted') return alone(leaf.index, entry.judgement);
  const room = entry === null ? accept(undefined) : checkRoom(log, entry.root, record);
  if (!room.ok) return refused(leaf.index, room.refusal);
  const prior = entry === null ? null : (matterOf(log, entry.root) ?? null);
  const judged = judgeContent({ record, instrument, prior });
  if (!judged.ok) return refused(leaf.index, judged.refusal);
  return { judgement: { kind: 'accepted' }, root: entry?.root ?? leaf.index, ...judged.value };
}

function unknownAgreement(record: RecordEnvelope) {
  const { agreement, version } = record.basis;
  return refuse('agreement.unknown', `${agreement} of version ${version} is not known here`, { agreement, version }).refusal;
}

/** The record of this log that a step follows; null for one that begins a matter. */
function subjectOf(log: LogReader, record: RecordEnvelope): Result<Entry | null> {
  const references = record.references.filter(({ relation }) => chaining.includes(relation));
  const [first] = references;
  if (first === undefined) return accept(null);
  if (references.some((reference) => reference.log !== log.held.origin))
    return refuse('agreement.reference', `a centre ${first.relation} its own records only`, {
      log: first.log,
      index: first.index,
    });
  const entries = references.map((reference) => entryOf(log, reference.index));
  const [entry] = entries;
  if (entry === undefined)
    return refuse('agreement.reference', `leaf ${first.index} is not a record that another ${first.relation}`, {
      index: first.index,
    });
  if (entries.some((each) => each?.root !== entry.root))
    return refuse('agreement.reference', 'the record refers to more than one matter', { index: first.index });
  if (entry.judgement.kind !== 'void') return accept(entry);
  return refuse('agreement.reference', `leaf ${first.index} is void (${entry.judgement.refusal.code})`, { index: first.index });
}

/** A matter has room for so many records; the last places are for what ends it or reports on it. */
function checkRoom(log: LogReader, root: number, record: RecordEnvelope): Result<void> {
  const key = indexKey(root);
  const count = 1 + (log.held.followers.get(key)?.length ?? 0) + (log.urgent?.followers.get(key)?.length ?? 0);
  const isEnd = record.references.some(({ relation }) => relation === 'cancels' || relation === 'reports');
  if (count < (isEnd ? matterRecordsMax : matterRecordsMax - matterRecordsKept)) return accept(undefined);
  return refuse('agreement.life-cycle', `the matter has ${count} records, as many as it may: begin another`, { records: count });
}

/** A matter made again from those of its records that stand, in the order of their log; null where none does. */
export function refold(records: readonly RecordEnvelope[], instrument: Instrument): Matter | null {
  let matter: Matter | null = null;
  for (const record of records) {
    const judged = judgeContent({ record, instrument, prior: matter });
    if (judged.ok) ({ matter } = judged.value);
  }
  return matter;
}
