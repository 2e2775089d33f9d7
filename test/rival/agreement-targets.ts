import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArea } from '#agreement/area-text.ts';
import { evaluate, valueOfJson } from '#agreement/evaluation.ts';
import { parseExpression } from '#agreement/expression.ts';
import { loadInstrument } from '#agreement/instrument.ts';
import { judgeContent } from '#agreement/judge.ts';
import { type LaunchCase, launchCases, publishedFiles, publishedInstrument, sampleRecord } from '#agreement/sample-cases.ts';
import { textOfBytes } from '#base/bytes.ts';
import { expressionNodesMax } from '#base/limits.ts';
import { canonicalBytes, type JsonObject, parseCanonical } from '#record/canonical.ts';
import { patternFault } from '#record/pattern.ts';
import { faultsOf } from '#record/schema.ts';
import { checkSchema } from '#record/schema-check.ts';
import { evilValues } from '#test/rival/evil.ts';
import { Broken, type Target } from '#test/rival/hunt.ts';
import { jsonMutations, textMutations } from '#test/rival/mutation.ts';
import { vectorBytes } from '#test/rival/world.ts';
import { root } from '#test/run/test-files.ts';

const readFile = (path: string): Uint8Array => readFileSync(join(root, path));
const files = publishedFiles(readFile, 'full');
const instrument = publishedInstrument(readFile, 'full');
const cases = launchCases(readFile);
const opening = judgeContent({ record: sampleRecord(instrument, mustHave(cases['df-31ag'])), instrument, prior: null });
const priors = [null, opening.ok ? opening.value.matter : null];

/** One file of an agreement's folder in other bytes, the others as they are published. */
function fileTarget(path: string): Target {
  return {
    name: `agreement's ${path}`,
    weight: 1,
    seeds: [mustHave(files.get(path))],
    mutations: jsonMutations,
    read: (bytes) => loadInstrument(new Map(files).set(path, bytes)).ok,
  };
}

const judging: Target = {
  name: 'content judged by an agreement',
  weight: 6,
  seeds: Object.values(cases).map(({ format, precedence, filedAt, content }) =>
    canonicalBytes({ content: content as JsonObject, filedAt, format, precedence }),
  ),
  mutations: jsonMutations,
  read: (bytes) => {
    const value = parseCanonical(bytes, 65_536);
    if (!value.ok || faultsOf(caseSchema, value.value).length > 0) return false;
    const given = value.value as unknown as Pick<LaunchCase, 'format' | 'precedence' | 'filedAt'>;
    const content = Reflect.get(value.value as object, 'content') as unknown;
    if (typeof content !== 'object' || Array.isArray(content)) return false;
    const record = sampleRecord(instrument, { ...mustHave(cases['df-31ag']), ...given, content: { ...content } });
    const judged = priors.map((prior) => judgeContent({ record, instrument, prior }).ok);
    return judged.includes(true);
  },
};

const caseSchema = {
  type: 'object',
  properties: {
    filedAt: { type: 'string', format: 'time' },
    format: { type: 'string' },
    precedence: { enum: ['Z', 'O', 'P', 'R'] },
  },
  required: ['filedAt', 'format', 'precedence', 'content'],
  additionalProperties: true,
} as const;

/** What an accepted schema is tried on. */
const tried: readonly unknown[] = [...evilValues, ...Object.values(cases).map(({ content }) => content)];

const schemas: Target = {
  name: 'schema',
  weight: 3,
  seeds: [
    ...schemaSeeds('record/schema'),
    ...schemaSeeds('record/schema-refused'),
    ...[...files].filter(([path]) => path.startsWith('formats/')).map(([, bytes]) => bytes),
  ],
  mutations: jsonMutations,
  read: (bytes) => {
    const schema = checkSchema(jsonOf(bytes));
    if (schema.ok) for (const value of tried) faultsOf(schema.value, value);
    return schema.ok;
  },
};

const patterns: Target = {
  name: 'pattern',
  weight: 3,
  seeds: vectorBytes('record/pattern', 'pattern').filter(({ length }) => length < 300),
  mutations: textMutations,
  read: (bytes) => {
    const text = textOfBytes(bytes);
    if (!text.ok || patternFault(text.value) !== undefined) return false;
    refuseRunaway(text.value);
    return true;
  },
};

const { names, listLengths, values } = JSON.parse(
  new TextDecoder().decode(readFile('spec/vectors/agreement/expression.json')),
) as {
  readonly names: readonly string[];
  readonly listLengths: Readonly<Record<string, number>>;
  readonly values: Readonly<Record<string, unknown>>;
};
const vocabulary = { names, lengths: new Map(Object.entries(listLengths)) };
const bindings = new Map(Object.entries(values).map(([name, value]) => [name, mustHave(valueOfJson(value))]));

const expressions: Target = {
  name: 'expression',
  weight: 4,
  seeds: [...vectorBytes('agreement/expression', 'expr'), ...vectorBytes('agreement/cel-conformance', 'expr')],
  mutations: textMutations,
  read: (bytes) => {
    const text = textOfBytes(bytes);
    const expression = text.ok ? parseExpression(text.value, vocabulary) : text;
    if (!expression.ok) return false;
    const { cost } = evaluate(expression.value, bindings);
    if (cost > expression.value.costMax || expression.value.costMax > expressionNodesMax)
      throw new Broken(`${cost} nodes were visited, of ${expression.value.costMax} foreseen`);
    return true;
  },
};

const areas: Target = {
  name: 'area as text',
  weight: 2,
  seeds: vectorBytes('agreement/area', 'text', 'outer', 'inner'),
  mutations: textMutations,
  read: (bytes) => {
    const text = textOfBytes(bytes);
    return text.ok && parseArea(text.value).ok;
  },
};

export const agreementTargets: readonly Target[] = [
  ...['instrument.json', 'formats/NOTIFY.json', 'texts/en.json'].map(fileTarget),
  judging,
  schemas,
  patterns,
  expressions,
  areas,
];

/** Runs an accepted pattern on texts that nearly fit it. What runs away does so on thirty characters as on thirty thousand. */
export function refuseRunaway(source: string): void {
  const pattern = new RegExp(source, 'u');
  const letters = [...new Set(source.replaceAll(/[\\^$.*+?()[\]{}|,]/g, ''))].slice(0, 12);
  for (const length of [16, 24, 28, 32, 1_000, 16_000]) {
    for (const text of letters.flatMap((letter, at) => nearly(letter + (letters[at + 1] ?? letters[0] ?? ''), length))) {
      const before = process.threadCpuUsage();
      pattern.test(text);
      if (process.threadCpuUsage(before).user > runawayUs) throw new Broken(`the pattern runs away on ${length} characters`);
    }
  }
}

/** Repetitions of a letter and of two, whole and with an end that fits nothing. */
function nearly(pair: string, length: number): readonly string[] {
  const [letter = ''] = pair;
  const texts = [letter.repeat(length), pair.repeat(length / 2)];
  return texts.flatMap((text) => [text, `${text}\u0001`, `${text}!`]);
}

/** A pattern in the subset takes some fifty microseconds for its 16,000 characters. */
const runawayUs = 50_000;

function schemaSeeds(name: string): readonly Uint8Array[] {
  const vectors = JSON.parse(new TextDecoder().decode(readFile(`spec/vectors/${name}.json`))) as readonly {
    readonly schema: unknown;
  }[];
  return vectors.map(({ schema }) => new TextEncoder().encode(JSON.stringify(schema)));
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}

function mustHave<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the vectors have it');
  return value;
}
