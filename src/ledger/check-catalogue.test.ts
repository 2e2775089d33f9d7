import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { catalogueFileSchema } from '#ledger/catalogue-file.ts';
import { checkCatalogue, parseCatalogue } from '#ledger/check-catalogue.ts';
import { coversFormat } from '#ledger/linked-format.ts';
import { requiredMeasures } from '#ledger/required-measures.ts';
import { checkSchema } from '#record/schema-check.ts';

const root = join(import.meta.dirname, '..', '..');
const formats = [
  { agreement: 'BMLN', format: 'NOTIFY' },
  { agreement: 'CORE', format: 'ADOPT' },
];
const shipped = new Map(
  globSync(['catalogue/*.json', 'glossary/*.json'], { cwd: root })
    .filter((path) => !path.endsWith('.schema.json'))
    .map((path): [string, string] => [path, readFileSync(join(root, path), 'utf8')]),
);

/** The shipped files with one passage of one file changed. */
function changed(path: string, from: string, to: string): ReadonlyMap<string, unknown> {
  assert.ok(shipped.get(path)?.includes(from), `${path} holds ${from}`);
  return new Map([...shipped].map(([each, text]) => [each, JSON.parse(each === path ? text.replace(from, to) : text)]));
}

function filesAsShipped(): ReadonlyMap<string, unknown> {
  return new Map([...shipped].map(([path, text]) => [path, JSON.parse(text)]));
}

test('the shipped catalogue has no problems and holds every measure of the papers', () => {
  const reading = parseCatalogue(filesAsShipped(), formats);
  assert.deepEqual(reading.ok ? [] : reading.problems, []);
  assert.ok(reading.ok);
  assert.deepEqual(reading.catalogue.measures.map(({ id }) => id).toSorted(), requiredMeasures.toSorted());
  assert.equal(requiredMeasures.length, 42);
});

test('the schema file says what the program checks, and is of the closed subset', () => {
  const file: unknown = JSON.parse(readFileSync(join(root, 'catalogue/catalogue.schema.json'), 'utf8'));
  const { $schema: _, title: __, ...schema } = file as Record<string, unknown>;
  assert.deepEqual(schema, catalogueFileSchema);
  assert.equal(checkSchema(file).ok, true);
});

test('no measure carries a judgement that belongs to assessors', () => {
  const files = changed('catalogue/step-1.json', '"step": "1",', '"step": "1", "ambition": "high",');
  assert.deepEqual(checkCatalogue(files, formats), [
    { file: 'catalogue/step-1.json', id: 'A1.US.1', field: 'ambition', reason: 'is not a field of this format' },
  ]);
});

test('each fault is named with its file, entry, field and reason', () => {
  const cases: readonly [path: string, from: string, to: string, id: string, field: string, reason: RegExp][] = [
    ['catalogue/step-1.json', '"zh": "不寻求改变中国的制度"', '"xx": "x"', 'A1.US.1', 'title/zh', /is missing/],
    ['catalogue/step-1.json', '"不寻求改变中国的制度"', '"  "', 'A1.US.1', 'title/zh', /is blank/],
    ['catalogue/step-2.json', '["taiwan"]', '["atlantis"]', 'A2.US.4', 'hotspots/0', /expected one of/],
    ['catalogue/step-3.json', '["cyber"]', '["astral"]', 'A3.both.3', 'domains/0', /expected one of/],
    ['catalogue/step-1.json', '"one-china"', '"two-moons"', 'A1.US.2', 'terms', /two-moons is not known/],
    ['catalogue/step-1.json', '"A.view.lead"', '"A.view.other"', 'A1.US.1', 'views', /not known/],
    ['catalogue/nuclear-path.json', '"BMLN/*"', '"ZZZ/*"', 'B1', 'linkedFormats', /covers no format/],
    ['catalogue/nuclear-path.json', '["BMLN"]', '["ZZZ"]', 'B1', 'linkedAgreements', /not an agreement/],
    ['catalogue/step-4.json', '"section": "step-4"', '"section": "step-9"', 'A4.both.1', 'source/section', /not known/],
    ['catalogue/step-4.json', '"step": "4"', '"step": "3"', 'A4.both.1', 'step', /the id says 4/],
    ['catalogue/step-2.json', '"actor": "US"', '"actor": "CN"', 'A2.US.1', 'actor', /the id says US/],
    ['catalogue/sources.json', '"B3.2"', '"B3.9"', 'p5-statement-2022', 'measures', /not known/],
  ];
  for (const [path, from, to, id, field, reason] of cases) {
    const found = checkCatalogue(changed(path, from, to), formats).find((problem) => problem.field === field);
    assert.equal(found?.file, path, `${from} → ${to}`);
    assert.equal(found.id, id);
    assert.match(found.reason, reason);
  }
});

test('a measure that is lost or doubled is found', () => {
  const problems = checkCatalogue(changed('catalogue/step-2.json', '"id": "A2.US.2"', '"id": "A2.US.1"'), formats);
  const named = problems.map(({ id, field, reason }) => `${id} ${field}: ${reason}`);
  assert.ok(named.includes('A2.US.2 measures: is required and stands in no file'));
  assert.ok(named.includes('A2.US.1 id: stands in catalogue/step-2.json already'));
});

test('leaving out any one file is a problem, never an exception', () => {
  for (const left of shipped.keys()) {
    const files = new Map([...filesAsShipped()].filter(([path]) => path !== left));
    assert.ok(checkCatalogue(files, formats).length > 0, left);
  }
});

test('whatever JSON is handed in is answered with problems', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.ok(checkCatalogue(new Map([['x.json', value]]), formats).length > 0);
    }),
  );
});

test('a linked format covers by name, and a star covers each', () => {
  const notice = { agreement: 'BMLN', format: 'NOTIFY' };
  assert.deepEqual(
    ['BMLN/*', '*/NOTIFY', '*/*', 'BMLN/NOTIFY', 'BMLN/CANCEL', 'BML/*', 'CORE/NOTIFY'].map((pattern) =>
      coversFormat(pattern, notice),
    ),
    [true, true, true, true, false, false, false],
  );
});
