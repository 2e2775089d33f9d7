import { textProblems } from '#agreement/check-texts.ts';
import { type Compiled, compile } from '#agreement/compile.ts';
import { schemaAt } from '#agreement/content.ts';
import { type InstrumentFiles, type InstrumentParts, type Problem, readFiles, textsFile } from '#agreement/instrument-files.ts';
import type { FormatText, InstrumentText } from '#agreement/instrument-schema.ts';
import { agreementListMax } from '#base/limits.ts';
import type { Schema } from '#record/schema.ts';

/** Every problem of an instrument's folder, for `anshin agreement check`; empty when it can be adopted. */
export function checkInstrument(files: InstrumentFiles): readonly Problem[] {
  const { parts, problems } = readFiles(files);
  if (parts === undefined) return problems;
  const { compiled, problems: compiling } = compile(parts);
  return [...problems, ...compiling, ...problemsOf(parts, compiled)];
}

/** What is wrong between the parts of an instrument that are each well formed. */
export function problemsOf(parts: InstrumentParts, compiled: Compiled): readonly Problem[] {
  const { text } = parts;
  const reasons = [
    ...duplicates(text),
    ...factReasons(text),
    ...formatReasons(text),
    ...pointerReasons(parts),
    ...deadlineReasons(text),
    ...[...compiled.formats.values()].flatMap(({ code, schema }) => listReasons(code, schema)),
  ];
  const missing = text.languages.flatMap((language) => {
    const texts = parts.texts.get(language);
    return texts === undefined
      ? []
      : textProblems(parts, texts).map((reason): Problem => ({ file: textsFile(language), reason }));
  });
  return [...reasons.map((reason): Problem => ({ file: 'instrument.json', reason })), ...missing];
}

function duplicates(text: InstrumentText): readonly string[] {
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ['language', text.languages],
    ['fact', text.facts.map(({ id }) => id)],
    ['parameter', text.parameters.map(({ id }) => id)],
    ['format', text.formats.map(({ code }) => code)],
    ['scope rule', text.scope.map(({ id }) => id)],
    ['rule', text.rules.map(({ id }) => id)],
    ['deadline', text.deadlines.map(({ id }) => id)],
    ['state', text.lifeCycle.states],
  ];
  return lists.flatMap(([kind, ids]) =>
    ids.filter((id, position) => ids.indexOf(id) !== position).map((id) => `two of ${kind} ${id}`),
  );
}

/** Each choice of an instrument rests on a fact, and each fact has a source and is used. */
function factReasons(text: InstrumentText): readonly string[] {
  const known = new Set(text.facts.map(({ id }) => id));
  const choices: readonly (readonly [string, readonly string[]])[] = [
    ...text.parameters.map(({ id, facts }) => [`parameter ${id}`, facts] as const),
    ...text.formats.map(({ code, facts }) => [`format ${code}`, facts] as const),
    ...text.scope.map(({ id, facts }) => [`scope rule ${id}`, facts] as const),
    ...text.rules.map(({ id, facts }) => [`rule ${id}`, facts] as const),
    ...text.deadlines.map(({ id, facts }) => [`deadline ${id}`, facts] as const),
    ['provision', text.provision.facts],
    ['window', text.window.facts],
    ['life cycle', text.lifeCycle.facts],
  ];
  const uses = choices.flatMap(([what, facts]) => facts.map((fact) => [what, fact] as const));
  const used = new Set(uses.map(([, fact]) => fact));
  const unknown = uses
    .filter(([, fact]) => !known.has(fact))
    .map(([what, fact]) => `${what} rests on ${fact}, which is not a fact`);
  const idle = text.facts.filter(({ id }) => !used.has(id)).map(({ id }) => `fact ${id} is rested on by nothing`);
  const unsourced = text.facts.filter(({ source }) => source.trim().length < 4).map(({ id }) => `fact ${id} has no source`);
  return [...unknown, ...idle, ...unsourced];
}

