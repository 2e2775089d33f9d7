import type { Language } from '#agreement/instrument-schema.ts';
import type { MarginState, Reading } from '#agreement/margin-state.ts';
import { en } from '#agreement/text/en.ts';
import { ja } from '#agreement/text/ja.ts';
import { zh } from '#agreement/text/zh.ts';
import type { CoreFormat } from '#record/core-formats.ts';
import type { Precedence, RecordEnvelope, Reference, Status } from '#record/envelope-schema.ts';

/**
 * The texts that belong to no agreement: the envelope, the protocol's own formats, times and states. One file for each language;
 * the type makes a language with a gap a compile error.
 */
export interface CoreTexts {
  /** First and last line of a rendering; empty for actual traffic. */
  readonly banner: Readonly<Record<Status, string>>;
  readonly status: Readonly<Record<Status, string>>;
  readonly invented: string;
  readonly inventedMark: string;
  readonly inventedTime: string;
  readonly punctuation: Readonly<Record<'colon' | 'semicolon' | 'comma', string>>;
  readonly label: Readonly<Record<EnvelopeLabel, string>>;
  readonly notNumbered: string;
  readonly notFiled: string;
  readonly precedence: Readonly<Record<Precedence, string>>;
  readonly relation: Readonly<Record<Reference['relation'], string>>;
  readonly releasability: Readonly<Record<RecordEnvelope['releasability'], string>>;
  readonly role: Readonly<Record<RecordEnvelope['originator']['role'], string>>;
  readonly reference: string;
  readonly originator: string;
  readonly instrument: string;
  readonly basis: string;
  readonly truth: Readonly<Record<'true' | 'false', string>>;
  readonly unit: Readonly<Record<'km' | 'metres' | 'degrees', string>>;
  readonly date: string;
  readonly duration: Readonly<Record<'hours' | 'minutes' | 'hoursMinutes', string>>;
  readonly marginState: Readonly<Record<MarginState, string>>;
  readonly reading: Readonly<Record<Reading['by'], string>>;
  /** Titles of the protocol's own formats. */
  readonly format: Readonly<Record<CoreFormat, string>>;
  /** Labels of their fields; what is not here is shown under its own name. */
  readonly field: Readonly<Record<string, string>>;
  /** Words for their coded values; what is not here is shown as it stands. */
  readonly code: Readonly<Record<string, string>>;
  /** Each party's own form of its name in this language; a party that is not here is shown by its code. */
  readonly party: Readonly<Record<string, string>>;
}

export type EnvelopeLabel =
  | 'number'
  | 'precedence'
  | 'from'
  | 'to'
  | 'info'
  | 'filed'
  | 'exercise'
  | 'scenario'
  | 'effective'
  | 'replyBy'
  | 'basis'
  | 'version'
  | 'reference'
  | 'narrative'
  | 'releasability';

export const coreTexts: Readonly<Record<Language, CoreTexts>> = { en, zh, ja };
