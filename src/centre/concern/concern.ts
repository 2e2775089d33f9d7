import type { Language } from '#agreement/instrument-schema.ts';
import { durationText } from '#agreement/margin-text.ts';
import { coreTexts } from '#agreement/text/core-texts.ts';
import { fillText } from '#agreement/texts.ts';
import { type TimeMs, textOfTime } from '#base/time.ts';
import { type ConcernKind, type ConcernWords, concernWords } from '#centre/concern/concern-words.ts';
import type { Lane } from '#exchange/delivery.ts';

/** Something that a person on watch has to know, with the values that its words name; each is put into words of its language. */
export interface Concern {
  readonly kind: ConcernKind;
  readonly peer: string;
  /** The lanes that it is about. */
  readonly paths?: readonly Lane[];
  readonly times?: Readonly<Record<string, TimeMs | null>>;
  /** Ours less theirs is minus. */
  readonly offsetMs?: number;
  readonly values?: Readonly<Record<string, string | number>>;
  /** Values that are words themselves. */
  readonly worded?: Readonly<Record<Language, Readonly<Record<string, string>>>>;
}

/** In the place of a time at which nothing came. */
const neverWords: Readonly<Record<Language, string>> = {
  en: 'none since this centre was started',
  zh: '本中心启动以来尚无',
  ja: 'このセンターの起動以来なし',
};

/** A concern in words: what happened, what is proved, what is not, what to do next. Neutral: it lays no blame that is not shown. */
export function concernText(concern: Concern, language: Language): ConcernWords {
  const words = concernWords[language][concern.kind];
  const values = valuesOf(concern, language);
  const [what, proved] = [fillText(words.what, values), fillText(words.proved, values)];
  return { what, proved, notProved: fillText(words.notProved, values), next: fillText(words.next, values) };
}

function valuesOf(
  { peer, paths, times = {}, offsetMs, values = {}, worded }: Concern,
  language: Language,
): Record<string, string> {
  const core = coreTexts[language];
  const stated = Object.entries(times).map(
    ([name, timeMs]) => [name, timeMs === null ? neverWords[language] : textOfTime(timeMs)] as const,
  );
  return {
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])),
    ...Object.fromEntries(stated),
    ...worded?.[language],
    peer: core.party[peer] ?? peer,
    ...(paths === undefined ? {} : { paths: paths.map((path) => core.code[path] ?? path).join(core.punctuation.comma) }),
    ...(offsetMs === undefined ? {} : { offset: signedText(offsetMs, language) }),
  };
}

function signedText(offsetMs: number, language: Language): string {
  return `${offsetMs < 0 ? '−' : '+'}${durationText(Math.abs(offsetMs), language)}`;
}
