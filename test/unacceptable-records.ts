import { bytesOfText, concatBytes } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { RefusalCode } from '#base/refusal-codes.ts';
import { type TimeMs, textOfTime } from '#base/time.ts';
import type { Place } from '#exchange/log-view.ts';
import { canonicalBytes, type JsonObject } from '#record/canonical.ts';
import { type CoreFormat, coreAgreement, coreFormats, coreVersion } from '#record/core-formats.ts';
import { draftHash, sealRecord } from '#record/envelope.ts';
import type { DraftRecord, RecordEnvelope, Reference, Status } from '#record/envelope-schema.ts';
import { numberText } from '#record/number.ts';

/** Where in a log a record is to stand, and what the log and its circle hold already. */
export interface LogPosition {
  readonly origin: string;
  readonly owner: string;
  readonly status: Status;
  /** The other party, and its log of the same status. */
  readonly peer: string;
  readonly peerOrigin: string;
  /** The index that the next leaf of this log will have. */
  readonly index: number;
  /** The next serial of the owner's CORE series in the year of `filedAtMs`. */
  readonly serial: number;
  /** Not before the last record of the log, and two minutes or more after its first. */
  readonly filedAtMs: TimeMs;
  /** An orderwire, adoption or acknowledgement that stands in this log below `index`, and one that stands in the peer's. */
  readonly own: Place & { readonly id: string };
  readonly theirs: Place & { readonly id: string };
  /** Leaves of the peer's log that this log has receipted by the lane *next*; at least one. */
  readonly receiptedTo: number;
}

/** A kind of record that an owner can log and that no other centre may accept. */
export interface UnacceptableRecord {
  readonly name: string;
  readonly code: RefusalCode;
  readonly judged: 'void' | 'not-understood';
  /** `log`: seen from the one log alone; `logs`: seen once the peer's log is here as well. */
  readonly seenBy: 'log' | 'logs';
  /** The leaves to append at the position: all but the last are acceptable. */
  readonly leaves: (at: LogPosition) => readonly Uint8Array[];
}

type Change = { readonly [key: string]: unknown };

const otherHash = 'ab'.repeat(32);

