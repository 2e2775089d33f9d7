import type { Static } from '#record/schema.ts';

const instrumentVersion = 'anshin.instrument/1';

const id = { type: 'string', pattern: '^[a-z][a-z0-9-]{0,47}$', maxLength: 48 } as const;
/** A name that expressions may use. */
const name = { type: 'string', pattern: '^[a-z][A-Za-z0-9]{0,39}$', maxLength: 40 } as const;
const code = { type: 'string', pattern: '^[A-Z][A-Z0-9-]{1,23}$', maxLength: 24 } as const;
const sentence = { type: 'string', minLength: 1, maxLength: 1000 } as const;
const expression = { type: 'string', minLength: 1, maxLength: 2000 } as const;
const duration = { type: 'string', format: 'duration' } as const;
const pointer = { type: 'string', pattern: '^(?:/[A-Za-z0-9]{1,40}){1,6}$', maxLength: 120 } as const;
const file = { type: 'string', pattern: '^[a-z0-9-]{1,40}/[A-Za-z0-9-]{1,40}\\.json$', maxLength: 90 } as const;
const language = { enum: ['en', 'zh', 'ja'] } as const;
const act = { enum: ['receipt', 'dispatch', 'acknowledgement'] } as const;
const precedence = { enum: ['Z', 'O', 'P', 'R'] } as const;
const centre = { type: 'string', pattern: '^[A-Z]{2,8}$', maxLength: 8 } as const;
const tenths = { type: 'integer', minimum: 0, maximum: 3599 } as const;

/** The facts that a choice of the instrument rests on. */
const facts = { type: 'array', items: id, minItems: 1, maxItems: 8 } as const;

/** Something that the instrument rests on: what it says, where that stands, and how sure it is. */
const fact = {
  type: 'object',
  properties: {
    id,
    states: sentence,
    source: sentence,
    certainty: { enum: ['treaty-or-report', 'general-knowledge', 'proposal'] },
  },
  required: ['id', 'states', 'source', 'certainty'],
  additionalProperties: false,
} as const;

