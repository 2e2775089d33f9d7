import { nameNow, placeNow, type Succession } from '#log/succession.ts';
import type { KnownRecord } from '#record/envelope.ts';
import type { RecordEnvelope } from '#record/envelope-schema.ts';

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