/** Every kind, each with the code that it must be refused with. */
export const unacceptableRecords: readonly UnacceptableRecord[] = [
  kind('bytes that are not UTF-8', 'text.utf8', () => [Uint8Array.of(0xff, 0xfe, 0x00)]),
  kind('an empty leaf', 'record.json', () => [new Uint8Array()]),
  kind('a byte order mark', 'text.byte-order-mark', (at) => [concatBytes(Uint8Array.of(0xef, 0xbb, 0xbf), test(at))]),
  kind('half of a JSON text', 'record.json', (at) => [test(at).slice(0, 200)]),
  kind('JSON that is not canonical', 'record.canonical', (at) => [concatBytes(test(at), bytesOfText('\n'))]),
  kind('keys out of order', 'record.canonical', (at) => [bytesOfText(JSON.stringify(reversed(sealed(at, testDraft(at)))))]),
  kind('a fraction', 'record.number-range', () => [bytesOfText('{"content":1.5}')]),
  kind('a null', 'record.json', () => [bytesOfText('{"content":null}')]),
  kind('nesting without end', 'record.json', () => [bytesOfText(`${'['.repeat(40)}${']'.repeat(40)}`)]),
  kind('text that reorders itself on screen', 'text.forbidden', (at) => [patched(at, { narrative: say('safe\u202eefas') })]),
  kind('half of a surrogate pair', 'text.ill-formed', () => [bytesOfText('{"text":"\\ud800"}')]),
  kind('a record of many pages', 'record.size', (at) => [
    bytesOfText(JSON.stringify({ text: 'a'.repeat(17_000), at: at.index })),
  ]),
  kind('an unknown version of the record', 'record.version', (at) => [patched(at, { schema: 'anshin.record/2' })]),
  kind('a missing field', 'record.schema', (at) => [patched(at, { salt: undefined })]),
  kind('a field of its own', 'record.schema', (at) => [patched(at, { urgency: 'high' })]),
  kind('a precedence that does not exist', 'record.schema', (at) => [patched(at, { precedence: { action: 'X', info: 'R' } })]),
  kind('the status of another log', 'record.status', (at) => [ofOtherStatus(at)]),
  kind('a stray or missing exercise field', 'record.scenario', (at) => [withScenario(at)]),
  kind('a record in the name of the other party', 'record.originator', (at) => [
    sealedBytes(at, { ...testDraft(at), originator: { centre: at.peer, role: 'machine' }, action: [at.owner] }),
  ]),
  kind('an addressee outside the circle', 'record.addressee', (at) => [sealedBytes(at, { ...testDraft(at), info: ['ZZ'] })]),
  kind('an addressee named twice', 'record.addressee', (at) => [patched(at, { info: [at.peer] })]),
  kind('an originator that addresses itself', 'record.addressee', (at) => [patched(at, { info: [at.owner] })]),
  kind('nobody addressed', 'record.addressee', (at) => [patched(at, { action: [] })]),
  kind('a number of another format', 'record.number-form', (at) => [patched(at, { number: numbered(at, { format: 'NOTIFY' }) })]),
  kind('a number of another year', 'record.number-form', (at) => [patched(at, { number: numbered(at, { year: '99' }) })]),
  kind('a number that leaves a gap', 'record.number-order', (at) => [
    sealedBytes({ ...at, serial: at.serial + 3 }, testDraft(at)),
  ]),
  kind('a number twice', 'record.number-taken', (at) => [test(at), sealedBytes(at, core(at, 'TEST', { text: 'again' }))]),
  kind('the approval of another content', 'record.approval', (at) => [patched(at, { approved: otherHash })]),
  kind('a FLASH of many bytes', 'record.flash-size', (at) => [
    sealedLoosely(at, { ...flash(at), content: { text: 'a'.repeat(5000) } }),
  ]),
  kind('a FLASH of many words', 'record.flash-text', (at) => [
    sealedLoosely(at, { ...flash(at), narrative: say('go '.repeat(201)) }),
  ]),
  kind('a filing time that goes back', 'record.filing-time', (at) => [test(at), earlier(at)]),
  kind('a reference to a later leaf of its log', 'record.reference', (at) => [
    referring(at, { log: at.origin, index: at.index + 1, id: otherHash }),
  ]),
  kind('a reference to itself', 'record.reference', (at) => [referring(at, { log: at.origin, index: at.index, id: otherHash })]),
  kind('a reference to its log with another id', 'record.reference', (at) => [referring(at, { ...at.own, id: otherHash })]),
  kind('a reference to another circle', 'record.reference', (at) => [
    referring(at, { ...at.theirs, log: at.peerOrigin.replace(/\/[^/]+\//, '/elsewhere/') }),
  ]),
  kind('a reference to a log of another status', 'record.reference', (at) => [
    sealedLoosely(at, referringDraft(at, { ...at.theirs, log: at.peerOrigin.replace(/[^/]+$/, otherStatus(at.status)) })),
  ]),
  kind('an agreement that nobody knows', 'agreement.unknown', (at) => [ofUnknownAgreement(at)]),
  kind('a core format of another version', 'agreement.unknown', (at) => [ofVersion(at, otherHash)]),
  kind('a core format that does not exist', 'agreement.format', (at) => [ofFormat(at, 'GREETING')]),
  kind('a core format under another class', 'agreement.format', (at) => [sealedBytes(at, { ...testDraft(at), class: 'query' })]),
  kind('content that its format does not have', 'agreement.content', (at) => [sealedBytes(at, core(at, 'TEST', { words: 'x' }))]),
  kind('an orderwire that says nothing', 'agreement.content', (at) => [sealedBytes(at, core(at, 'ORDERWIRE', {}))]),
  kind('a summary of no time', 'agreement.content', (at) => [sealedBytes(at, core(at, 'PATHS', summary(at)))]),
  kind('a receipt that leaves a gap', 'receipt.range', (at) => [
    receipt(at, { from: at.receiptedTo + 5, to: at.receiptedTo + 6 }),
  ]),
  kind('a receipt of what is receipted', 'receipt.range', (at) => [receipt(at, { from: 0, to: at.receiptedTo })]),
  kind('a receipt of nothing', 'receipt.range', (at) => [receipt(at, { to: at.receiptedTo })]),
  kind('a receipt beyond its size', 'receipt.range', (at) => [receipt(at, { to: at.receiptedTo + 2, size: at.receiptedTo + 1 })]),
  kind('an urgent receipt of two', 'receipt.range', (at) => [
    receipt(at, { lane: 'urgent', to: at.receiptedTo + 2, size: 1_000_000 }),
  ]),
  kind('an urgent receipt of what is receipted', 'receipt.range', (at) => [receipt(at, { lane: 'urgent', from: 0, to: 1 })]),
  kind('a receipt of its own log', 'record.reference', (at) => [receipt(at, { log: at.origin })]),
  kind('a receipt from the future', 'receipt.time', (at) => [receipt(at, { receivedAt: textOfTime(at.filedAtMs + 3_600_000) })]),
  kind('a statement that nothing was not delivered', 'receipt.range', (at) => [
    sealedBytes(at, core(at, 'NOT-DELIVERED', { log: at.peerOrigin, from: 3, to: 3, reason: 'no path' })),
  ]),
  kind('more refusals than leaves', 'receipt.range', (at) => [
    sealedBytes(at, core(at, 'REFUSAL-COUNT', { log: at.peerOrigin, from: 0, to: 2, refused: 3 })),
  ]),
  kind('a refusal that names no record', 'record.reference', (at) => [
    sealedBytes(at, core(at, 'REFUSAL', { ...pointer(at.theirs), code: 'record.json', clause: 'record 2', detail: 'no JSON' })),
  ]),
  kind('an acknowledgement of its own record', 'record.reference', (at) => [acknowledgement(at, { of: at.own })]),
  kind('an acknowledgement that names no record', 'record.reference', (at) => [acknowledgement(at, { references: [] })]),
  kind('an acknowledgement by a machine', 'record.originator', (at) => [acknowledgement(at, { role: 'machine' })]),
  kind('an outcome of another rung', 'agreement.content', (at) => [acknowledgement(at, { outcome: 'declined' })]),
  kind('a rejection without a reason', 'agreement.content', (at) => [acknowledgement(at, { rung: 'A2', outcome: 'rejected' })]),
  kind('an adoption that reaches back', 'agreement.retroactive', (at) => [adoption(at)]),
  kind('a store confirmed that is not its own', 'record.reference', (at) => [confirmation(at, { log: at.peerOrigin, size: 0 })]),
  kind('a store confirmed beyond its end', 'record.reference', (at) => [
    confirmation(at, { log: at.origin, size: at.index + 1 }),
  ]),
  kind('a succession that no key list states', 'key.succession', (at) => [
    sealedBytes(
      at,
      core(at, 'SUCCEED', { ...store(at.peerOrigin, 1), successor: at.peerOrigin.replace(/^/, 'new.'), reason: 'new key' }),
    ),
  ]),
  acrossLogs('a reference to the other log with another id', 'record.reference', (at) => [
    referring(at, { ...at.theirs, id: otherHash }),
  ]),
  acrossLogs('an acknowledgement of another content', 'record.reference', (at) => [
    acknowledgement(at, { of: { ...at.theirs, id: otherHash } }),
  ]),
];

function kind(name: string, code: RefusalCode, leaves: UnacceptableRecord['leaves']): UnacceptableRecord {
  const judged = code === 'record.version' || code === 'agreement.unknown' ? 'not-understood' : 'void';
  return { name, code, judged, seenBy: 'log', leaves };
}

function acrossLogs(name: string, code: RefusalCode, leaves: UnacceptableRecord['leaves']): UnacceptableRecord {
  return { name, code, judged: 'void', seenBy: 'logs', leaves };
}

function core(at: LogPosition, format: CoreFormat, content: Change): DraftRecord {
  return {
    schema: 'anshin.record/1',
    status: at.status,
    class: coreFormats[format].class,
    precedence: { action: 'R', info: 'R' },
    originator: { centre: at.owner, role: 'machine' },
    action: [at.peer],
    info: [],
    basis: { agreement: coreAgreement, version: coreVersion, article: '1', format },
    ...(at.status === 'exercise' ? { exercise: { name: 'UNACCEPTABLE', scenarioAt: textOfTime(at.filedAtMs) } } : {}),
    references: [],
    content,
    releasability: 'parties',
    salt: at.serial.toString(16).padStart(32, '0'),
  };
}

function testDraft(at: LogPosition): DraftRecord {
  return core(at, 'TEST', { text: 'the quick brown fox' });
}

function test(at: LogPosition): Uint8Array {
  return sealedBytes(at, testDraft(at));
}

function sealed(at: LogPosition, draft: DraftRecord): RecordEnvelope {
  return mustAccept(sealRecord(draft, { serial: at.serial, filedAtMs: at.filedAtMs })).record;
}

function sealedBytes(at: LogPosition, draft: DraftRecord): Uint8Array {
  return mustAccept(sealRecord(draft, { serial: at.serial, filedAtMs: at.filedAtMs })).bytes;
}

/** A whole record under the right hash that its own centre's software would not have sealed. */
function sealedLoosely(at: LogPosition, draft: DraftRecord): Uint8Array {
  const { agreement, format } = draft.basis;
  const number = numbered(at, { agreement, format });
  return canonicalBytes({
    ...draft,
    number,
    filedAt: textOfTime(at.filedAtMs),
    approved: draftHash(draft),
  } as unknown as JsonObject);
}

/** A good record, changed after it was approved. */
function patched(at: LogPosition, change: Change): Uint8Array {
  const { approved: _approved, ...record } = { ...sealed(at, testDraft(at)), ...change } as RecordEnvelope;
  const approved = change['approved'] ?? hashOrNone(record as unknown as RecordEnvelope);
  const text = JSON.stringify(inOrder({ ...record, approved }));
  return bytesOfText(text);
}

/** The hash of what the record says now, where it can be taken, so that only the change itself is wrong. */
function hashOrNone(record: RecordEnvelope): string {
  const { number: _number, filedAt: _filedAt, ...draft } = record;
  try {
    return draftHash(draft);
  } catch {
    return otherHash;
  }
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, inOrder(member)]));
}

