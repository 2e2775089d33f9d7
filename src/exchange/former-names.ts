import type { KnownRecord } from '#record/envelope.ts';
import type { RecordEnvelope } from '#record/envelope-schema.ts';

/** One log goes on from another, with its leaves below `size`, whose tree has `root` (lower-case hexadecimal). */
export interface Succession {
  readonly from: string;
  readonly to: string;
  readonly size: number;
  readonly root: string;
}

interface LeafPlace {
  readonly log: string;
  readonly index: number;
}

/** A place under the newest name of its log; one that was not taken over keeps its old name, under which nothing is here. */
export function placeNow<P extends LeafPlace>(place: P, successions: readonly Succession[]): P {
  const next = successions.find(({ from, size }) => from === place.log && place.index < size);
  return next === undefined ? place : placeNow({ ...place, log: next.to }, successions);
}

/** A record as the folds read it: what it says of leaves, it says of the logs' newest names (`spec/keys.md` 4). Its id is its own. */
export function namedNow(known: KnownRecord, successions: readonly Succession[]): KnownRecord {
  if (successions.length === 0) return known;
  const { record } = known;
  const references = record.references.map((reference) => placeNow(reference, successions));
  return { ...known, record: { ...record, references, content: contentNow(record, successions) } };
}

function contentNow({ basis, content }: RecordEnvelope, successions: readonly Succession[]): RecordEnvelope['content'] {
  if (basis.agreement !== 'CORE' || basis.format === 'SUCCEED') return content;
  const { log, index, from, to } = content;
  if (typeof log !== 'string') return content;
  if (typeof index === 'number') return { ...content, log: placeNow({ log, index }, successions).log };
  if (typeof from === 'number' && typeof to === 'number') return rangeNow(content, { log, from, to }, successions);
  return { ...content, log: nameNow(log, successions) };
}

/** A range is cut where its log ended; a receipt of it then counts under the tree that both sides took over. */
function rangeNow(
  content: RecordEnvelope['content'],
  { log, from, to }: { readonly log: string; readonly from: number; readonly to: number },
  successions: readonly Succession[],
): RecordEnvelope['content'] {
  const next = successions.find((each) => each.from === log && from < each.size);
  if (next === undefined) return content;
  const tree = typeof content['size'] === 'number' && content['size'] > next.size ? { size: next.size, root: next.root } : {};
  const cut = { log: next.to, from, to: Math.min(to, next.size) };
  return rangeNow({ ...content, ...cut, ...tree }, cut, successions);
}

/** The newest name of a log. */
export function nameNow(log: string, successions: readonly Succession[]): string {
  const next = successions.find(({ from }) => from === log);
  return next === undefined ? log : nameNow(next.to, successions);
}
