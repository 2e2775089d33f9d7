import type { Static } from '#record/schema.ts';

/** The three languages of every text here; their order means nothing. */
export const languages = ['en', 'zh', 'ja'] as const;
export type Language = (typeof languages)[number];

export const steps = ['0', '1', '2', '3', '4', 'N'] as const;
export const actors = ['US', 'CN', 'both', 'P5'] as const;
const ways = ['irreversible-commitment', 'strategic-restraint', 'norms-of-competition', 'institutions'] as const;
/** The last two are not of the papers: five of their measures fit no other. */
export const domains = ['nuclear', 'conventional', 'space', 'cyber', 'maritime', 'economy', 'global-challenges'] as const;
export const ownDomains: readonly (typeof domains)[number][] = ['economy', 'global-challenges'];
export const hotspots = ['taiwan', 'korean-peninsula', 'south-china-sea', 'east-china-sea'] as const;

export const measureId = {
  type: 'string',
  pattern: '^[AB][0-9A-Za-z.]{1,11}$',
  maxLength: 12,
} as const;
export const slug = { type: 'string', pattern: '^[a-z0-9-]+$', minLength: 1, maxLength: 40 } as const;
export const viewId = { type: 'string', pattern: '^[AB][.]view[.][a-z]+$', maxLength: 40 } as const;
export const paper = { enum: ['A', 'B'] } as const;
const sentence = { type: 'string', minLength: 1, maxLength: 500 } as const;

export const inEachLanguage = {
  type: 'object',
  properties: { en: sentence, zh: sentence, ja: sentence },
  required: ['en', 'zh', 'ja'],
  additionalProperties: false,
} as const;
/** Paper and section only: pages differ between the editions. */
export const sourceSchema = {
  type: 'object',
  properties: { paper, section: slug },
  required: ['paper', 'section'],
  additionalProperties: false,
} as const;
const indicatorList = { type: 'array', items: inEachLanguage, minItems: 1, maxItems: 8 } as const;

/** A measure as the catalogue holds it: what is proposed, never how well it is kept. Ambition, cost and feasibility are assessors’ records. */
export const measureSchema = {
  type: 'object',
  properties: {
    id: measureId,
    step: { enum: steps },
    actor: { enum: actors },
    title: inEachLanguage,
    text: inEachLanguage,
    authoritative: { enum: languages },
    way: { enum: ways },
    domains: { type: 'array', items: { enum: domains }, maxItems: 7 },
    hotspots: { type: 'array', items: { enum: hotspots }, maxItems: 4 },
    source: sourceSchema,
    views: { type: 'array', items: viewId, maxItems: 4, description: 'Opinions of an author that bear on the measure.' },
    legalStatus: { enum: ['binding', 'political', 'unilateral', 'customary'] },
    kind: { enum: ['do', 'refrain', 'notify', 'meet', 'declare'] },
    verifiability: { enum: ['public-statement', 'open-observation', 'exchanged-records', 'national-means', 'not-observable'] },
    reversibility: { ...inEachLanguage, description: 'Only where a paper says it.' },
    response: {
      type: 'object',
      description: 'The answer expected of the other side, only where a paper says it.',
      properties: { expected: inEachLanguage, within: { type: 'string', format: 'duration' } },
      required: ['expected'],
      additionalProperties: false,
    },
    linkedFormats: {
      type: 'array',
      description: 'AGREEMENT/FORMAT of the records that bear on the measure; * stands for each.',
      items: { type: 'string', pattern: '^(?:[*]|[A-Z][A-Z0-9-]{1,23})/(?:[*]|[A-Z][A-Z0-9-]{1,23})$', maxLength: 49 },
      maxItems: 16,
    },
    linkedAgreements: {
      type: 'array',
      description: 'Agreements whose adoption bears on the measure.',
      items: { type: 'string', pattern: '^[A-Z][A-Z0-9-]{1,23}$', maxLength: 24 },
      maxItems: 8,
    },
    terms: { type: 'array', items: slug, maxItems: 8 },
    indicators: {
      type: 'object',
      properties: { kept: indicatorList, broken: indicatorList },
      required: ['kept', 'broken'],
      additionalProperties: false,
    },
  },
  required: [
    'id',
    'step',
    'actor',
    'title',
    'text',
    'authoritative',
    'way',
    'domains',
    'hotspots',
    'source',
    'views',
    'legalStatus',
    'kind',
    'verifiability',
    'linkedFormats',
    'linkedAgreements',
    'terms',
    'indicators',
  ],
  additionalProperties: false,
} as const;

export type InEachLanguage = Static<typeof inEachLanguage>;
export type Measure = Static<typeof measureSchema>;
export type Step = Measure['step'];
export type Actor = Measure['actor'];