function reversed(record: RecordEnvelope): object {
  return Object.fromEntries(Object.entries(record).toReversed());
}

function numbered(
  at: LogPosition,
  change: { readonly agreement?: string; readonly format?: string; readonly year?: string },
): string {
  const { agreement = coreAgreement, format = 'TEST', year = textOfTime(at.filedAtMs).slice(2, 4) } = change;
  return numberText({ series: { agreement, centre: at.owner, year }, serial: at.serial, format });
}

function say(text: string): { readonly language: string; readonly text: string } {
  return { language: 'en', text };
}

function otherStatus(status: Status): Status {
  return status === 'test' ? 'exercise' : 'test';
}

function ofOtherStatus(at: LogPosition): Uint8Array {
  const status = otherStatus(at.status);
  const { exercise: _exercise, ...draft } = testDraft({ ...at, status });
  return sealedBytes(at, status === 'exercise' ? testDraft({ ...at, status }) : { ...draft, status });
}

function withScenario(at: LogPosition): Uint8Array {
  const { exercise, ...draft } = testDraft(at);
  const wrong = exercise === undefined ? { exercise: { name: 'STRAY', scenarioAt: textOfTime(at.filedAtMs) } } : {};
  return sealedLoosely(at, { ...draft, ...wrong });
}

function flash(at: LogPosition): DraftRecord {
  return { ...testDraft(at), precedence: { action: 'Z', info: 'R' } };
}

