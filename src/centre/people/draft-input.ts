import { partiesMax, referencesMax } from '#base/limits.ts';
import { envelopeSchema, originSchema } from '#record/envelope-schema.ts';
import type { Static } from '#record/schema.ts';

const { effectiveAt, replyBy, narrative, releasability, action, info, precedence } = envelopeSchema.properties;

/** A record that the draft refers to: by the log's name here or its origin, and its index; the machine adds the id. */
const reference = {
  type: 'object',
  properties: {
    relation: envelopeSchema.properties.references.items.properties.relation,
    log: { type: 'string', minLength: 1, maxLength: originSchema.maxLength },
    index: { type: 'integer', minimum: 0 },
  },
  required: ['relation', 'log', 'index'],
  additionalProperties: false,
} as const;

/** What an officer gives for a draft (`spec/officers.md` 4); the rest of the record follows from the agreement and the centre. */
export const draftInputSchema = {
  type: 'object',
  properties: {
    /** The agreement's short name, or the hash of its version. */
    agreement: { type: 'string', minLength: 2, maxLength: 64 },
    format: envelopeSchema.properties.basis.properties.format,
    content: { type: 'object', properties: {}, required: [], additionalProperties: true },
    narrative,
    references: { type: 'array', items: reference, maxItems: referencesMax },
    effectiveAt,
    replyBy,
    /** Without it, the least that the agreement asks. */
    precedence: precedence.properties.action,
    /** Without it, `parties`. */
    releasability,
    /** Without it, the other side. */
    action: { ...action, maxItems: partiesMax },
    info,
  },
  required: ['agreement', 'format', 'content'],
  additionalProperties: false,
} as const;

export type DraftInput = Omit<Static<typeof draftInputSchema>, 'content'> & {
  readonly content: Readonly<Record<string, unknown>>;
};
