import type { Matter } from '#agreement/matter.ts';
import type { Refusal } from '#base/refusal.ts';
import type { Entry, Judgement, LogView } from '#exchange/log-view.ts';
import { indexKey } from '#exchange/shelf.ts';

/** A log as far as it can be read: its held leaves, and the provisional view of the urgent ones beyond them. */
export interface LogReader {
  readonly held: LogView;
  /** Null where a leaf is judged in full: then everything below it is in `held`. */
  readonly urgent: LogView | null;
}

/** What the rules make of a record, which record began its matter, and the matter that it leaves; null if it changes none. */
export interface Verdict {
  readonly judgement: Judgement;
  readonly root: number;
  readonly matter: Matter | null;
  readonly undecided: Entry['undecided'];
}

/** A verdict that belongs to no earlier matter and leaves none. */
export function alone(index: number, judgement: Judgement): Verdict {
  return { judgement, root: index, matter: null, undecided: [] };
}

/** A verdict that changes nothing: void, or not understood where a version is not known here. */
export function refused(index: number, refusal: Refusal): Verdict {
  const unknown = refusal.code === 'agreement.unknown' || refusal.code === 'record.version';
  return alone(index, { kind: unknown ? 'not-understood' : 'void', refusal });
}

export function entryOf(log: LogReader, index: number): Entry | undefined {
  const key = indexKey(index);
  return log.held.entries.get(key) ?? log.urgent?.entries.get(key);
}

export function matterOf(log: LogReader, root: number): Matter | undefined {
  const key = indexKey(root);
  return log.urgent?.matters.get(key) ?? log.held.matters.get(key);
}
