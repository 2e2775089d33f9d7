import { partiesMax, referencesMax } from '#base/limits.ts';
import type { Static } from '#record/schema.ts';

export const recordVersion = 'anshin.record/1';

const centre = { type: 'string', pattern: '^[A-Z]{2,8}$', maxLength: 8 } as const;
const hash = { type: 'string', pattern: '^[0-9a-f]{64}$', maxLength: 64 } as const;
const time = { type: 'string', format: 'time' } as const;
const name = { type: 'string', pattern: '^[A-Z][A-Z0-9-]{1,23}$', maxLength: 24 } as const;
const precedence = { enum: ['Z', 'O', 'P', 'R'] } as const;
const origin = {
  type: 'string',
  pattern: '^[a-z0-9.-]{1,100}/[a-z0-9-]{1,40}/(?:actual|exercise|test)$',
  maxLength: 160,
} as const;

const reference = {
  type: 'object',
  properties: {
    relation: {
      enum: ['updates', 'postpones', 'cancels', 'reports', 'answers', 'acknowledges', 'rejects', 'corrects', 'evidence-for'],
    },
    log: origin,
    index: { type: 'integer', minimum: 0 },
    id: hash,
  },
  required: ['relation', 'log', 'index', 'id'],
  additionalProperties: false,
} as const;

/** The envelope of every record (`spec/record.md` 4). The types below come from it; nobody retypes them. */
export const envelopeSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Record',
  type: 'object',
  properties: {
    schema: { const: recordVersion },
    number: { type: 'string', maxLength: 80 },
    status: { enum: ['actual', 'exercise', 'test'] },
    class: {
      enum: [
        'notification',
        'update',
        'postpone',
        'cancel',
        'event-report',
        'query',
        'reply',
        'acknowledgement',
        'error',
        'goodwill',
        'nil-return',
        'orderwire',
        'test',
        'declaration',
      ],
    },
    precedence: {
      type: 'object',
      properties: { action: precedence, info: precedence },
      required: ['action', 'info'],
      additionalProperties: false,
    },
    originator: {
      type: 'object',
      properties: { centre, role: { enum: ['releaser', 'watch-officer', 'supervisor', 'machine'] } },
      required: ['centre', 'role'],
      additionalProperties: false,
    },
    action: { type: 'array', items: centre, maxItems: partiesMax },
    info: { type: 'array', items: centre, maxItems: partiesMax },
    basis: {
      type: 'object',
      properties: { agreement: name, version: hash, article: { type: 'string', minLength: 1, maxLength: 40 }, format: name },
      required: ['agreement', 'version', 'article', 'format'],
      additionalProperties: false,
    },
    effectiveAt: time,
    filedAt: time,
    replyBy: time,
    exercise: {
      type: 'object',
      properties: { name: { type: 'string', minLength: 1, maxLength: 80 }, scenarioAt: time },
      required: ['name', 'scenarioAt'],
      additionalProperties: false,
    },
    references: { type: 'array', items: reference, maxItems: referencesMax },
    content: { type: 'object', properties: {}, required: [], additionalProperties: true },
    narrative: {
      type: 'object',
      properties: {
        language: { type: 'string', pattern: '^[a-z]{2}(?:-[A-Z][a-z]{3})?$', maxLength: 7 },
        text: { type: 'string', minLength: 1, maxLength: 8000 },
      },
      required: ['language', 'text'],
      additionalProperties: false,
    },
    releasability: { enum: ['parties', 'public'] },
    approved: hash,
    salt: { type: 'string', pattern: '^[0-9a-f]{32}$', maxLength: 32 },
  },
  required: [
    'schema',
    'number',
    'status',
    'class',
    'precedence',
    'originator',
    'action',
    'info',
    'basis',
    'filedAt',
    'references',
    'content',
    'releasability',
    'approved',
    'salt',
  ],
  additionalProperties: false,
} as const;

export type RecordEnvelope = Omit<Static<typeof envelopeSchema>, 'content'> & {
  readonly content: Readonly<Record<string, unknown>>;
};
/** A record before it is filed: what the officers approve by hash. */
export type DraftRecord = Omit<RecordEnvelope, 'number' | 'filedAt' | 'approved'>;
export type Status = RecordEnvelope['status'];
export type RecordClass = RecordEnvelope['class'];
export type Precedence = RecordEnvelope['precedence']['action'];
export type Reference = RecordEnvelope['references'][number];
export const originSchema = origin;
export const centreSchema = centre;
export const hashSchema = hash;
export const timeSchema = time;
