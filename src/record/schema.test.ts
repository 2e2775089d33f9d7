import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { mustAccept } from '#base/refusal.ts';
import { coreFormats } from '#record/core-formats.ts';
import { envelopeSchema } from '#record/envelope-schema.ts';
import { faultsOf, type Schema } from '#record/schema.ts';
import { checkSchema } from '#record/schema-check.ts';

interface Vector {
  readonly name: string;
  readonly schema: unknown;
  readonly accepts: readonly unknown[];
  /** `path`: where the first fault is found. */
  readonly refuses: readonly { readonly value: unknown; readonly path: string }[];
}
const vectorsOf = (name: string) => readFileSync(new URL(`../../spec/vectors/record/${name}.json`, import.meta.url), 'utf8');
const judged: readonly Vector[] = JSON.parse(vectorsOf('schema'));
const refused: readonly Omit<Vector, 'accepts' | 'refuses'>[] = JSON.parse(vectorsOf('schema-refused'));

for (const { name, schema, accepts, refuses } of judged) {
  test(`a schema of the subset judges values: ${name}`, () => {
    const checked = mustAccept(checkSchema(schema));
    for (const value of accepts) assert.deepEqual(faultsOf(checked, value), [], JSON.stringify(value));
    for (const { value, path } of refuses) assert.equal(faultsOf(checked, value)[0]?.path, path, JSON.stringify(value));
  });
}

for (const { name, schema } of refused) {
  test(`a schema outside the subset is refused: ${name}`, () => {
    const checked = checkSchema(schema);
    assert.equal(checked.ok ? 'accepted' : checked.refusal.code, 'agreement.form');
  });
}

test('every fault is listed, under the path where the value stands', () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      at: { type: 'array', items: { type: 'integer', minimum: 0 }, maxItems: 3 },
      by: { type: 'string', maxLength: 2 },
    },
    required: ['at', 'by'],
    additionalProperties: false,
  };
  assert.deepEqual(faultsOf(schema, { at: [1, -1, 'x'], of: true }, '/content'), [
    { path: '/content/by', reason: 'is missing' },
    { path: '/content/at/1', reason: 'less than 0' },
    { path: '/content/at/2', reason: 'expected an integer' },
    { path: '/content/of', reason: 'is not a field of this format' },
  ]);
});

test('a schema without a choice, which no file can hold, accepts nothing', () => {
  assert.deepEqual(faultsOf({ oneOf: [] }, {}), [{ path: '/', reason: 'the schema offers no choice' }]);
});

test('a field is never found among what every object inherits', () => {
  const schema = mustAccept(checkSchema({ type: 'object', properties: {}, required: [], additionalProperties: false }));
  for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    assert.deepEqual(faultsOf(schema, JSON.parse(`{"${key}":{}}`)), [
      { path: `/${key}`, reason: 'is not a field of this format' },
    ]);
  }
});

test('the core formats are in the subset that agreements must keep to', () => {
  for (const [name, { schema }] of Object.entries(coreFormats)) assert.equal(checkSchema(schema).ok, true, name);
});

test('the envelope is in the subset, but for its content, which the format judges', () => {
  const { content, ...properties } = envelopeSchema.properties;
  assert.deepEqual(content, { type: 'object', properties: {}, required: [], additionalProperties: true });
  const required = envelopeSchema.required.filter((key) => key !== 'content');
  assert.equal(checkSchema({ ...envelopeSchema, properties, required }).ok, true);
});

test('no value makes a checked schema fail, and judging it twice gives the same', () => {
  const schemas = judged.map(({ schema }) => mustAccept(checkSchema(schema)));
  fc.assert(
    fc.property(fc.constantFrom(...schemas), fc.jsonValue(), (schema, value) => {
      assert.deepEqual(faultsOf(schema, value), faultsOf(schema, value));
    }),
  );
});

test('an object in the place of a count is refused, even one that no number can be made of', () => {
  const checked = checkSchema({ type: 'string', minLength: JSON.parse('{"toString":1,"valueOf":1}') as unknown });
  assert.equal(checked.ok ? 'accepted' : checked.refusal.code, 'agreement.form');
});

test('no value makes the check of a schema fail', () => {
  const keyword = fc.constantFrom(
    'type',
    'const',
    'enum',
    'oneOf',
    'properties',
    'required',
    'items',
    'pattern',
    'maxItems',
    'additionalProperties',
  );
  const leaf = fc.oneof(fc.constantFrom('object', 'array', 'string', false, true, 1), fc.jsonValue({ maxDepth: 2 }));
  fc.assert(
    fc.property(fc.dictionary(keyword, fc.oneof(leaf, fc.array(leaf), fc.dictionary(keyword, leaf))), (value) => {
      const checked = checkSchema(value);
      if (checked.ok) faultsOf(checked.value, value);
    }),
    { numRuns: 2_000 },
  );
});
