import { partiesMax } from '#base/limits.ts';
import type { Static } from '#record/schema.ts';

const count = { type: 'integer', minimum: 0 } as const;
const ed25519 = { type: 'string', minLength: 44, maxLength: 44 } as const;
const mldsa44 = { type: 'string', minLength: 1752, maxLength: 1752 } as const;
const originText = { type: 'string', maxLength: 160 } as const;

/** Why a log goes on under a new name and new keys. */
export const successionReasons = [
  'lost-anchor',
  'lost-key',
  'lost-store',
  'new-pairing',
  'planned',
  'retired-suite',
  'stolen-key',
] as const;
export type SuccessionReason = (typeof successionReasons)[number];

/** The content of a key list (`spec/keys.md` 2). Public keys are raw bytes in base64. */
export const keyListSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Key list',
  type: 'object',
  properties: {
    centre: { type: 'string', pattern: '^[A-Z]{2,8}$', maxLength: 8 },
    circle: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]*$', maxLength: 40 },
    status: { enum: ['actual', 'exercise', 'test'] },
    origin: originText,
    serial: { type: 'integer', minimum: 1 },
    issuedAt: { type: 'string', format: 'time' },
    offline: { type: 'object', properties: { ed25519, mldsa44 }, required: ['ed25519', 'mldsa44'], additionalProperties: false },
    log: {
      type: 'array',
      minItems: 1,
      maxItems: 16,
      items: {
        type: 'object',
        properties: { ed25519, mldsa44, fromSize: count, toSize: count },
        required: ['ed25519', 'mldsa44', 'fromSize'],
        additionalProperties: false,
      },
    },
    witness: {
      type: 'array',
      minItems: 1,
      maxItems: 16,
      items: {
        type: 'object',
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 200 },
          ed25519,
          mldsa44,
          until: {
            type: 'array',
            maxItems: partiesMax,
            items: {
              type: 'object',
              properties: { origin: originText, size: count },
              required: ['origin', 'size'],
              additionalProperties: false,
            },
          },
        },
        required: ['name', 'ed25519', 'mldsa44'],
        additionalProperties: false,
      },
    },
    link: {
      type: 'array',
      maxItems: 16,
      items: {
        type: 'object',
        properties: { spkiSha256: { type: 'string', pattern: '^[0-9a-f]{64}$', maxLength: 64 } },
        required: ['spkiSha256'],
        additionalProperties: false,
      },
    },
    retired: { type: 'array', minItems: 1, maxItems: 1, items: { enum: ['ed25519', 'ml-dsa-44'] } },
    succeeds: {
      type: 'object',
      properties: {
        origin: originText,
        size: count,
        root: { type: 'string', pattern: '^[0-9a-f]{64}$', maxLength: 64 },
        reason: { enum: successionReasons },
      },
      required: ['origin', 'size', 'root', 'reason'],
      additionalProperties: false,
    },
  },
  required: ['centre', 'circle', 'status', 'origin', 'serial', 'issuedAt', 'offline', 'log', 'witness', 'link'],
  additionalProperties: false,
} as const;

export type KeyList = Static<typeof keyListSchema>;
