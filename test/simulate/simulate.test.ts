import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults } from './faults.ts';
import { honestRun } from './honest-run.ts';
import { misdeeds } from './misdeeds.ts';
import { rivalRun } from './rival-run.ts';

/** A part of what `npm run simulate` does for as long as one likes; other seeds each time, said if one fails. */
const from = Date.now() % 1_000_000_007;

test('a seed is played alike each time it is played', async () => {
  const [first, second] = [await honestRun({ seed: 77 }), await honestRun({ seed: 77 })];
  assert.ok(first.trace.length > 50);
  assert.deepEqual(first.trace, second.trace);
});

test(`two honest centres agree after whatever befell them, in 12 worlds from seed ${from} on`, async () => {
  for (let seed = from; seed < from + 12; seed += 1) {
    const { violations } = await honestRun({ seed });
    assert.deepEqual(violations, [], `npm run simulate -- --seed ${seed}`);
  }
});

test(`a centre alone with a rival who holds all keys of the other side keeps its word, in 30 worlds from seed ${from} on`, async () => {
  for (let seed = from; seed < from + 30; seed += 1) {
    const { violations } = await rivalRun({ seed });
    assert.deepEqual(violations, [], `npm run simulate -- --seed ${seed}`);
  }
});

for (const name of Object.keys(misdeeds)) {
  test(`a rival gains nothing by the misdeed "${name}"`, async () => {
    for (let seed = 1; seed <= 2; seed += 1) {
      const { violations } = await rivalRun({ seed, misdeeds: [name], forMs: 30_000 });
      assert.deepEqual(violations, [], `seed ${seed}`);
    }
  });
}

for (const name of Object.keys(faults) as (keyof typeof faults)[]) {
  test(`two honest centres agree after faults of the kind "${name}"`, async () => {
    for (let seed = 1; seed <= 2; seed += 1) {
      const { violations } = await honestRun({ seed, faults: [name], faultsForMs: 60_000 });
      assert.deepEqual(violations, [], `seed ${seed}`);
    }
  });
}
