import { clockToleranceMs } from '#base/limits.ts';
import { accept, mustAccept, type Result, refuse } from '#base/refusal.ts';
import { type TimeMs, timeOfText } from '#base/time.ts';
import { addRange } from '#exchange/leaf-ranges.ts';
import { basisKey, isSameCircle, type LogView, recordKey, refusalDayKey } from '#exchange/log-view.ts';
import { checkRange, enterReceipt } from '#exchange/receipt-book.ts';
import { indexKey, tally } from '#exchange/shelf.ts';
import { nameNow } from '#log/succession.ts';
import { type CoreContent, type CoreFormat, coreVersion, isCoreFormat, parseCore } from '#record/core-formats.ts';
import type { KnownRecord } from '#record/envelope.ts';
import type { RecordEnvelope, Reference } from '#record/envelope-schema.ts';

/** A leaf that is a record, and its index in its log. */
export interface RecordLeaf {
  readonly index: number;
  readonly known: KnownRecord;
}

/** The tally of the adoptions that a log says. */
export const adoptionsSaid = 'adoptions';
const passage: readonly CoreFormat[] = ['RECEIPT', 'NOT-DELIVERED', 'REFUSAL-COUNT', 'PATHS', 'TEST'];
const outcomes: Readonly<Record<CoreContent<'ACK'>['rung'], readonly string[]>> = {
  A1: ['received'],
  A2: ['accepted', 'rejected'],
  A3: ['passed'],
  A4: ['replied', 'declined', 'no-reply-intended'],
};

/** Whether an accepted core record of this format leaves nothing behind but its effect, so that it need not be kept. */
export function isPassage(format: string): boolean {
  return passage.some((each) => each === format);
}

/** The time that deadlines count: the scenario's in an exercise, else the real one that is handed in. */
export function countedMs(record: RecordEnvelope, realMs: TimeMs): TimeMs {
  return scenarioMs(record) ?? realMs;
}

export function scenarioMs(record: RecordEnvelope): TimeMs | null {
  return record.exercise === undefined ? null : knownTime(record.exercise.scenarioAt);
}

/** A time that the schema has already accepted. */
export function knownTime(text: string): TimeMs {
  return mustAccept(timeOfText(text));
}

/** Judges a core record by its format's rules (`spec/exchange.md` 4 to 7). `view` is the log that holds it. */
export function checkCore(view: LogView, leaf: RecordLeaf): Result<void> {
  const { record } = leaf.known;
  const { format, version } = record.basis;
  if (version !== coreVersion) return refuse('agreement.unknown', `core formats of version ${version} are not known here`);
  if (!isCoreFormat(format)) return refuse('agreement.format', `${format} is not a core format`);
  switch (format) {
    case 'RECEIPT':
      return withContent(record, format, (content) => checkReceipt(view, record, content));
    case 'NOT-DELIVERED':
      return withContent(record, format, (content) => checkLeaves(view, content));
    case 'REFUSAL-COUNT':
      return withContent(record, format, (content) => checkRefusalCount(view, content));
    case 'REFUSAL':
      return withContent(record, format, (content) => checkPointer(view, record, { ...content, relation: 'rejects' }));
    case 'ACK':
      return withContent(record, format, (content) => checkAcknowledgement(view, record, content));
    case 'ADOPT':
      return withContent(record, format, (content) => checkAdoption(record, content));
    case 'PATHS':
      return withContent(record, format, checkPeriod);
    case 'CONFIRM-STORE':
      return withContent(record, format, (content) => checkOwnLog(view, leaf, content));
    case 'SUCCEED':
      return withContent(record, format, (content) => checkSuccession(view, leaf, content));
    case 'ORDERWIRE':
      return withContent(record, format, () => checkOrderwire(record));
    case 'TEST':
      return withContent(record, format, () => accept(undefined));
  }
}

function withContent<F extends CoreFormat>(
  record: RecordEnvelope,
  format: F,
  check: (content: CoreContent<F>) => Result<void>,
): Result<void> {
  const content = parseCore(record, format);
  return content.ok ? check(content.value) : content;
}

