import { bytesOfText, hexOf, textOfBytes } from '#base/bytes.ts';
import { flashBytesMax, flashTextBytesMax, flashTextRunsMax, recordBytesMax } from '#base/limits.ts';
import { accept, assert, mustAccept, type Result, refuse } from '#base/refusal.ts';
import { runsOf } from '#base/text.ts';
import { type TimeMs, textOfTime } from '#base/time.ts';
import { sha256 } from '#crypto/engine.ts';
import { canonicalBytes, canonicalText, type JsonObject, type JsonValue, parseCanonical } from '#record/canonical.ts';
import { type DraftRecord, envelopeSchema, type RecordEnvelope, recordVersion } from '#record/envelope-schema.ts';
import { checkNumber, numberText, type Series } from '#record/number.ts';
import { faultsOf } from '#record/schema.ts';

const draftLabel = 'anshin.draft/1\n';

/** A record with the bytes that are its identity. Only `parseRecord` and `sealRecord` make one; the bytes become the record's own. */
export interface KnownRecord {
  readonly record: RecordEnvelope;
  readonly bytes: Uint8Array;
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  readonly id: string;
}

/**
 * The hash that drafter, verifier and releaser confirm: everything in the record but its number, filing time and this hash.
 * Throws on a draft that no record can hold.
 */
export function draftHash(draft: DraftRecord): string {
  return hashOfDraftText(mustAccept(canonicalText(draft)));
}

function hashOfDraftText(text: string): string {
  return hexOf(sha256(bytesOfText(draftLabel + text)));
}

/** Completes an approved draft inside the append transaction. Refuses what the envelope's rules refuse of a received record. */
export function sealRecord(
  draft: DraftRecord,
  filing: { readonly serial: number; readonly filedAtMs: TimeMs },
): Result<KnownRecord> {
  // An officer's text may hold what a record cannot: a tab, half a surrogate pair. Nothing after this line can throw on it.
  const writable = canonicalText(draft);
  if (!writable.ok) return writable;
  const filedAt = textOfTime(filing.filedAtMs);
  const series: Series = { agreement: draft.basis.agreement, centre: draft.originator.centre, year: filedAt.slice(2, 4) };
  const number = numberText({ series, serial: filing.serial, format: draft.basis.format });
  const record: RecordEnvelope = { ...draft, number, filedAt, approved: draftHash(draft) };
  return parseRecord(canonicalBytes(record as unknown as JsonObject));
}

/** Reads one record. Hostile input: whatever is not exactly a record of this version is refused. */
export function parseRecord(bytes: Uint8Array): Result<KnownRecord> {
  const value = parseCanonical(bytes, recordBytesMax);
  if (!value.ok) return value;
  const version = versionOf(value.value);
  if (version !== recordVersion) {
    return refuse(
      'record.version',
      `the record is of version ${JSON.stringify(version ?? 'none')}; this centre understands ${recordVersion}`,
    );
  }
  const [fault, ...more] = faultsOf(envelopeSchema, value.value);
  if (fault !== undefined) {
    return refuse('record.schema', `${fault.path} ${fault.reason}`, { path: fault.path, faults: 1 + more.length });
  }
  const record = value.value as unknown as RecordEnvelope;
  const checked = checkRules(record, bytes);
  return checked.ok ? accept({ record, bytes, id: idOf(bytes) }) : checked;
}

/** A record's identity: the SHA-256 of its exact bytes. */
export function idOf(bytes: Uint8Array): string {
  return hexOf(sha256(bytes));
}

/** Takes the draft back out of a record. */
export function draftOf(record: RecordEnvelope): DraftRecord {
  const { number: _number, filedAt: _filedAt, approved: _approved, ...draft } = record;
  return draft;
}

function versionOf(value: JsonValue): string | undefined {
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  const version = (value as JsonObject)['schema'];
  return typeof version === 'string' ? version.slice(0, 64) : undefined;
}

