import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Area, containsPoint } from '#agreement/area.ts';

/** A millionth of a degree of latitude, or of longitude on the equator, is some 11 cm. */
const at = (latE6: number, lonE6: number) => ({ latE6, lonE6 });

test('what lies within a metre of a boundary is on it, and what lies farther out is not', () => {
  const circle: Area = { kind: 'circle', centre: at(0, 0), radiusM: 1_000 };
  assert.deepEqual(
    [8_993, 9_002, 9_003].map((lonE6) => containsPoint(circle, at(0, lonE6))),
    [true, true, false],
  );
  const square: Area = { kind: 'polygon', vertices: [at(0, 0), at(0, 10_000), at(10_000, 10_000), at(10_000, 0)] };
  assert.deepEqual(
    [0, -9, -10].map((latE6) => containsPoint(square, at(latE6, 5_000))),
    [true, true, false],
  );
});
