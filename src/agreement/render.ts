import { fieldOf, inventedOf, inventedTime, valueAt } from '#agreement/content.ts';
import type { Instrument } from '#agreement/instrument.ts';
import type { Language, LayoutLine } from '#agreement/instrument-schema.ts';
import { partyText, type Showing, show, showingOf, timeText } from '#agreement/template.ts';
import { coreTexts, type EnvelopeLabel } from '#agreement/text/core-texts.ts';
import { fillText, textOf } from '#agreement/texts.ts';
import { isCoreFormat } from '#record/core-formats.ts';
import type { DraftRecord, RecordEnvelope } from '#record/envelope-schema.ts';

/** A record, or a draft that has no number and filing time yet. */
export type Renderable = DraftRecord & Partial<Pick<RecordEnvelope, 'number' | 'filedAt'>>;

/**
 * A record in words, in the asked language, from its coded fields and the instrument's texts alone. Lines end in line feeds. An
 * exercise begins and ends with its banner; what is invented is named at the top and marked on its line. Free text is shown in its
 * own language, never translated.
 */
export function renderRecord(asked: {
  readonly record: Renderable;
  readonly instrument: Instrument;
  readonly language: Language;
}): string {
  const { record, instrument, language } = asked;
  const showing = showingOf(instrument.texts.get(language) ?? new Map<string, string>(), language);
  const format = instrument.formats.get(record.basis.format);
  const named = { title: textOf(showing.texts, 'title'), profile: textOf(showing.texts, 'profile') };
  const title = [textOf(showing.texts, `format.${record.basis.format}`), fillText(showing.core.instrument, named)];
  const body = (format?.layout ?? []).flatMap((line) => layoutLines(record, line, showing));
  return framed(record, { title, body, showing });
}

/** The same for the protocol's own formats, which belong to no agreement. */
export function renderCore(record: Renderable, language: Language): string {
  const showing = showingOf(new Map(), language);
  const { core } = showing;
  const { format } = record.basis;
  const title = [isCoreFormat(format) ? core.format[format] : format];
  const body = Object.entries(record.content).map(([key, value]) =>
    labelled(core.field[key] ?? key, coreValue(value, showing), showing),
  );
  return framed(record, { title, body, showing });
}

interface Parts {
  readonly title: readonly string[];
  readonly body: readonly string[];
  readonly showing: Showing;
}

function framed(record: Renderable, { title, body, showing }: Parts): string {
  const banner = showing.core.banner[record.status];
  const edge = banner === '' ? [] : [banner];
  const narrative = narrativeLines(record, showing);
  const blocks = [[...edge, ...inventedLines(record, showing)], title, headLines(record, showing), body, narrative, edge];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headLines(record: Renderable, showing: Showing): readonly string[] {
  const { core } = showing;
  const parties = (all: readonly string[]): string => all.map((party) => partyText(party, showing)).join(core.punctuation.comma);
  const optional = (name: EnvelopeLabel, value: string | undefined): readonly (readonly [EnvelopeLabel, string])[] =>
    value === undefined ? [] : [[name, value]];
  const { basis, precedence, originator } = record;
  const lines: readonly (readonly [EnvelopeLabel, string])[] = [
    ['number', record.number ?? core.notNumbered],
    ['precedence', core.precedence[precedence.action]],
    ['from', fillText(core.originator, { party: partyText(originator.centre, showing), role: core.role[originator.role] })],
    ...(record.action.length === 0 ? [] : optional('to', parties(record.action))),
    ...(record.info.length === 0 ? [] : optional('info', parties(record.info))),
    ['filed', record.filedAt === undefined ? core.notFiled : timeText(record.filedAt)],
    ...optional('exercise', record.exercise?.name),
    ...optional('scenario', record.exercise === undefined ? undefined : timeText(record.exercise.scenarioAt)),
    ...optional('effective', record.effectiveAt === undefined ? undefined : timeText(record.effectiveAt)),
    ...optional('replyBy', record.replyBy === undefined ? undefined : timeText(record.replyBy)),
    ['basis', fillText(core.basis, { agreement: basis.agreement, article: basis.article })],
    ['version', hashText(basis.version)],
    ...record.references.map((reference): readonly [EnvelopeLabel, string] => {
      const { relation, log, index, id } = reference;
      return [
        'reference',
        fillText(core.reference, { relation: core.relation[relation], log, index: String(index), id: hashText(id) }),
      ];
    }),
    ['releasability', core.releasability[record.releasability]],
  ];
  return lines.map(([name, value]) => labelled(core.label[name], value, showing));
}

/** One line, or a numbered list under its label; a field that the record does not have has no line. */
function layoutLines(record: Renderable, { label, at, as }: LayoutLine, showing: Showing): readonly string[] {
  const value = valueAt(record.content, at);
  if (value === undefined) return [];
  const mark = inventedOf(record.content).includes(fieldOf(at)) ? showing.core.inventedMark : '';
  const name = `${textOf(showing.texts, `label.${label}`)}${mark}`;
  if (!as.startsWith('each.') || !Array.isArray(value)) return [labelled(name, show(value, as, showing), showing)];
  if (value.length === 0) return [];
  const items = value.map((item: unknown, position) => `  ${position + 1}. ${show([item], as, showing)}`);
  return [labelled(name, '', showing).trimEnd(), ...items];
}

function inventedLines(record: Renderable, { texts, core }: Showing): readonly string[] {
  const fields = inventedOf(record.content).map((name) =>
    name === inventedTime ? core.inventedTime : textOf(texts, `code.field.${name}`),
  );
  return fields.length === 0 ? [] : [fillText(core.invented, { fields: fields.join(core.punctuation.comma) })];
}

function narrativeLines({ narrative }: Renderable, showing: Showing): readonly string[] {
  if (narrative === undefined) return [];
  const label = fillText(showing.core.label.narrative, { language: narrative.language });
  return [labelled(label, '', showing).trimEnd(), narrative.text];
}

function coreValue(value: unknown, showing: Showing): string {
  if (Array.isArray(value)) return value.map((item) => coreValue(item, showing)).join(showing.core.punctuation.semicolon);
  if (typeof value === 'object' && value !== null) {
    return Object.values(value)
      .map((each) => coreValue(each, showing))
      .join(' ');
  }
  if (typeof value !== 'string') return String(value);
  if (/^\d{4}-\d{2}-\d{2}T.*Z$/.test(value)) return timeText(value);
  if (/^[0-9a-f]{64}$/.test(value)) return hashText(value);
  return showing.core.code[value] ?? value;
}

/** The first 16 digits of a hash, in fours, for the eye; the record itself carries it whole. */
function hashText(hash: string): string {
  return `${hash.slice(0, 16).replaceAll(/(.{4})(?=.)/g, '$1 ')}…`;
}

function labelled(label: string, value: string, { core }: Showing): string {
  return `${label}${core.punctuation.colon}${value}`;
}

/** The languages that every instrument may be rendered in. */
export const languages: readonly Language[] = Object.keys(coreTexts) as Language[];
