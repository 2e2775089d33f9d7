import type { hotspots, Language, Measure, Step } from '#ledger/measure.ts';

/** Every word of the board that is not of the catalogue. `{…}` is filled in by the page. */
export interface BoardText {
  readonly htmlLanguage: string;
  readonly languageName: string;
  readonly exercise: string;
  readonly exerciseBanner: string;
  readonly skip: string;
  readonly language: string;
  readonly theme: { readonly label: string; readonly auto: string; readonly light: string; readonly dark: string };
  readonly title: string;
  readonly subtitle: string;
  readonly lead: string;
  readonly asOf: string;
  readonly about: {
    readonly title: string;
    readonly is: readonly string[];
    readonly isNotTitle: string;
    readonly isNot: readonly string[];
  };
  readonly empty: string;
  /** Before the list of measures that records have moved; and what marks one that only an exercise moved. */
  readonly moved: string;
  readonly movedByExercise: string;
  readonly steps: Readonly<Record<Step, { readonly name: string; readonly gloss: string }>>;
  readonly together: string;
  /** `order` is what the reader's alphabet sorts by: pinyin in Chinese, kana in Japanese. */
  readonly sides: Readonly<Record<'US' | 'CN', { readonly name: string; readonly order: string }>>;
  readonly actors: Readonly<Record<Measure['actor'], string>>;
  readonly centres: Readonly<Record<string, string>>;
  readonly standing: {
    readonly nothing: string;
    readonly onRecord: string;
    readonly oneSide: string;
    readonly eachSide: string;
    readonly adoptedByEach: string;
    readonly exerciseApart: string;
    readonly side: string;
    readonly sideAdopted: string;
    readonly sideNone: string;
  };
  readonly evidence: { readonly title: string; readonly entry: string; readonly scenario: string; readonly more: string };
  readonly card: Readonly<
    Record<
      | 'more'
      | 'kept'
      | 'broken'
      | 'source'
      | 'way'
      | 'legalStatus'
      | 'kind'
      | 'verifiability'
      | 'domains'
      | 'hotspots'
      | 'terms'
      | 'views'
      | 'notes'
      | 'none'
      | 'own'
      | 'translation'
      | 'reversibility'
      | 'response'
      | 'within',
      string
    >
  >;
  readonly ways: Readonly<Record<Measure['way'], string>>;
  readonly legal: Readonly<Record<Measure['legalStatus'], string>>;
  readonly kinds: Readonly<Record<Measure['kind'], string>>;
  readonly checks: Readonly<Record<Measure['verifiability'], string>>;
  readonly domains: Readonly<Record<Measure['domains'][number], string>>;
  readonly hotspots: Readonly<Record<(typeof hotspots)[number], string>>;
  readonly effects: Readonly<Record<'met' | 'overtaken' | 'related', string>>;
  readonly certainty: Readonly<Record<'read' | 'general', string>>;
  readonly filter: Readonly<Record<'title' | 'step' | 'domain' | 'hotspot' | 'actor' | 'all' | 'shown' | 'none', string>>;
  readonly challenges: { readonly title: string; readonly lead: string; readonly shows: string };
  readonly glossary: { readonly title: string; readonly lead: string; readonly disputed: string; readonly open: string };
  readonly sources: {
    readonly title: string;
    readonly paper: string;
    readonly edition: string;
    readonly views: string;
    readonly notes: string;
  };
  readonly restsOn: {
    readonly title: string;
    readonly lead: string;
    readonly none: string;
    readonly log: string;
    readonly size: string;
    readonly urgent: string;
  };
  readonly editions: Readonly<Record<Language, string>>;
}

/** Fills the `{…}` of a text. */
export function filledText(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}
