import { clockToleranceMs, leafBytesMax } from '#base/limits.ts';
import { accept, assert, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { checkCore, enterCore, isPassage, knownTime, type RecordLeaf } from '#exchange/core-acceptance.ts';
import { namedNow } from '#exchange/former-names.ts';
import {
  type Awaited,
  circleOf,
  type Entry,
  isSameCircle,
  isUrgentPrecedence,
  type Judgement,
  type LogView,
  openLogView,
  placeKey,
} from '#exchange/log-view.ts';
import { type InstrumentLookup, judgeStep } from '#exchange/matter-step.ts';
import { MemoryShelves } from '#exchange/memory-shelf.ts';
import { countNumber } from '#exchange/serials.ts';
import { indexKey, tally } from '#exchange/shelf.ts';
import { alone, entryOf, type LogReader, refused, type Verdict } from '#exchange/verdict.ts';
import { type JsonObject, parseCanonical } from '#record/canonical.ts';
import { coreAgreement } from '#record/core-formats.ts';
import { idOf, type KnownRecord, parseRecord } from '#record/envelope.ts';
import type { RecordEnvelope, Reference } from '#record/envelope-schema.ts';

export interface Leaf {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** A leaf with its id and what its own form makes of it. */
export interface ReadLeaf {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly id: string;
  readonly parsed: Result<KnownRecord>;
}

/** What became of a leaf, the record that it is, if it is one, and what the folds keep of it, if anything. */
export interface Taken {
  readonly judgement: Judgement;
  readonly known: KnownRecord | null;
  readonly entry: Entry | null;
}

/**
 * Stage 1 (`spec/exchange.md` 1): judges the next leaf of a log by that log alone and enters it in the view, which is changed in
 * place. The leaf is authentic; what it says is not trusted. An agreement that becomes known later is judged by a rebuild.
 */
export function takeLeaf(view: LogView, leaf: ReadLeaf, instruments: InstrumentLookup): Taken {
  assert(leaf.index === view.size, 'leaves are taken in the order of their log');
  view.size += 1;
  const taken = takeNext(view, leaf, instruments);
  view.reached.set('', { size: view.size, filedAt: view.filedAt });
  return taken;
}

function takeNext(view: LogView, leaf: ReadLeaf, instruments: InstrumentLookup): Taken {
  const { id, parsed } = leaf;
  if (!parsed.ok) {
    const number = numberIn(leaf.bytes);
    if (number !== undefined) countNumber(view.serials, number);
    const entry = keepUnread(view, { index: leaf.index, id }, parsed.refusal);
    return { judgement: entry.judgement, known: null, entry };
  }
  const named = namedNow(parsed.value, view.successions);
  const known = { index: leaf.index, known: named };
  const { record } = named;
  const number = countNumber(view.serials, record.number);
  const filing = countFiling(view, record);
  const standing = firstRefused(
    () => checkPlace(view, record),
    () => number,
    () => filing,
  );
  const verdict = standing.ok ? judge({ held: view, urgent: null }, known, instruments) : refused(leaf.index, standing.refusal);
  const entry = enter(view, known, verdict);
  return { judgement: verdict.judgement, known: named, entry };
}

/**
 * The view of urgent leaves beyond what is held, in the order of their indices. Provisional: what depends on the leaves between
 * (the order of numbers and filing times, ranges that adjoin) is judged when they are here (`spec/exchange.md` 3).
 */
export function provisionalView(held: LogView, leaves: readonly ReadLeaf[], instruments: InstrumentLookup): LogView {
  const view = openLogView(held, new MemoryShelves());
  for (const { index, id, parsed } of leaves) {
    if (!parsed.ok) {
      keepUnread(view, { index, id }, parsed.refusal);
      continue;
    }
    const leaf = { index, known: namedNow(parsed.value, view.successions) };
    const place = checkPlace(view, leaf.known.record);
    enter(view, leaf, place.ok ? judge({ held, urgent: view }, leaf, instruments) : refused(index, place.refusal));
  }
  return view;
}

export function readLeaf({ index, bytes }: Leaf): ReadLeaf {
  const parsed = parseRecord(bytes);
  return { index, bytes, id: parsed.ok ? parsed.value.id : idOf(bytes), parsed };
}

function firstRefused(...checks: readonly (() => Result<void>)[]): Result<void> {
  for (const check of checks) {
    const result = check();
    if (!result.ok) return result;
  }
  return accept(undefined);
}

function judge(log: LogReader, leaf: RecordLeaf, instruments: InstrumentLookup): Verdict {
  const { record } = leaf.known;
  const own = checkReferences(log, leaf);
  if (!own.ok) return refused(leaf.index, own.refusal);
  if (own.value !== null) return alone(leaf.index, { kind: 'pending', awaits: own.value });
  if (record.basis.agreement !== coreAgreement) return judgeStep(log, leaf, instruments);
  if (log.urgent !== null && isAdjoining(record)) return alone(leaf.index, { kind: 'pending', awaits: leavesBelow(log, leaf) });
  const checked = checkCore(log.held, leaf);
  return checked.ok ? alone(leaf.index, { kind: 'accepted' }) : refused(leaf.index, checked.refusal);
}

/** A receipt of the lane *next* can be judged only after the one before it. */
function isAdjoining(record: RecordEnvelope): boolean {
  return record.basis.format === 'RECEIPT' && record.content['lane'] === 'next';
}

function leavesBelow(log: LogReader, leaf: RecordLeaf): Awaited {
  return { what: 'leaves', log: log.held.origin, index: leaf.index };
}

function checkPlace(view: LogView, record: RecordEnvelope): Result<void> {
  if (record.status !== view.status)
    return refuse('record.status', `a record of status ${record.status} in a log of status ${view.status}`, {
      origin: view.origin,
    });
  if (record.originator.centre !== view.owner)
    return refuse('record.originator', `${record.originator.centre} speaks in the log of ${view.owner}`, { origin: view.origin });
  const stranger = [...record.action, ...record.info].find((centre) => !view.parties.includes(centre));
  if (stranger === undefined) return accept(undefined);
  return refuse('record.addressee', `${stranger} is no member of the circle ${circleOf(view.origin)}`, { addressee: stranger });
}

/** The number that a leaf bears, record or not: canonical JSON with a text under `number`. A number is taken by what bears it first. */
export function numberIn(bytes: Uint8Array): string | undefined {
  const value = parseCanonical(bytes, leafBytesMax);
  if (!value.ok || typeof value.value !== 'object' || Array.isArray(value.value)) return undefined;
  const number = (value.value as JsonObject)['number'];
  return typeof number === 'string' ? number : undefined;
}

/** A filing time may not go back by more than the tolerance; after one that does, the next goes on from it. */
function countFiling(view: LogView, record: RecordEnvelope): Result<void> {
  const before = view.filedAt;
  // Times on the record have one form and compare as text.
  if (record.filedAt >= before) {
    view.filedAt = record.filedAt;
    return accept(undefined);
  }
  const backMs = knownTime(before) - knownTime(record.filedAt);
  if (backMs <= clockToleranceMs) return accept(undefined);
  view.filedAt = record.filedAt;
  return refuse('record.filing-time', `filed at ${record.filedAt}, after a record filed at ${before}`, {
    filedAt: record.filedAt,
    before,
  });
}

/** References into the record's own log: to a lower index, with the id that stands there. Returns what is not here yet, or null. */
function checkReferences(log: LogReader, leaf: RecordLeaf): Result<Awaited | null> {
  for (const reference of leaf.known.record.references) {
    const checked = checkReference(log, leaf.index, reference);
    if (!checked.ok || checked.value !== null) return checked;
  }
  return accept(null);
}

function checkReference(log: LogReader, index: number, reference: Reference): Result<Awaited | null> {
  const { origin } = log.held;
  const evidence = { log: reference.log, index: reference.index, id: reference.id };
  if (!isSameCircle(origin, reference.log))
    return refuse('record.reference', `${reference.log} is a log of another circle or status`, evidence);
  if (reference.log !== origin) return accept(null);
  if (reference.index >= index)
    return refuse('record.reference', `refers to leaf ${reference.index}, which is not before it`, evidence);
  const entry = entryOf(log, reference.index);
  if (entry === undefined) {
    // Below what is held only traffic of passage has no entry: its place is checked here, its id by whoever opens it.
    return accept(
      reference.index < log.held.size ? null : { what: 'record', log: origin, index: reference.index, id: reference.id },
    );
  }
  if (entry.id === reference.id) return accept(null);
  return refuse('record.reference', `leaf ${reference.index} is not the record that is referred to`, {
    ...evidence,
    found: entry.id,
  });
}

/** What an entry lacks whose record is not kept. */
const unkept = { record: null, core: null, undecided: [], abroad: [] } as const;

function keepUnread(view: LogView, { index, id }: { readonly index: number; readonly id: string }, refusal: Refusal): Entry {
  const { judgement } = refused(index, refusal);
  return keep(view, { ...unkept, index, id, judgement, root: index });
}

function keep(view: LogView, entry: Entry): Entry {
  view.entries.set(indexKey(entry.index), entry);
  return entry;
}

function enter(view: LogView, leaf: RecordLeaf, verdict: Verdict): Entry | null {
  const { record, id } = leaf.known;
  const { index } = leaf;
  const { judgement, root, matter, undecided } = verdict;
  const core = record.basis.agreement === coreAgreement;
  const accepted = judgement.kind === 'accepted';
  const key = indexKey(index);
  if (accepted && core) enterCore(view, leaf);
  if (isUrgentPrecedence(record.precedence.action)) view.urgent.set(key, true);
  const coreFormat = core ? record.basis.format : null;
  if (judgement.kind === 'void' || judgement.kind === 'not-understood')
    return keep(view, { ...unkept, index, id, judgement, core: coreFormat, root });
  const abroad = record.references.filter((reference) => reference.log !== view.origin);
  if (accepted && core && isPassage(record.basis.format) && abroad.length === 0) return null;
  const entry = keep(view, { index, id, judgement, record, core: coreFormat, undecided, root, abroad });
  if (root === index && (!core || record.basis.format === 'ORDERWIRE')) view.openings.set(key, true);
  if (!accepted) return entry;
  const rootKey = indexKey(root);
  if (matter !== null) view.matters.set(rootKey, matter);
  if (root !== index) view.followers.set(rootKey, [...(view.followers.get(rootKey) ?? []), index]);
  for (const reference of abroad) cite(view, placeKey(reference), key);
  return entry;
}

/** One citation, however often the record refers to the other. */
function cite(view: LogView, place: string, key: string): void {
  if (view.citations.get(`${place} ${key}`) !== undefined) return;
  view.citations.set(`${place} ${key}`, true);
  tally(view.tallies, place, 1);
}