const parameter = {
  oneOf: [
    {
      type: 'object',
      properties: { type: { const: 'integer' }, id: name, value: { type: 'integer' }, unit: id, facts },
      required: ['type', 'id', 'value', 'unit', 'facts'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { type: { const: 'duration' }, id: name, value: duration, facts },
      required: ['type', 'id', 'value', 'facts'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        type: { const: 'codes' },
        id: name,
        value: { type: 'array', maxItems: 64, items: { type: 'string', maxLength: 40 } },
        facts,
      },
      required: ['type', 'id', 'value', 'facts'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        type: { const: 'sectors' },
        id: name,
        value: {
          type: 'array',
          maxItems: 64,
          items: {
            type: 'object',
            properties: { party: centre, fromTenths: tenths, toTenths: tenths },
            required: ['party', 'fromTenths', 'toTenths'],
            additionalProperties: false,
          },
        },
        facts,
      },
      required: ['type', 'id', 'value', 'facts'],
      additionalProperties: false,
    },
  ],
} as const;

/** A condition on a record of some formats, with the text that says what it asks. */
const rule = {
  type: 'object',
  properties: { id, formats: { type: 'array', items: code, minItems: 1, maxItems: 16 }, when: expression, facts },
  required: ['id', 'formats', 'when', 'facts'],
  additionalProperties: false,
} as const;

/** One line of a rendering: a label and what stands behind it. `as` names a way of showing; see `spec/agreement.md` 9. */
const line = {
  type: 'object',
  properties: { label: id, at: pointer, as: { type: 'string', pattern: '^[a-z-]{1,20}(?:\\.[a-zA-Z-]{1,30})?$', maxLength: 52 } },
  required: ['label', 'at', 'as'],
  additionalProperties: false,
} as const;

const format = {
  type: 'object',
  properties: {
    code,
    class: { enum: ['notification', 'update', 'postpone', 'cancel', 'event-report'] },
    schema: file,
    article: { type: 'string', minLength: 1, maxLength: 40 },
    /** The relation under which a record of this format refers to its matter; none for the format that opens one. */
    relation: { enum: ['opens', 'updates', 'postpones', 'cancels', 'reports'] },
    precedence: {
      type: 'array',
      minItems: 1,
      maxItems: 8,
      items: {
        type: 'object',
        properties: { when: expression, action: precedence },
        required: ['when', 'action'],
        additionalProperties: false,
      },
    },
    preAuthorised: { type: 'boolean' },
    layout: { type: 'array', items: line, maxItems: 40 },
    facts,
  },
  required: ['code', 'class', 'schema', 'article', 'relation', 'precedence', 'preAuthorised', 'layout', 'facts'],
  additionalProperties: false,
} as const;

const window = {
  oneOf: [
    {
      type: 'object',
      properties: { kind: { const: 'explicit' }, opens: pointer, closes: pointer, facts },
      required: ['kind', 'opens', 'closes', 'facts'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { kind: { const: 'date' }, date: pointer, validity: duration, facts },
      required: ['kind', 'date', 'validity', 'facts'],
      additionalProperties: false,
    },
  ],
} as const;

const deadline = {
  oneOf: [
    {
      type: 'object',
      properties: {
        kind: { const: 'before-window' },
        id,
        when: expression,
        minimum: duration,
        amber: duration,
        target: duration,
        counts: act,
        aspects: {
          type: 'array',
          minItems: 1,
          maxItems: 16,
          items: {
            type: 'object',
            properties: { id, at: pointer, compare: { enum: ['window', 'areas', 'value'] } },
            required: ['id', 'at', 'compare'],
            additionalProperties: false,
          },
        },
        facts,
      },
      required: ['kind', 'id', 'when', 'minimum', 'amber', 'target', 'counts', 'aspects', 'facts'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        kind: { const: 'after-event' },
        id,
        when: expression,
        format: code,
        event: pointer,
        within: duration,
        amber: duration,
        counts: act,
        facts,
      },
      required: ['kind', 'id', 'when', 'format', 'event', 'within', 'amber', 'counts', 'facts'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        kind: { const: 'after-window' },
        id,
        when: expression,
        satisfiedBy: { type: 'array', items: code, minItems: 1, maxItems: 16 },
        within: duration,
        amber: duration,
        counts: act,
        facts,
      },
      required: ['kind', 'id', 'when', 'satisfiedBy', 'within', 'amber', 'counts', 'facts'],
      additionalProperties: false,
    },
  ],
} as const;

const transition = {
  oneOf: [
    {
      type: 'object',
      properties: { outcome: { const: 'moves' }, from: id, on: code, to: id },
      required: ['outcome', 'from', 'on', 'to'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { outcome: { const: 'refused' }, from: id, on: code, because: id },
      required: ['outcome', 'from', 'on', 'because'],
      additionalProperties: false,
    },
  ],
} as const;

const lifeCycle = {
  type: 'object',
  properties: {
    initial: id,
    states: { type: 'array', items: id, minItems: 1, maxItems: 16 },
    /** States in which a report of the outcome is still awaited. */
    awaiting: { type: 'array', items: id, maxItems: 16 },
    transitions: { type: 'array', items: transition, minItems: 1, maxItems: 256 },
    facts,
  },
  required: ['initial', 'states', 'awaiting', 'transitions', 'facts'],
  additionalProperties: false,
} as const;

/** What a computed number in the content is checked against (`spec/agreement.md` 7). */
const geometry = {
  type: 'object',
  properties: {
    areas: { type: 'array', items: pointer, maxItems: 8 },
    launchPoint: pointer,
    aimArea: pointer,
    rangeKm: pointer,
    azimuth: pointer,
  },
  required: ['areas'],
  additionalProperties: false,
} as const;

/** The schema of `instrument.json`: what a lawyer reads, and what both centres run (`spec/agreement.md` 1). */
export const instrumentSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Instrument',
  type: 'object',
  properties: {
    schema: { const: instrumentVersion },
    shortName: code,
    profile: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,39}$', maxLength: 40 },
    languages: { type: 'array', items: language, minItems: 1, maxItems: 3 },
    facts: { type: 'array', items: fact, minItems: 1, maxItems: 64 },
    parameters: { type: 'array', items: parameter, maxItems: 32 },
    provision: {
      type: 'object',
      properties: { counts: act, tolerance: duration, facts },
      required: ['counts', 'tolerance', 'facts'],
      additionalProperties: false,
    },
    precedenceGrace: duration,
    formats: { type: 'array', items: format, minItems: 1, maxItems: 16 },
    window,
    scope: { type: 'array', items: rule, minItems: 1, maxItems: 16 },
    rules: { type: 'array', items: rule, maxItems: 32 },
    geometry,
    deadlines: { type: 'array', items: deadline, maxItems: 16 },
    lifeCycle,
  },
  required: [
    'schema',
    'shortName',
    'profile',
    'languages',
    'facts',
    'parameters',
    'provision',
    'precedenceGrace',
    'formats',
    'window',
    'scope',
    'rules',
    'geometry',
    'deadlines',
    'lifeCycle',
  ],
  additionalProperties: false,
} as const;

export type InstrumentText = Static<typeof instrumentSchema>;
export type Fact = InstrumentText['facts'][number];
export type Parameter = InstrumentText['parameters'][number];
export type RuleText = InstrumentText['rules'][number];
export type FormatText = InstrumentText['formats'][number];
export type LayoutLine = FormatText['layout'][number];
export type Deadline = InstrumentText['deadlines'][number];
export type BeforeWindow = Extract<Deadline, { readonly kind: 'before-window' }>;
export type AfterEvent = Extract<Deadline, { readonly kind: 'after-event' }>;
export type AfterWindow = Extract<Deadline, { readonly kind: 'after-window' }>;
export type Aspect = BeforeWindow['aspects'][number];
export type LifeCycle = InstrumentText['lifeCycle'];
export type CountedAct = InstrumentText['provision']['counts'];
export type Language = InstrumentText['languages'][number];
