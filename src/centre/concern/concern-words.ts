import type { Language } from '#agreement/instrument-schema.ts';
import { en } from '#centre/concern/concern-words-en.ts';
import { ja } from '#centre/concern/concern-words-ja.ts';
import { zh } from '#centre/concern/concern-words-zh.ts';

/** Kinds of concern, the gravest first: that is the order in which they are shown. */
export const concernKinds = [
  'store-behind',
  'two-histories',
  'accused',
  'flash-apart',
  'receipt-withheld',
  'deadline-disputed',
  'own-clock',
  'cosignature-withheld',
  'holds-less',
  'path-unproved',
  'path-silent',
  'clocks-apart',
  'deferred-by-them',
  'deferred-by-us',
  'flash-without-alarm',
  'store-unconfirmed',
  'alarm',
] as const;

export type ConcernKind = (typeof concernKinds)[number];

/** Four sentences or more, with places for values: `{peer}`. */
export interface ConcernWords {
  readonly what: string;
  readonly proved: string;
  readonly notProved: string;
  readonly next: string;
}

/** One file for each language; the type makes a language with a gap a compile error. */
export const concernWords: Readonly<Record<Language, Readonly<Record<ConcernKind, ConcernWords>>>> = { en, zh, ja };
