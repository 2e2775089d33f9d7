import { durationOfText, timeOfText } from '#base/time.ts';

/**
 * The closed subset of JSON Schema (2020-12) in which the envelope and every format are written. Closed, because two states
 * that adopt a schema must judge a record alike: a keyword that one engine ignores would be a disagreement. See `spec/schema.md`.
 */
export type Schema = Annotations &
  (
    | { readonly const: string | number | boolean }
    | { readonly enum: readonly string[] }
    | StringSchema
    | IntegerSchema
    | { readonly type: 'boolean' }
    | ArraySchema
    | ObjectSchema
    | { readonly oneOf: readonly ObjectSchema[] }
  );

interface Annotations {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
}

interface StringSchema {
  readonly type: 'string';
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: 'time' | 'duration';
}

interface IntegerSchema {
  readonly type: 'integer';
  readonly minimum?: number;
  readonly maximum?: number;
}

interface ArraySchema {
  readonly type: 'array';
  readonly items: Schema;
  readonly minItems?: number;
  readonly maxItems: number;
}

export interface ObjectSchema extends Annotations {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
  readonly additionalProperties: boolean;
}

/** The type of the values that a schema accepts, so that nobody retypes a message. */
export type Static<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly oneOf: readonly (infer O)[] }
      ? Static<O>
      : S extends { readonly type: 'string' }
        ? string
        : S extends { readonly type: 'integer' }
          ? number
          : S extends { readonly type: 'boolean' }
            ? boolean
            : S extends { readonly type: 'array'; readonly items: infer I }
              ? readonly Static<I>[]
              : S extends { readonly type: 'object'; readonly properties: infer P; readonly required: readonly (infer R)[] }
                ? { readonly [K in keyof P as K extends R ? K : never]: Static<P[K]> } & {
                    readonly [K in keyof P as K extends R ? never : K]?: Static<P[K]>;
                  }
                : never;

/** One thing wrong in a value: where (a JSON Pointer, RFC 6901; `/` for the whole value) and why. */
export interface SchemaFault {
  readonly path: string;
  readonly reason: string;
}

const faultless: readonly SchemaFault[] = [];

/** Every pattern seen, made once. It grows by the schemas of adopted agreements only, never by what a peer sends. */
const patterns = new Map<string, RegExp>();

/** Lists what is wrong with `value`, which stands at `path`; empty when the schema accepts it. */
export function faultsOf(schema: Schema, value: unknown, path = ''): readonly SchemaFault[] {
  const found = inspect(schema, value);
  return found.length === 0 ? found : found.map((fault) => ({ path: path + fault.path || '/', reason: fault.reason }));
}

/** Paths are relative to the value, so that none is written for a value without fault. */
function inspect(schema: Schema, value: unknown): readonly SchemaFault[] {
  if ('const' in schema) return value === schema.const ? faultless : fault(`expected ${JSON.stringify(schema.const)}`);
  if ('enum' in schema)
    return schema.enum.some((each) => each === value) ? faultless : fault(`expected one of ${schema.enum.join(', ')}`);
  if ('oneOf' in schema) return inspectChoice(schema.oneOf, value);
  switch (schema.type) {
    case 'string':
      return inspectText(schema, value);
    case 'integer':
      return inspectInteger(schema, value);
    case 'boolean':
      return typeof value === 'boolean' ? faultless : fault('expected true or false');
    case 'array':
      return inspectArray(schema, value);
    case 'object':
      return inspectObject(schema, value);
  }
}

function inspectText(schema: StringSchema, value: unknown): readonly SchemaFault[] {
  if (typeof value !== 'string') return fault('expected text');
  if (isShorter(value, schema.minLength ?? 0)) return fault(`shorter than ${schema.minLength}`);
  if (!isShorter(value, (schema.maxLength ?? value.length) + 1)) return fault(`longer than ${schema.maxLength}`);
  if (schema.pattern !== undefined && !patternOf(schema.pattern).test(value)) return fault(`does not match ${schema.pattern}`);
  if (schema.format === 'time' && !timeOfText(value).ok) return fault('expected a time such as 2024-09-25T00:44:00.000Z');
  if (schema.format === 'duration' && !durationOfText(value).ok) return fault('expected a duration such as PT24H');
  return faultless;
}

/** Whether the text has fewer than `bound` code points: the length that JSON Schema means, 𠮷 being one. */
function isShorter(text: string, bound: number): boolean {
  if (text.length < bound || text.length >= 2 * bound) return text.length < bound;
  return Array.from(text).length < bound;
}

function inspectInteger(schema: IntegerSchema, value: unknown): readonly SchemaFault[] {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return fault('expected an integer');
  if (value < (schema.minimum ?? Number.MIN_SAFE_INTEGER)) return fault(`less than ${schema.minimum}`);
  if (value > (schema.maximum ?? Number.MAX_SAFE_INTEGER)) return fault(`more than ${schema.maximum}`);
  return faultless;
}

function inspectArray(schema: ArraySchema, value: unknown): readonly SchemaFault[] {
  if (!Array.isArray(value)) return fault('expected a list');
  if (value.length < (schema.minItems ?? 0)) return fault(`fewer than ${schema.minItems} entries`);
  if (value.length > schema.maxItems) return fault(`more than ${schema.maxItems} entries`);
  return value.flatMap((item: unknown, position) => under(String(position), inspect(schema.items, item)));
}

function inspectObject(schema: ObjectSchema, value: unknown): readonly SchemaFault[] {
  if (!isObject(value)) return fault('expected an object');
  const faults: SchemaFault[] = [];
  for (const key of schema.required) if (!Object.hasOwn(value, key)) faults.push(...under(key, fault('is missing')));
  for (const key of Object.keys(value)) {
    const property = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
    if (property !== undefined) faults.push(...under(key, inspect(property, value[key])));
    else if (!schema.additionalProperties) faults.push(...under(key, fault('is not a field of this format')));
  }
  return faults;
}

/** A choice is made by its discriminator, so that a fault names a field and not the choice. */
function inspectChoice(branches: readonly ObjectSchema[], value: unknown): readonly SchemaFault[] {
  if (!isObject(value)) return fault('expected an object');
  const key = discriminatorOf(branches);
  if (key === undefined) return fault('the schema offers no choice');
  const chosen = branches.find((branch) => constantOf(branch, key) === value[key]);
  if (chosen !== undefined) return inspectObject(chosen, value);
  return under(key, fault(`expected one of ${branches.map((branch) => constantOf(branch, key)).join(', ')}`));
}

/** The property, first by name, that every branch requires and sets to a constant of its own. */
export function discriminatorOf(branches: readonly ObjectSchema[]): string | undefined {
  return branches[0]?.required.toSorted().find((key) => {
    const constants = new Set(branches.map((branch) => constantOf(branch, key)));
    return (
      constants.size === branches.length && !constants.has(undefined) && branches.every((branch) => branch.required.includes(key))
    );
  });
}

function constantOf(schema: ObjectSchema, key: string): string | number | boolean | undefined {
  const property = Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;
  return property !== undefined && 'const' in property ? property.const : undefined;
}

function patternOf(source: string): RegExp {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  const made = new RegExp(source, 'u');
  patterns.set(source, made);
  return made;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(reason: string): readonly SchemaFault[] {
  return [{ path: '', reason }];
}

/** Places the faults of a member under its key, escaped as RFC 6901 asks. */
function under(key: string, faults: readonly SchemaFault[]): readonly SchemaFault[] {
  if (faults.length === 0) return faults;
  const step = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return faults.map((fault) => ({ path: step + fault.path, reason: fault.reason }));
}
