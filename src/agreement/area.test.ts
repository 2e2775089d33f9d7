import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Area, checkArea, containsArea, containsPoint } from '#agreement/area.ts';
import { formatArea, parseArea } from '#agreement/area-text.ts';
import { formatPosition, type Position, parsePosition } from '#agreement/position.ts';
import { bearingTenths, distanceM, isBearingWithinOne, isRangeWithinOne, rangeKm } from '#agreement/sphere.ts';
import { mustAccept } from '#base/refusal.ts';

interface AreaVectors {
  readonly positions: readonly { readonly text: string; readonly latE6: number; readonly lonE6: number }[];
  readonly positionsRefused: readonly string[];
  readonly lines: readonly {
    readonly from: string;
    readonly to: string;
    readonly rangeKm: number;
    readonly bearingTenths: number;
  }[];
  readonly areas: readonly {
    readonly name: string;
    readonly text: string;
    readonly inside: readonly string[];
    readonly outside: readonly string[];
  }[];
  readonly areasRefused: readonly { readonly name: string; readonly text: string }[];
  readonly within: readonly { readonly name: string; readonly outer: string; readonly inner: string; readonly within: boolean }[];
}
const vectors = JSON.parse(readFileSync('spec/vectors/agreement/area.json', 'utf8')) as AreaVectors;

const at = (text: string): Position => mustAccept(parsePosition(text));
const areaOf = (text: string): Area => mustAccept(parseArea(text));
const position = fc.record(
  {
    latE6: fc.integer({ min: -90_000_000, max: 90_000_000 }),
    lonE6: fc.integer({ min: -180_000_000, max: 180_000_000 }),
  },
  { noNullPrototype: true },
);

test('positions are read in the forms of aviation notices and in decimal degrees', () => {
  for (const { text, latE6, lonE6 } of vectors.positions) assert.deepEqual(at(text), { latE6, lonE6 }, text);
});

test('what is no position is refused', () => {
  for (const text of vectors.positionsRefused) {
    const read = parsePosition(text);
    assert.equal(read.ok ? 'read' : read.refusal.code, 'agreement.area', text);
  }
});

test('a position reads back from its text exactly', () => {
  fc.assert(fc.property(position, (each) => assert.deepEqual(at(formatPosition(each)), each)));
});

test('ranges and bearings are whole units, and one unit either way stands', () => {
  for (const { from, to, rangeKm: range, bearingTenths: bearing } of vectors.lines) {
    assert.equal(rangeKm(at(from), at(to)), range);
    assert.equal(bearingTenths(at(from), at(to)), bearing);
    assert.ok(isRangeWithinOne(range + 1, at(from), at(to)) && !isRangeWithinOne(range + 2, at(from), at(to)));
    assert.ok(
      isBearingWithinOne((bearing + 3599) % 3600, at(from), at(to)) &&
        !isBearingWithinOne((bearing + 2) % 3600, at(from), at(to)),
    );
  }
});

test('distance is symmetric, and nobody is farther than half a great circle', () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      assert.ok(Math.abs(distanceM(a, b) - distanceM(b, a)) < 0.01);
      assert.ok(distanceM(a, b) <= Math.PI * 6_371_008.8 + 0.01);
    }),
  );
});

for (const { name, text, inside, outside } of vectors.areas) {
  test(`${name}: points lie inside and outside as they should`, () => {
    const area = areaOf(text);
    for (const point of inside) assert.ok(containsPoint(area, at(point)), `${point} is inside`);
    for (const point of outside) assert.ok(!containsPoint(area, at(point)), `${point} is outside`);
  });
}

test('areas without one meaning are refused', () => {
  for (const { name, text } of vectors.areasRefused) {
    const read = parseArea(text);
    assert.equal(read.ok ? 'read' : read.refusal.code, 'agreement.area', name);
  }
});

test('an area lies within another, or has been widened or moved', () => {
  for (const { name, outer, inner, within } of vectors.within)
    assert.equal(containsArea(areaOf(outer), areaOf(inner)), within, name);
});

const circle = fc.record(
  {
    kind: fc.constant('circle' as const),
    centre: position,
    radiusM: fc.integer({ min: 10, max: 1_000_000 }),
  },
  { noNullPrototype: true },
);

test('an area reads back from its text exactly', () => {
  fc.assert(fc.property(circle, (each) => assert.deepEqual(areaOf(formatArea(each)), each)));
  for (const { text } of vectors.areas) assert.deepEqual(areaOf(formatArea(areaOf(text))), areaOf(text));
});

test('turning the globe about its axis changes no answer', () => {
  const turned = (each: Position, by: number): Position => ({
    ...each,
    lonE6: ((each.lonE6 + by + 540_000_000) % 360_000_000) - 180_000_000,
  });
  const square = [
    { latE6: 60_000_000, lonE6: 0 },
    { latE6: 60_000_000, lonE6: 20_000_000 },
    { latE6: 75_000_000, lonE6: 20_000_000 },
    { latE6: 75_000_000, lonE6: 0 },
  ];
  const point = fc.record(
    {
      latE6: fc.integer({ min: 55_000_000, max: 80_000_000 }),
      lonE6: fc.integer({ min: -5_000_000, max: 25_000_000 }),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 359_000_000 }), point, (by, each) => {
      const there: Area = { kind: 'polygon', vertices: square.map((vertex) => turned(vertex, by)) };
      assert.ok(checkArea(there).ok);
      assert.equal(containsPoint(there, turned(each, by)), containsPoint({ kind: 'polygon', vertices: square }, each));
    }),
  );
});

test('every area lies within itself, and a larger circle does not lie within a smaller', () => {
  fc.assert(
    fc.property(circle, (each) => {
      assert.ok(containsArea(each, each));
      assert.ok(!containsArea(each, { ...each, radiusM: each.radiusM + 5 }));
    }),
  );
  for (const { text } of vectors.areas) assert.ok(containsArea(areaOf(text), areaOf(text)), text);
});
