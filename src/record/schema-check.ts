import { accept, type Result, refuse } from '#base/refusal.ts';
import { patternFault } from '#record/pattern.ts';
import { discriminatorOf, type ObjectSchema, type Schema } from '#record/schema.ts';

const annotations = ['$schema', '$id', 'title', 'description'];
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
  return ['string', 'boolean'].includes(typeof constant) || Number.isSafeInteger(constant)
    ? undefined
    : `${path}/const: expected text, an integer or a truth value`;
}

function inspectEnum(values: unknown, path: string): Finding {
  const sound = Array.isArray(values) && values.length > 0 && values.every((each) => typeof each === 'string');
  return sound && new Set(values).size === values.length ? undefined : `${path}/enum: expected a list of different texts`;
}

function inspectChoice(branches: unknown, path: string, depth: number): Finding {
  if (!Array.isArray(branches) || branches.length === 0) return `${path}/oneOf: expected a list of objects`;
  for (const [position, branch] of branches.entries()) {
    const finding = inspect(branch, `${path}/oneOf/${position}`, depth + 1);
    if (finding !== undefined) return finding;
    if (!isMembers(branch) || branch['type'] !== 'object') return `${path}/oneOf/${position}: expected an object schema`;
  }
  // Each branch has just been found to be an object schema.
  return discriminatorOf(branches as readonly ObjectSchema[]) === undefined
    ? `${path}/oneOf: the branches must share a required property with a constant of its own in each`
    : undefined;
}

function inspectString(value: Members, path: string): Finding {
  const extra = only(value, ['type', 'minLength', 'maxLength', 'pattern', 'format'], path);
  if (extra !== undefined) return extra;
  const format = value['format'];
  if (format !== undefined && format !== 'time' && format !== 'duration') return `${path}/format: expected time or duration`;
  const pattern = value['pattern'];
  return counts(value, ['minLength', 'maxLength'], path) ?? (pattern === undefined ? undefined : inspectPattern(pattern, path));
}

function inspectPattern(pattern: unknown, path: string): Finding {
  const fault = typeof pattern === 'string' ? patternFault(pattern) : 'must be text';
  return fault === undefined ? undefined : `${path}/pattern: ${fault}`;
}

function inspectArray(value: Members, path: string, depth: number): Finding {
  const extra = only(value, ['type', 'items', 'minItems', 'maxItems'], path) ?? counts(value, ['minItems', 'maxItems'], path);
  if (extra !== undefined) return extra;
  if (value['maxItems'] === undefined) return `${path || '/'}: a list must have maxItems`;
  return inspect(value['items'], `${path}/items`, depth + 1);
}

function inspectObject(value: Members, path: string, depth: number): Finding {
  const extra = only(value, ['type', 'properties', 'required', 'additionalProperties'], path);
  if (extra !== undefined) return extra;
  const { properties, required } = value;
  if (!isMembers(properties)) return `${path}/properties: expected an object`;
  if (value['additionalProperties'] !== false) return `${path || '/'}: additionalProperties must be false`;
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

function counts(value: Members, keys: readonly string[], path: string): Finding {
  const wrong = keys.find((key) => typeof value[key] === 'number' && value[key] < 0);
  return integers(value, keys, path) ?? (wrong === undefined ? undefined : `${path}/${wrong}: expected no less than 0`);
}

function only(value: Members, keys: readonly string[], path: string): Finding {
  const stray = Object.keys(value).find((key) => !keys.includes(key) && !annotations.includes(key));
  if (stray !== undefined) return `${path}/${stray}: is not in the subset here`;
  const wordless = annotations.find((key) => value[key] !== undefined && typeof value[key] !== 'string');
  return wordless === undefined ? undefined : `${path}/${wordless}: expected text`;
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