/** Enters what an accepted core record says. Provisional views of urgent records go through here as well. */
export function enterCore(view: LogView, leaf: RecordLeaf): void {
  const { record } = leaf.known;
  const { index } = leaf;
  switch (record.basis.format) {
    case 'RECEIPT':
      enterRange(view, leaf, mustAccept(parseCore(record, 'RECEIPT')));
      return;
    case 'NOT-DELIVERED': {
      const { log, from, to } = mustAccept(parseCore(record, 'NOT-DELIVERED'));
      addRange(view.undelivered, log, { index, from, to });
      return;
    }
    case 'REFUSAL-COUNT': {
      const { log, from, to } = mustAccept(parseCore(record, 'REFUSAL-COUNT'));
      addRange(view.counted, log, { index, from, to });
      return;
    }
    case 'REFUSAL': {
      const { code, detail, ...of } = mustAccept(parseCore(record, 'REFUSAL'));
      const id = referenceTo(record, of)?.id ?? null;
      const key = recordKey(of, id ?? 'none');
      view.refusals.set(`${key} ${indexKey(index)}`, { index, of: id, code, detail });
      tally(view.tallies, key, 1);
      tally(view.refusalDays, refusalDayKey(of.log, record.filedAt), 1);
      return;
    }
    case 'ACK':
      enterAcknowledgement(view, leaf, mustAccept(parseCore(record, 'ACK')));
      return;
    case 'ADOPT': {
      const { agreement, version, inForceFrom } = mustAccept(parseCore(record, 'ADOPT'));
      const key = basisKey({ agreement, version });
      tally(view.tallies, adoptionsSaid, 1);
      view.adoptions.set(key, Math.min(view.adoptions.get(key) ?? Number.POSITIVE_INFINITY, knownTime(inForceFrom)));
      return;
    }
    default:
  }
}

function enterRange(view: LogView, leaf: RecordLeaf, { log, from, to, receivedAt, lane }: CoreContent<'RECEIPT'>): void {
  if (isEnded(view, log)) return;
  const { record } = leaf.known;
  enterReceipt(
    view.receipts,
    { log, from, to },
    {
      at: leaf.index,
      receivedAtMs: knownTime(receivedAt),
      scenarioAtMs: scenarioMs(record),
      lane: lane === 'urgent' ? 'urgent' : 'next',
    },
  );
}

function enterAcknowledgement(view: LogView, leaf: RecordLeaf, content: CoreContent<'ACK'>): void {
  const { record } = leaf.known;
  const reference = referenceTo(record, content);
  if (reference === undefined) return;
  const said = {
    index: leaf.index,
    rung: content.rung,
    outcome: content.outcome,
    of: reference.id,
    filedAtMs: knownTime(record.filedAt),
    scenarioAtMs: scenarioMs(record),
  };
  const key = recordKey(content, reference.id);
  const known = view.acknowledgements.get(key) ?? [];
  const rungs = known.some(({ rung }) => rung === content.rung)
    ? known.map((each) => (each.rung === content.rung ? { ...each, last: said } : each))
    : [...known, { rung: content.rung, first: said, last: said }];
  view.acknowledgements.set(key, rungs);
}

function referenceTo(record: RecordEnvelope, of: { readonly log: string; readonly index: number }): Reference | undefined {
  return record.references.find(({ log, index }) => log === of.log && index === of.index);
}

function checkReceipt(view: LogView, record: RecordEnvelope, content: CoreContent<'RECEIPT'>): Result<void> {
  const foreign = checkForeign(view, content.log);
  if (!foreign.ok) return foreign;
  const lateMs = knownTime(content.receivedAt) - knownTime(record.filedAt);
  if (lateMs > clockToleranceMs) {
    return refuse('receipt.time', `the receipt states a time ${lateMs} ms after its own filing`, {
      receivedAt: content.receivedAt,
      filedAt: record.filedAt,
    });
  }
  return isEnded(view, content.log) ? accept(undefined) : checkRange(view.receipts, content);
}

function checkLeaves(view: LogView, content: CoreContent<'NOT-DELIVERED'>): Result<void> {
  const foreign = checkForeign(view, content.log);
  if (!foreign.ok) return foreign;
  const { from, to } = content;
  return from < to ? accept(undefined) : refuse('receipt.range', `leaves ${from} to ${to} are no range`, { from, to });
}