/** What the schema cannot say, in the order of `spec/record.md` 5 to 10, so that two centres refuse one record with one code. */
const rules: readonly ((record: RecordEnvelope, bytes: Uint8Array) => Result<unknown>)[] = [
  checkAddressees,
  checkNumber,
  checkApproval,
  checkFlash,
  checkScenario,
  checkReferences,
];

function checkRules(record: RecordEnvelope, bytes: Uint8Array): Result<RecordEnvelope> {
  for (const rule of rules) {
    const checked = rule(record, bytes);
    if (!checked.ok) return checked;
  }
  return accept(record);
}

function checkAddressees(record: RecordEnvelope): Result<RecordEnvelope> {
  const all = [...record.action, ...record.info];
  if (all.length === 0) return refuse('record.addressee', 'the record is addressed to nobody');
  if (new Set(all).size !== all.length) return refuse('record.addressee', 'an addressee is named twice');
  if (all.includes(record.originator.centre)) return refuse('record.addressee', 'the originator addresses itself');
  return accept(record);
}

function checkApproval(record: RecordEnvelope, bytes: Uint8Array): Result<RecordEnvelope> {
  const text = mustAccept(textOfBytes(bytes));
  if (hashOfDraftText(draftTextIn(text, record)) === record.approved) return accept(record);
  return refuse('record.approval', 'the hash that the officers approved is not the hash of this content', {
    approved: record.approved,
  });
}

/**
 * The canonical text of the draft, cut out of that of its record, since writing it anew is a third of what reading a record costs. Where
 * the three members stand follows from the schema and the order of keys: before `approved` is only a list of names, after `filedAt` and
 * `number` is no member so named, and in a text every quotation mark is escaped.
 */
function draftTextIn(recordText: string, { approved, filedAt, number }: RecordEnvelope): string {
  const [filed, numbered] = [`"filedAt":"${filedAt}",`, `"number":"${number}",`];
  const [filedFrom, numberedFrom] = [recordText.lastIndexOf(filed), recordText.lastIndexOf(numbered)];
  assert(0 < filedFrom && filedFrom < numberedFrom, 'a canonical record has its members in order');
  return (
    recordText.slice(0, filedFrom).replace(`"approved":"${approved}",`, '') +
    recordText.slice(filedFrom + filed.length, numberedFrom) +
    recordText.slice(numberedFrom + numbered.length)
  );
}

function checkFlash(record: RecordEnvelope, bytes: Uint8Array): Result<RecordEnvelope> {
  // Whichever addressee it is meant for, it interrupts someone: the higher of the two counts.
  const precedences = [record.precedence.action, record.precedence.info];
  if (!precedences.includes('Z') && !precedences.includes('O')) return accept(record);
  const runs = runsOf(record.narrative?.text ?? '');
  if (runs > flashTextRunsMax)
    return refuse('record.flash-text', `${runs} words; FLASH and IMMEDIATE carry at most ${flashTextRunsMax}`);
  if (!precedences.includes('Z')) return accept(record);
  if (bytes.length > flashBytesMax)
    return refuse('record.flash-size', `${bytes.length} bytes; a FLASH has at most ${flashBytesMax}`);
  const textBytes = bytesOfText(record.narrative?.text ?? '').length;
  if (textBytes > flashTextBytesMax)
    return refuse('record.flash-text', `${textBytes} bytes of text; a FLASH has at most ${flashTextBytesMax}`);
  return accept(record);
}

function checkScenario(record: RecordEnvelope): Result<RecordEnvelope> {
  if ((record.status === 'exercise') === (record.exercise !== undefined)) return accept(record);
  return refuse('record.scenario', 'the field exercise stands in a record of status exercise, and in no other');
}

function checkReferences(record: RecordEnvelope): Result<RecordEnvelope> {
  const stray = record.references.find((reference) => !reference.log.endsWith(`/${record.status}`));
  if (stray === undefined) return accept(record);
  return refuse('record.reference', `a record of status ${record.status} refers to ${stray.log}, a log of another status`);
}
