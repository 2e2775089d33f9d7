import type { Matter } from '#agreement/matter.ts';
import type { Refusal } from '#base/refusal.ts';
import { type Entry, entryAt, type Judgement, type LogView } from '#exchange/log-view.ts';

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
  return entryAt(log.held, index) ?? (log.urgent === null ? undefined : entryAt(log.urgent, index));
}

export function matterOf(log: LogReader, root: number): Matter | undefined {
  return log.urgent?.matters[String(root)] ?? log.held.matters[String(root)];
}