function checkRefusalCount(view: LogView, content: CoreContent<'REFUSAL-COUNT'>): Result<void> {
  const leaves = checkLeaves(view, { ...content, reason: '' });
  if (!leaves.ok) return leaves;
  const { from, to, refused } = content;
  if (refused <= to - from) return accept(undefined);
  return refuse('receipt.range', `${refused} refusals among ${to - from} leaves`, { from, to, refused });
}

/** An acknowledgement or a refusal names its record twice, by place in the content and by place and id in a reference. */
function checkPointer(
  view: LogView,
  record: RecordEnvelope,
  content: { readonly log: string; readonly index: number; readonly relation: Reference['relation'] },
): Result<void> {
  const foreign = checkForeign(view, content.log);
  if (!foreign.ok) return foreign;
  const { relation, log, index } = content;
  if (record.references.some((each) => each.relation === relation && each.log === log && each.index === index))
    return accept(undefined);
  return refuse('record.reference', `no reference ${relation} leaf ${index} of ${log}, which the content names`, { log, index });
}

function checkAcknowledgement(view: LogView, record: RecordEnvelope, content: CoreContent<'ACK'>): Result<void> {
  const { rung, outcome } = content;
  if (record.originator.role === 'machine')
    return refuse('record.originator', `${rung} is said by a person; a machine says only that a record was received`);
  if (!outcomes[rung].includes(outcome))
    return refuse('agreement.content', `${outcome} is no outcome of ${rung}`, { path: '/content/outcome' });
  if (outcome === 'rejected' && content.reason === undefined)
    return refuse('agreement.content', 'a rejection gives its reason', { path: '/content/reason' });
  return checkPointer(view, record, { ...content, relation: 'acknowledges' });
}

function checkAdoption(record: RecordEnvelope, content: CoreContent<'ADOPT'>): Result<void> {
  if (knownTime(content.inForceFrom) >= countedMs(record, knownTime(record.filedAt))) return accept(undefined);
  return refuse('agreement.retroactive', `in force from ${content.inForceFrom}, which is before the adoption was filed`, {
    inForceFrom: content.inForceFrom,
    filedAt: record.exercise?.scenarioAt ?? record.filedAt,
  });
}

function checkPeriod({ from, to }: CoreContent<'PATHS'>): Result<void> {
  if (from < to) return accept(undefined);
  return refuse('agreement.content', `the period from ${from} to ${to} is empty`, { path: '/content/to' });
}

function checkOwnLog(view: LogView, leaf: RecordLeaf, content: CoreContent<'CONFIRM-STORE'>): Result<void> {
  if (content.log !== view.origin)
    return refuse('record.reference', `a centre confirms the store of its own log, not of ${content.log}`, { log: content.log });
  if (content.size <= leaf.index) return accept(undefined);
  return refuse('record.reference', `the store confirmed has ${content.size} leaves, more than stand below the record`, {
    size: content.size,
  });
}

/** What the record says, a key list said before it: without one no log has another before it. */
function checkSuccession(view: LogView, leaf: RecordLeaf, content: CoreContent<'SUCCEED'>): Result<void> {
  const { log, size, root, successor } = content;
  const isListed = view.successions.some(
    (each) => each.from === log && each.to === successor && each.size === size && each.root === root,
  );
  if (isListed && leaf.index === size && nameNow(log, view.successions) === view.origin) return accept(undefined);
  return refuse('key.succession', `no key list says that ${successor} goes on from ${log} at ${size} leaves`, {
    log,
    size,
    successor,
  });
}

function checkOrderwire(record: RecordEnvelope): Result<void> {
  if (record.narrative !== undefined) return accept(undefined);
  return refuse('agreement.content', 'an orderwire says what it says in its narrative, and there is none', {
    path: '/narrative',
  });
}

/** Whether a log goes on under another name: what still bears the old one is of leaves that did not go on, and has no effect. */
function isEnded({ successions }: LogView, log: string): boolean {
  return successions.some(({ from }) => from === log);
}

function checkForeign(view: LogView, log: string): Result<void> {
  if (log === view.origin)
    return refuse('record.reference', 'a centre does not receipt, acknowledge or refuse its own log', { log });
  if (isSameCircle(view.origin, log)) return accept(undefined);
  return refuse('record.reference', `${log} is a log of another circle or status`, { log });
}
