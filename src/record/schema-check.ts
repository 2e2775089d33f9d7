import { accept, refuse, type Result } from '#base/refusal.ts';
import type { Schema } from '#record/schema.ts';

const annotations = ['$schema', '$id', 'title', 'description'];
const patternLengthMax = 200;
const nestingMax = 12;

type Members = Readonly<Record<string, unknown>>;
type Finding = string | undefined;

/** Checks that a value read from a file is a schema of the closed subset; anything it does not list is refused. */
export function checkSchema(value: unknown): Result<Schema> {
  const finding = inspect(value, '', 0);
  return finding === undefined ? accept(value as Schema) : refuse('agreement.form', `schema ${finding}`);
}

function inspect(value: unknown, path: string, depth: number): Finding {
  if (depth > nestingMax) return `${path}: nested deeper than ${nestingMax} levels`;
  if (!isMembers(value)) return `${path || '/'}: expected an object`;
  if ('const' in value) return only(value, ['const'], path) ?? inspectConstant(value['const'], path);
  if ('enum' in value) return only(value, ['enum'], path) ?? inspectEnum(value['enum'], path);
  if ('oneOf' in value) return only(value, ['oneOf'], path) ?? inspectChoice(value['oneOf'], path, depth);
  switch (value['type']) {
    case 'string':
      return inspectString(value, path);
    case 'integer':
      return only(value, ['type', 'minimum', 'maximum'], path) ?? integers(value, ['minimum', 'maximum'], path);
    case 'boolean':
      return only(value, ['type'], path);
    case 'array':
      return inspectArray(value, path, depth);
    case 'object':
      return inspectObject(value, path, depth);
    default:
      return `${path || '/'}: expected const, enum, oneOf or a type of string, integer, boolean, array, object`;
  }
}

function inspectConstant(constant: unknown, path: string): Finding {
  return ['string', 'number', 'boolean'].includes(typeof constant)
    ? undefined
    : `${path}/const: expected text, a number or a truth value`;
}

function inspectEnum(values: unknown, path: string): Finding {
  const sound = Array.isArray(values) && values.length > 0 && values.every((each) => typeof each === 'string');
  return sound ? undefined : `${path}/enum: expected a list of texts`;
}

function inspectChoice(branches: unknown, path: string, depth: number): Finding {
  if (!Array.isArray(branches) || branches.length === 0) return `${path}/oneOf: expected a list of objects`;
  for (const [position, branch] of branches.entries()) {
    const finding = inspect(branch, `${path}/oneOf/${position}`, depth + 1);
    if (finding !== undefined) return finding;
    if (!isMembers(branch) || branch['type'] !== 'object') return `${path}/oneOf/${position}: expected an object schema`;
  }
  const keys = branches.map((branch: unknown) => constantsOf(branch));
  const [first] = keys;
  const shared = first?.[0];
  if (shared === undefined || keys.some((each) => each[0]?.key !== shared.key))
    return `${path}/oneOf: each branch must begin its constants with one shared property`;
  const values = keys.map((each) => each[0]?.value);
  return new Set(values).size === values.length ? undefined : `${path}/oneOf: two branches share a constant`;
}

function constantsOf(branch: unknown): readonly { readonly key: string; readonly value: unknown }[] {
  if (!isMembers(branch) || !isMembers(branch['properties'])) return [];
  return Object.entries(branch['properties']).flatMap(([key, property]) =>
    isMembers(property) && 'const' in property ? [{ key, value: property['const'] }] : [],
  );
}

function inspectString(value: Members, path: string): Finding {
  const extra = only(value, ['type', 'minLength', 'maxLength', 'pattern', 'format'], path);
  if (extra !== undefined) return extra;
  const format = value['format'];
  if (format !== undefined && format !== 'time' && format !== 'duration') return `${path}/format: expected time or duration`;
  const pattern = value['pattern'];
  return integers(value, ['minLength', 'maxLength'], path) ?? (pattern === undefined ? undefined : inspectPattern(pattern, path));
}

/** A pattern must not be able to run away: whole-text, short, no group repeated without bound, no look-around, no back-reference. */
function inspectPattern(pattern: unknown, path: string): Finding {
  if (typeof pattern !== 'string' || pattern.length > patternLengthMax)
    return `${path}/pattern: expected at most ${patternLengthMax} characters`;
  if (!pattern.startsWith('^') || !pattern.endsWith('$')) return `${path}/pattern: must begin with ^ and end with $`;
  if (/\)(?:[*+]|\{\d+,\})/.test(pattern)) return `${path}/pattern: repeats a group without bound`;
  if (/\(\?(?!:)|\\[1-9k]/.test(pattern)) return `${path}/pattern: uses look-around, a named group or a back-reference`;
  try {
    new RegExp(pattern, 'u');
    return undefined;
  } catch {
    return `${path}/pattern: is not a regular expression`;
  }
}

function inspectArray(value: Members, path: string, depth: number): Finding {
  const extra = only(value, ['type', 'items', 'minItems', 'maxItems'], path) ?? integers(value, ['minItems', 'maxItems'], path);
  if (extra !== undefined) return extra;
  if (value['maxItems'] === undefined) return `${path}: a list must have maxItems`;
  return inspect(value['items'], `${path}/items`, depth + 1);
}

function inspectObject(value: Members, path: string, depth: number): Finding {
  const extra = only(value, ['type', 'properties', 'required', 'additionalProperties'], path);
  if (extra !== undefined) return extra;
  const { properties, required } = value;
  if (!isMembers(properties)) return `${path}/properties: expected an object`;
  if (value['additionalProperties'] !== false) return `${path}: additionalProperties must be false`;
  if (!Array.isArray(required) || !required.every((key) => typeof key === 'string' && Object.hasOwn(properties, key))) {
    return `${path}/required: expected names of the properties`;
  }
  return Object.entries(properties)
    .map(([key, property]) => inspect(property, `${path}/properties/${key}`, depth + 1))
    .find((finding) => finding !== undefined);
}

function integers(value: Members, keys: readonly string[], path: string): Finding {
  const wrong = keys.find((key) => value[key] !== undefined && !Number.isSafeInteger(value[key]));
  return wrong === undefined ? undefined : `${path}/${wrong}: expected an integer`;
}

function only(value: Members, keys: readonly string[], path: string): Finding {
  const stray = Object.keys(value).find((key) => !keys.includes(key) && !annotations.includes(key));
  return stray === undefined ? undefined : `${path}/${stray}: is not in the subset here`;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
