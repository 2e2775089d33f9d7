import { isPositionShape, memberOf } from '#agreement/content.ts';
import type { Language } from '#agreement/instrument-schema.ts';
import { formatPosition, type Position } from '#agreement/position.ts';
import { type CoreTexts, coreTexts } from '#agreement/text/core-texts.ts';
import { fillText, type Texts, textOf } from '#agreement/texts.ts';

/** The ways of showing a value that a layout and a template may name (`spec/agreement.md` 9). Those in `named` take a name. */
export const plainShows = [
  'text',
  'integer',
  'time',
  'date',
  'km',
  'metres',
  'degrees',
  'truth',
  'position',
  'outline',
  'names',
  'party',
  'parties',
] as const;
export const namedShows = ['code', 'codes', 'one', 'each'] as const;

export interface Showing {
  readonly texts: Texts;
  readonly core: CoreTexts;
  readonly language: Language;
}

export function showingOf(texts: Texts, language: Language): Showing {
  return { texts, core: coreTexts[language], language };
}

/** Shows one value of a content in words; a value of another shape than its way expects shows as `⟨?⟩`, never as nothing. */
export function show(value: unknown, as: string, showing: Showing): string {
  const [way, name] = as.split('.', 2);
  if (way === 'each')
    return listOf(value)
      .map((item) => fillTemplate(item, name ?? '', showing))
      .join(showing.core.punctuation.semicolon);
  if (way === 'one') return fillTemplate(value, name ?? '', showing);
  if (way === 'code') return codeText(value, name ?? '', showing);
  if (way === 'codes')
    return listOf(value)
      .map((item) => codeText(item, name ?? '', showing))
      .join(showing.core.punctuation.comma);
  return showPlain(value, as, showing);
}

/** Time on paper: UTC with its Z, to the minute, and to the second or finer only where there is one. */
export function timeText(time: string): string {
  return time.replace('T', ' ').replace(/(:00)?\.000Z$/, 'Z');
}

/** The name of a party in the language, or its code. */
export function partyText(party: string, { texts, core }: Showing): string {
  return texts.get(`party.${party}`) ?? core.party[party] ?? party;
}

/** The id of the template for a value: the name, and the value's `kind` where it has one. */
export function templateId(name: string, kind: string | undefined): string {
  return kind === undefined ? `template.${name}` : `template.${name}.${kind}`;
}

const place = /\{([A-Za-z0-9]+)(?::([a-z-]+(?:\.[A-Za-z-]+)?))?\}/g;

/** Every place `{field:way}` of a template, for the check of an instrument. */
export function placesOf(template: string): readonly { readonly field: string; readonly as: string }[] {
  return [...template.matchAll(place)].map(([, field, as]) => ({ field: field ?? '', as: as ?? 'text' }));
}

function showPlain(value: unknown, as: string, showing: Showing): string {
  const { core } = showing;
  switch (as) {
    case 'text':
      return typeof value === 'string' ? value : unknownShape;
    case 'integer':
      return typeof value === 'number' ? String(value) : unknownShape;
    case 'time':
      return typeof value === 'string' ? timeText(value) : unknownShape;
    case 'date':
      return typeof value === 'string' ? fillText(core.date, { date: value }) : unknownShape;
    case 'km':
      return typeof value === 'number' ? fillText(core.unit.km, { value: grouped(value) }) : unknownShape;
    case 'metres':
      if (typeof value === 'number' && value % 1000 === 0) return showPlain(value / 1000, 'km', showing);
      return typeof value === 'number' ? fillText(core.unit.metres, { value: grouped(value) }) : unknownShape;
    case 'degrees':
      return typeof value === 'number' ? fillText(core.unit.degrees, { value: tenthsText(value) }) : unknownShape;
    case 'truth':
      return typeof value === 'boolean' ? core.truth[value ? 'true' : 'false'] : unknownShape;
    case 'position':
      return isPositionShape(value) ? positionText(value) : unknownShape;
    case 'outline':
      return listOf(value)
        .map((item) => showPlain(item, 'position', showing))
        .join(' – ');
    case 'names':
      return nameIn(value, showing);
    case 'party':
      return typeof value === 'string' ? partyText(value, showing) : unknownShape;
    case 'parties':
      return listOf(value)
        .map((item) => showPlain(item, 'party', showing))
        .join(core.punctuation.comma);
    default:
      return unknownShape;
  }
}

const unknownShape = '⟨?⟩';

/** Fills a template; a part in double brackets is left out when a field that it needs is absent. */
function fillTemplate(value: unknown, name: string, showing: Showing): string {
  const kind = memberOf(value, 'kind');
  const template = textOf(showing.texts, templateId(name, typeof kind === 'string' ? kind : undefined));
  const withParts = template.replaceAll(/\[\[(.*?)\]\]/g, (_whole, part: string) =>
    placesOf(part).every(({ field }) => memberOf(value, field) !== undefined) ? part : '',
  );
  return withParts.replaceAll(place, (_whole, field: string, as: string | undefined) =>
    show(memberOf(value, field), as ?? 'text', showing),
  );
}

function codeText(value: unknown, group: string, { texts }: Showing): string {
  return typeof value === 'string' ? textOf(texts, `code.${group}.${value}`) : unknownShape;
}

/** A name in the reader's language, else in the first language that it is given in, which is then named. */
function nameIn(value: unknown, { language }: Showing): string {
  const own = memberOf(value, language);
  if (typeof own === 'string') return own;
  const other = ['en', 'zh', 'ja'].find((each) => typeof memberOf(value, each) === 'string');
  return other === undefined ? unknownShape : `${String(memberOf(value, other))} (${other})`;
}

/** Degrees, minutes and seconds with their signs, where whole seconds say the position exactly; decimal degrees where not. */
function positionText(position: Position): string {
  return formatPosition(position)
    .replaceAll(/(\d{2,3})(\d{2})(\d{2})([NSEW])/g, '$1°$2′$3″$4')
    .replaceAll(/(\.\d+)([NSEW])/g, '$1°$2');
}

/** Thousands apart by a thin gap that no language reads as a decimal point. */
function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, '\u202f');
}

function tenthsText(tenths: number): string {
  return `${Math.floor(tenths / 10)}.${tenths % 10}`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
