import { hexOf } from '#base/bytes.ts';
import { refusalDetailMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { sha256 } from '#crypto/engine.ts';
import { canonicalBytes } from '#record/canonical.ts';
import { hashSchema, originSchema, type RecordClass, type RecordEnvelope, timeSchema } from '#record/envelope-schema.ts';
import { faultsOf, type ObjectSchema, type Static } from '#record/schema.ts';

const count = { type: 'integer', minimum: 0 } as const;
const milliseconds = { type: 'integer' } as const;
const sentence = { type: 'string', minLength: 1, maxLength: refusalDetailMax } as const;
const name = { type: 'string', pattern: '^[A-Z][A-Z0-9-]{1,23}$', maxLength: 24 } as const;

/**
 * What the protocol itself says, in every agreement: receipts, refusals, acknowledgements, adoptions, the state of paths.
 * `spec/record.md` 11 lists them. Their class is fixed here too.
 */
export const coreFormats = {
  RECEIPT: format('acknowledgement', {
    log: originSchema,
    from: count,
    to: count,
    size: count,
    root: hashSchema,
    receivedAt: timeSchema,
    lane: { enum: ['next', 'urgent'] },
  }),
  'NOT-DELIVERED': format('acknowledgement', { log: originSchema, from: count, to: count, reason: sentence }),
  REFUSAL: format('error', {
    log: originSchema,
    index: count,
    code: { type: 'string', maxLength: 40 },
    clause: { type: 'string', maxLength: 40 },
    detail: sentence,
  }),
  'REFUSAL-COUNT': format('error', { log: originSchema, from: count, to: count, refused: count }),
  ACK: {
    class: 'acknowledgement',
    schema: {
      type: 'object',
      properties: {
        rung: { enum: ['A1', 'A2', 'A3', 'A4'] },
        log: originSchema,
        index: count,
        outcome: { enum: ['received', 'accepted', 'rejected', 'passed', 'replied', 'declined', 'no-reply-intended'] },
        reason: sentence,
      },
      required: ['rung', 'log', 'index', 'outcome'],
      additionalProperties: false,
    },
  },
  ADOPT: format('declaration', { agreement: name, version: hashSchema, inForceFrom: timeSchema }),
  PATHS: format('test', {
    from: timeSchema,
    to: timeSchema,
    paths: {
      type: 'array',
      maxItems: 8,
      items: {
        type: 'object',
        properties: {
          path: { type: 'string', pattern: '^[a-z0-9][a-z0-9.-]{0,63}$', maxLength: 64 },
          expected: count,
          verified: count,
          longestGapMs: count,
          clockOffsetMs: milliseconds,
        },
        required: ['path', 'expected', 'verified', 'longestGapMs', 'clockOffsetMs'],
        additionalProperties: false,
      },
    },
  }),
  'CONFIRM-STORE': format('declaration', { log: originSchema, size: count, root: hashSchema, reason: sentence }),
  SUCCEED: format('declaration', { log: originSchema, size: count, root: hashSchema, successor: originSchema, reason: sentence }),
  ORDERWIRE: format('orderwire', {}),
  TEST: format('test', { text: sentence }),
} as const;

export type CoreFormat = keyof typeof coreFormats;
export type CoreContent<F extends CoreFormat> = Static<(typeof coreFormats)[F]['schema']>;

export const coreAgreement = 'CORE';
/** The version that the basis of a core record names: the hash of the formats themselves. */
export const coreVersion: string = hexOf(sha256(canonicalBytes(coreFormats)));

/** Formats that no receipt answers, so that two centres do not answer each other for ever (`spec/receipt.md` 1). */
const neverReceipted: readonly string[] = ['RECEIPT', 'NOT-DELIVERED', 'REFUSAL-COUNT', 'PATHS'];

/** Whether a record awaits a receipt. What cannot be read awaits one: its bytes and time are receipted, never its merit. */
export function awaitsReceipt(record: RecordEnvelope | undefined): boolean {
  if (record?.basis.agreement !== coreAgreement) return true;
  if (record.basis.format !== 'REFUSAL') return !neverReceipted.includes(record.basis.format);
  const code = record.content['code'];
  return typeof code !== 'string' || !code.startsWith('receipt.');
}

export function isCoreFormat(name: string): name is CoreFormat {
  return Object.hasOwn(coreFormats, name);
}

/** Reads the content of a core record of the format `name`; its envelope is already known. */
export function parseCore<F extends CoreFormat>(record: RecordEnvelope, name: F): Result<CoreContent<F>> {
  const known = coreFormats[name];
  const { agreement, format } = record.basis;
  if (agreement !== coreAgreement || format !== name)
    return refuse('agreement.format', `expected a record of ${coreAgreement} ${name}, got ${agreement} ${format}`);
  if (record.basis.version !== coreVersion)
    return refuse('agreement.unknown', `core formats of version ${record.basis.version} are not known here`);
  if (record.class !== known.class) return refuse('agreement.format', `${name} is of class ${known.class}, not ${record.class}`);
  const [fault] = faultsOf(known.schema, record.content, '/content');
  if (fault !== undefined) return refuse('agreement.content', `${fault.path} ${fault.reason}`, { path: fault.path });
  return accept(record.content as CoreContent<F>);
}

function format<C extends RecordClass, P extends ObjectSchema['properties']>(recordClass: C, properties: P) {
  return {
    class: recordClass,
    schema: {
      type: 'object',
      properties,
      required: Object.keys(properties) as (keyof P & string)[],
      additionalProperties: false,
    },
  } as const;
}