function formatReasons(text: InstrumentText): readonly string[] {
  const codes = new Set(text.formats.map(({ code }) => code));
  const named = [
    ...[...text.scope, ...text.rules].flatMap(({ id, formats }) => formats.map((format) => [`rule ${id}`, format] as const)),
    ...text.deadlines.flatMap((deadline) =>
      formatsOfDeadline(deadline).map((format) => [`deadline ${deadline.id}`, format] as const),
    ),
  ];
  const unknown = named
    .filter(([, format]) => !codes.has(format))
    .map(([what, format]) => `${what} names ${format}, which is not a format`);
  const opening = text.formats.filter(({ relation }) => relation === 'opens').length;
  const open = text.formats.filter(({ precedence }) => precedence.at(-1)?.when !== 'true');
  return [
    ...unknown,
    ...(opening === 1 ? [] : [`${opening} formats open a matter; there must be one`]),
    ...open.map(({ code }) => `the last precedence of ${code} must be for all cases: "when": "true"`),
  ];
}

function formatsOfDeadline(deadline: InstrumentText['deadlines'][number]): readonly string[] {
  if (deadline.kind === 'before-window') return [];
  return deadline.kind === 'after-event' ? [deadline.format] : deadline.satisfiedBy;
}

/** Every pointer leads to a field of the formats that it is used on. */
function pointerReasons({ text, schemas }: InstrumentParts): readonly string[] {
  const terms = text.formats.filter(({ relation }) => relation === 'opens' || relation === 'updates');
  const { window, geometry } = text;
  const onTerms = [
    ...(window.kind === 'explicit' ? [window.opens, window.closes] : [window.date]),
    ...[geometry.aimArea, geometry.rangeKm, geometry.azimuth].filter((pointer) => pointer !== undefined),
    ...text.deadlines.flatMap((deadline) => (deadline.kind === 'before-window' ? deadline.aspects.map(({ at }) => at) : [])),
  ];
  const uses: readonly (readonly [FormatText, string])[] = [
    ...terms.flatMap((format) => onTerms.map((pointer) => [format, pointer] as const)),
    ...text.formats.flatMap((format) => format.layout.map(({ at }) => [format, at] as const)),
    ...text.deadlines.flatMap((deadline) =>
      deadline.kind !== 'after-event'
        ? []
        : text.formats.filter(({ code }) => code === deadline.format).map((format) => [format, deadline.event] as const),
    ),
  ];
  const lost = uses.filter(([{ code }, pointer]) => schemas.has(code) && schemaAt(schemas.get(code), pointer) === undefined);
  const nowhere = geometry.areas.filter((pointer) =>
    text.formats.every(({ code }) => schemas.has(code) && schemaAt(schemas.get(code), pointer) === undefined),
  );
  return [
    ...new Set(lost.map(([{ code }, pointer]) => `${pointer} is not a field of ${code}`)),
    ...nowhere.map((pointer) => `geometry names ${pointer}, which no format has`),
  ];
}

function deadlineReasons(text: InstrumentText): readonly string[] {
  return text.deadlines
    .filter(({ counts }) => counts !== text.provision.counts)
    .map(({ id, counts }) => `deadline ${id} counts ${counts}, the provision ${text.provision.counts}`);
}

/** With a limit on every list, the cost of every expression has a bound. */
function listReasons(code: string, schema: Schema, path = ''): readonly string[] {
  if ('oneOf' in schema)
    return schema.oneOf.flatMap((branch, position) => listReasons(code, branch, `${path}/oneOf/${position}`));
  if (!('type' in schema)) return [];
  if (schema.type === 'object')
    return Object.entries(schema.properties).flatMap(([key, each]) => listReasons(code, each, `${path}/${key}`));
  if (schema.type !== 'array') return [];
  const long =
    schema.maxItems > agreementListMax
      ? [`${code}${path} may have ${schema.maxItems} entries; at most ${agreementListMax} are allowed`]
      : [];
  return [...long, ...listReasons(code, schema.items, `${path}/items`)];
}
