import {
  type InEachLanguage,
  inEachLanguage,
  languages,
  type Measure,
  measureId,
  measureSchema,
  paper,
  slug,
  sourceSchema,
  viewId,
} from '#ledger/measure.ts';
import type { Static } from '#record/schema.ts';

const dated = { type: 'string', pattern: '^[0-9]{4}(?:-[0-9]{2}-[0-9]{2})?$', maxLength: 10 } as const;
const name = { type: 'string', minLength: 1, maxLength: 160 } as const;

const challengeSchema = {
  type: 'object',
  properties: {
    id: { type: 'string', pattern: '^C[1-9][a-z]?$', maxLength: 3 },
    title: inEachLanguage,
    text: inEachLanguage,
    shows: inEachLanguage,
    source: sourceSchema,
  },
  required: ['id', 'title', 'text', 'shows', 'source'],
  additionalProperties: false,
} as const;

const paperSchema = {
  type: 'object',
  properties: {
    id: paper,
    authors: { type: 'array', items: name, minItems: 1, maxItems: 8 },
    title: inEachLanguage,
    publisher: name,
    date: dated,
    edition: { enum: languages },
    overtaken: inEachLanguage,
    sections: {
      type: 'array',
      items: {
        type: 'object',
        properties: { id: slug, name: inEachLanguage },
        required: ['id', 'name'],
        additionalProperties: false,
      },
      minItems: 1,
      maxItems: 20,
    },
  },
  required: ['id', 'authors', 'title', 'publisher', 'date', 'edition', 'overtaken', 'sections'],
  additionalProperties: false,
} as const;

const viewSchema = {
  type: 'object',
  properties: { id: viewId, paper, text: inEachLanguage },
  required: ['id', 'paper', 'text'],
  additionalProperties: false,
} as const;

const noteSchema = {
  type: 'object',
  properties: {
    id: slug,
    paper,
    date: dated,
    effect: { enum: ['met', 'overtaken', 'related'] },
    certainty: { enum: ['read', 'general'] },
    measures: { type: 'array', items: measureId, maxItems: 8 },
    basis: name,
    text: inEachLanguage,
  },
  required: ['id', 'paper', 'date', 'effect', 'certainty', 'measures', 'basis', 'text'],
  additionalProperties: false,
} as const;

const termSchema = {
  type: 'object',
  properties: {
    id: slug,
    en: name,
    zh: name,
    ja: name,
    disputed: { type: 'boolean' },
    forms: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          user: { type: 'string', pattern: '^[A-Z]{2}$' },
          language: { type: 'string', pattern: '^[a-z]{2}$' },
          form: name,
        },
        required: ['user', 'language', 'form'],
        additionalProperties: false,
      },
      maxItems: 24,
    },
    note: inEachLanguage,
    basis: name,
    certainty: { enum: ['read', 'general'] },
  },
  required: ['id', 'en', 'zh', 'ja', 'disputed', 'forms', 'note', 'basis', 'certainty'],
  additionalProperties: false,
} as const;

/**
 * One file of `catalogue/` or `glossary/`: which kind of list it holds is its first field. The types are read off this
 * schema, and `catalogue/catalogue.schema.json` is the same in a file, for editors and for readers without this program.
 */
export const catalogueFileSchema = {
  oneOf: [
    fileOf({
      kind: { const: 'measures' },
      measures: { type: 'array', items: measureSchema, minItems: 1, maxItems: 100 },
    } as const),
    fileOf({
      kind: { const: 'challenges' },
      challenges: { type: 'array', items: challengeSchema, minItems: 1, maxItems: 20 },
    } as const),
    fileOf({
      kind: { const: 'sources' },
      reading: inEachLanguage,
      papers: { type: 'array', items: paperSchema, minItems: 1, maxItems: 8 },
      views: { type: 'array', items: viewSchema, maxItems: 20 },
      notes: { type: 'array', items: noteSchema, maxItems: 100 },
    } as const),
    fileOf({ kind: { const: 'terms' }, terms: { type: 'array', items: termSchema, minItems: 1, maxItems: 500 } } as const),
  ],
} as const;

type Challenge = Static<typeof challengeSchema>;
export type Paper = Static<typeof paperSchema>;
type AuthorView = Static<typeof viewSchema>;
export type DatedNote = Static<typeof noteSchema>;
export type Term = Static<typeof termSchema>;
export type CatalogueFile = Static<typeof catalogueFileSchema>;

/** All files together, found free of problems by `parseCatalogue`. */
export interface Catalogue {
  readonly measures: readonly Measure[];
  readonly challenges: readonly Challenge[];
  readonly reading: InEachLanguage;
  readonly papers: readonly Paper[];
  readonly views: readonly AuthorView[];
  readonly notes: readonly DatedNote[];
  readonly terms: readonly Term[];
}

function fileOf<const P extends Readonly<Record<string, unknown>>>(properties: P) {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties) as (keyof P)[],
    additionalProperties: false,
  } as const;
}
