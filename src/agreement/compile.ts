import { Duration, type Value, valueOfJson } from '#agreement/evaluation.ts';
import { type Expression, parseExpression } from '#agreement/expression.ts';
import type { InstrumentParts, Problem } from '#agreement/instrument-files.ts';
import type { Deadline, FormatText, Language, LayoutLine, Parameter, RuleText } from '#agreement/instrument-schema.ts';
import { compileLifeCycle, type TotalLifeCycle } from '#agreement/life-cycle.ts';
import type { Texts } from '#agreement/texts.ts';
import { mustAccept } from '#base/refusal.ts';
import { durationOfText } from '#base/time.ts';
import type { Precedence, RecordClass } from '#record/envelope-schema.ts';
import type { Schema } from '#record/schema.ts';

/** The variables that every expression of an instrument may use (`spec/agreement.md` 4). */
const expressionNames = ['content', 'record', 'window', 'prior', 'param'] as const;

export interface Rule {
  readonly id: string;
  readonly formats: readonly string[];
  readonly when: Expression;
}

export interface Format {
  readonly code: string;
  readonly class: RecordClass;
  readonly schema: Schema;
  readonly article: string;
  readonly relation: FormatText['relation'];
  /** The first whose condition is true gives the least precedence; an undecided one is passed over. */
  readonly precedence: readonly { readonly when: Expression; readonly action: Precedence }[];
  /** May be released by a watch officer alone. */
  readonly preAuthorised: boolean;
  readonly layout: readonly LayoutLine[];
}

/** An instrument's parts with its expressions parsed and its names resolved. */
export interface Compiled {
  readonly formats: ReadonlyMap<string, Format>;
  readonly scope: readonly Rule[];
  readonly rules: readonly Rule[];
  readonly deadlines: readonly (Deadline & { readonly applies: Expression })[];
  readonly lifeCycle: TotalLifeCycle;
  readonly param: Value;
  readonly texts: ReadonlyMap<Language, Texts>;
}

/** Compiles the parts and lists every expression and transition that is wrong; with problems, the result is not to be used. */
export function compile({ text, schemas, texts }: InstrumentParts): { compiled: Compiled; problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const vocabulary = { names: expressionNames, lengths: lengthsOf(text.parameters) };
  const read = (where: string, source: string): Expression | undefined => {
    const parsed = parseExpression(source, vocabulary);
    if (parsed.ok) return parsed.value;
    problems.push({ file: 'instrument.json', reason: `${where}: ${parsed.refusal.detail}` });
    return undefined;
  };
  const formats = new Map<string, Format>();
  for (const format of text.formats) {
    const precedence = format.precedence.flatMap(({ when, action }) => {
      const parsed = read(`precedence of ${format.code}`, when);
      return parsed === undefined ? [] : [{ when: parsed, action }];
    });
    const schema = schemas.get(format.code);
    if (schema !== undefined) formats.set(format.code, { ...format, schema, precedence });
  }
  const deadlines = text.deadlines.flatMap((deadline) => {
    const applies = read(`deadline ${deadline.id}`, deadline.when);
    return applies === undefined ? [] : [{ ...deadline, applies }];
  });
  const { cycle, reasons } = compileLifeCycle(
    text.lifeCycle,
    text.formats.map((format) => format.code),
  );
  problems.push(...reasons.map((reason) => ({ file: 'instrument.json', reason: `life cycle: ${reason}` })));
  const scope = rulesOf('scope', text.scope, read);
  const rules = rulesOf('rule', text.rules, read);
  return {
    compiled: { formats, scope, rules, deadlines, lifeCycle: cycle, param: parametersOf(text.parameters), texts },
    problems,
  };
}

function rulesOf(
  kind: string,
  rules: readonly RuleText[],
  read: (where: string, source: string) => Expression | undefined,
): readonly Rule[] {
  return rules.flatMap(({ id, formats, when }) => {
    const parsed = read(`${kind} ${id}`, when);
    return parsed === undefined ? [] : [{ id, formats, when: parsed }];
  });
}

function lengthsOf(parameters: readonly Parameter[]): ReadonlyMap<string, number> {
  return new Map(
    parameters.flatMap(({ id, value }): [string, number][] => (Array.isArray(value) ? [[`param.${id}`, value.length]] : [])),
  );
}

function parametersOf(parameters: readonly Parameter[]): Value {
  return new Map(parameters.map((parameter): [string, Value] => [parameter.id, parameterValue(parameter)]));
}

function parameterValue(parameter: Parameter): Value {
  if (parameter.type === 'duration') return new Duration(mustAccept(durationOfText(parameter.value)));
  return valueOfJson(parameter.value) ?? [];
}
