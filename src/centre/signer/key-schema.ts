import type { Static } from '#record/schema.ts';

const seed = { type: 'string', minLength: 44, maxLength: 44 } as const;
const pair = {
  type: 'object',
  properties: { ed25519: seed, mldsa44: seed },
  required: ['ed25519', 'mldsa44'],
  additionalProperties: false,
} as const;

/** What is sealed for a centre: for each own log its pair and its witness's pair, and the key of the link (PKCS#8), in base64. */
export const centreSecretSchema = {
  type: 'object',
  properties: {
    kind: { const: 'anshin-centre-keys/1' },
    logs: {
      type: 'array',
      maxItems: 64,
      items: {
        type: 'object',
        properties: { origin: { type: 'string', minLength: 1, maxLength: 160 }, log: pair, witness: pair },
        required: ['origin', 'log', 'witness'],
        additionalProperties: false,
      },
    },
    link: { type: 'string', minLength: 1, maxLength: 1_000 },
  },
  required: ['kind', 'logs', 'link'],
  additionalProperties: false,
} as const;

/** What is sealed apart, and kept apart: the pair that signs key lists and nothing else. */
export const offlineSecretSchema = {
  type: 'object',
  properties: { kind: { const: 'anshin-offline-keys/1' }, offline: pair },
  required: ['kind', 'offline'],
  additionalProperties: false,
} as const;

export type CentreSecret = Static<typeof centreSecretSchema>;
export type OfflineSecret = Static<typeof offlineSecretSchema>;
export type PairSecret = Static<typeof pair>;
