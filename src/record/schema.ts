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
    | { readonly type: 'integer'; readonly minimum?: number; readonly maximum?: number }
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

/** One thing wrong in a value: where (a JSON Pointer) and why. */
export interface SchemaFault {
  readonly path: string;
  readonly reason: string;
}

const patterns = new Map<string, RegExp>();

/** Lists what is wrong with `value`; empty when the schema accepts it. */
export function faultsOf(schema: Schema, value: unknown, path = ''): readonly SchemaFault[] {
  if ('const' in schema) return value === schema.const ? [] : fault(path, `expected ${JSON.stringify(schema.const)}`);
  if ('enum' in schema)
    return schema.enum.some((each) => each === value) ? [] : fault(path, `expected one of ${schema.enum.join(', ')}`);
  if ('oneOf' in schema) return faultsOfChoice(schema.oneOf, value, path);
  switch (schema.type) {
    case 'string':
      return faultsOfString(schema, value, path);
    case 'integer':
      return faultsOfInteger(schema, value, path);
    case 'boolean':
      return typeof value === 'boolean' ? [] : fault(path, 'expected true or false');
    case 'array':
      return faultsOfArray(schema, value, path);
    case 'object':
      return faultsOfObject(schema, value, path);
  }
}

function faultsOfString(schema: StringSchema, value: unknown, path: string): readonly SchemaFault[] {
  if (typeof value !== 'string') return fault(path, 'expected text');
  if (value.length < (schema.minLength ?? 0)) return fault(path, `shorter than ${schema.minLength}`);
  if (value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY)) return fault(path, `longer than ${schema.maxLength}`);
  if (schema.pattern !== undefined && !patternOf(schema.pattern).test(value))
    return fault(path, `does not match ${schema.pattern}`);
  if (schema.format === 'time' && !timeOfText(value).ok) return fault(path, 'expected a time such as 2024-09-25T00:44:00.000Z');
  if (schema.format === 'duration' && !durationOfText(value).ok) return fault(path, 'expected a duration such as PT24H');
  return [];
}

function faultsOfInteger(
  schema: { readonly minimum?: number; readonly maximum?: number },
  value: unknown,
  path: string,
): readonly SchemaFault[] {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return fault(path, 'expected an integer');
  if (value < (schema.minimum ?? Number.MIN_SAFE_INTEGER)) return fault(path, `less than ${schema.minimum}`);
  if (value > (schema.maximum ?? Number.MAX_SAFE_INTEGER)) return fault(path, `more than ${schema.maximum}`);
  return [];
}

function faultsOfArray(schema: ArraySchema, value: unknown, path: string): readonly SchemaFault[] {
  if (!Array.isArray(value)) return fault(path, 'expected a list');
  if (value.length < (schema.minItems ?? 0)) return fault(path, `fewer than ${schema.minItems} entries`);
  if (value.length > schema.maxItems) return fault(path, `more than ${schema.maxItems} entries`);
  return value.flatMap((item: unknown, position) => faultsOf(schema.items, item, `${path}/${position}`));
}

function faultsOfObject(schema: ObjectSchema, value: unknown, path: string): readonly SchemaFault[] {
  if (!isObject(value)) return fault(path, 'expected an object');
  const missing = schema.required
    .filter((key) => !Object.hasOwn(value, key))
    .map((key) => ({ path: `${path}/${key}`, reason: 'is missing' }));
  const present = Object.keys(value).flatMap((key) => {
    if (!Object.hasOwn(schema.properties, key)) {
      return schema.additionalProperties ? [] : fault(`${path}/${key}`, 'is not a field of this format');
    }
    const property = schema.properties[key];
    return property === undefined ? [] : faultsOf(property, value[key], `${path}/${key}`);
  });
  return [...missing, ...present];
}

/** A choice is made by the first property that is a constant in each branch, so that a fault names the field and not the choice. */
function faultsOfChoice(branches: readonly ObjectSchema[], value: unknown, path: string): readonly SchemaFault[] {
  if (!isObject(value)) return fault(path, 'expected an object');
  const [first] = branches;
  const key = first === undefined ? undefined : discriminatorOf(first);
  if (key === undefined) return fault(path, 'the schema offers no choice');
  const chosen = branches.find((branch) => constantOf(branch, key) === value[key]);
  if (chosen !== undefined) return faultsOfObject(chosen, value, path);
  return fault(`${path}/${key}`, `expected one of ${branches.map((branch) => constantOf(branch, key)).join(', ')}`);
}

function discriminatorOf(schema: ObjectSchema): string | undefined {
  return Object.keys(schema.properties).find((key) => constantOf(schema, key) !== undefined);
}

function constantOf(schema: ObjectSchema, key: string): string | number | boolean | undefined {
  const property = schema.properties[key];
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

function fault(path: string, reason: string): readonly SchemaFault[] {
  return [{ path: path === '' ? '/' : path, reason }];
}