function earlier(at: LogPosition): Uint8Array {
  const before = { ...at, serial: at.serial + 1, filedAtMs: at.filedAtMs - 121_000 };
  return sealedBytes(before, testDraft(before));
}

function referringDraft(at: LogPosition, to: Place & { readonly id: string }): DraftRecord {
  return { ...testDraft(at), references: [reference('evidence-for', to)] };
}

function referring(at: LogPosition, to: Place & { readonly id: string }): Uint8Array {
  return sealedBytes(at, referringDraft(at, to));
}

function reference(relation: Reference['relation'], { log, index, id }: Place & { readonly id: string }): Reference {
  return { relation, log, index, id };
}

function pointer({ log, index }: Place): { readonly log: string; readonly index: number } {
  return { log, index };
}

/** The next serial of an agreement that nobody has is its first. */
function ofUnknownAgreement(at: LogPosition): Uint8Array {
  const draft = testDraft(at);
  const basis = { agreement: 'NOBODY', version: otherHash, article: '1', format: 'NOTIFY' };
  return sealedBytes({ ...at, serial: 1 }, { ...draft, class: 'notification', basis });
}

function ofVersion(at: LogPosition, version: string): Uint8Array {
  const draft = testDraft(at);
  return sealedBytes(at, { ...draft, basis: { ...draft.basis, version } });
}

function ofFormat(at: LogPosition, format: string): Uint8Array {
  const draft = testDraft(at);
  return sealedBytes(at, { ...draft, basis: { ...draft.basis, format } });
}

function summary(at: LogPosition): Change {
  const time = textOfTime(at.filedAtMs);
  return { from: time, to: time, paths: [] };
}

function receipt(at: LogPosition, change: Change): Uint8Array {
  const from = at.receiptedTo;
  const content = { log: at.peerOrigin, from, to: from + 1, size: from + 10, root: otherHash };
  const received = { receivedAt: textOfTime(at.filedAtMs), lane: 'next' };
  return sealedBytes(at, core(at, 'RECEIPT', { ...content, ...received, ...change }));
}

function acknowledgement(
  at: LogPosition,
  change: {
    readonly of?: Place & { readonly id: string };
    readonly rung?: string;
    readonly outcome?: string;
    readonly role?: 'machine';
    readonly references?: readonly Reference[];
  },
): Uint8Array {
  const { of = at.theirs, rung = 'A1', outcome = 'received', role = 'watch-officer' } = change;
  const draft = core(at, 'ACK', { rung, outcome, ...pointer(of) });
  const references = change.references ?? [reference('acknowledges', of)];
  return sealedBytes(at, { ...draft, originator: { centre: at.owner, role }, references });
}

function adoption(at: LogPosition): Uint8Array {
  const inForceFrom = textOfTime(at.filedAtMs - 1);
  return sealedBytes(at, core(at, 'ADOPT', { agreement: 'BMLN', version: otherHash, inForceFrom }));
}

function store(log: string, size: number): Change {
  return { log, size, root: otherHash };
}

function confirmation(at: LogPosition, of: { readonly log: string; readonly size: number }): Uint8Array {
  return sealedBytes(at, core(at, 'CONFIRM-STORE', { ...store(of.log, of.size), reason: 'the newest' }));
}
