import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmsOf, assertConcord, fileTest, untilQuiet } from './concord.ts';
import { FaultyPath } from './faulty-path.ts';
import { PairOfCentres, until } from './pair-of-centres.ts';
import { chanceOf, seedOf } from './seed.ts';

const runs = 4;
const bursts = 40;

/** What a bad path may make a centre say: a handshake that failed, and a frame that was cut or a connection given up. */
const expected = ['link.peer'];

test('over a path that delays, stalls, cuts, flips, splits, joins and repeats, both come to hold everything once', async (t) => {
  const seed = seedOf('faulty path');
  const outcomes = await Promise.all(Array.from({ length: runs }, (_, part) => run(seed, part)));
  const total = (kind: keyof FaultyPath['counts']): number => outcomes.reduce((sum, counts) => sum + counts[kind], 0);
  for (const kind of ['cut', 'flipped', 'stalled', 'split', 'joined', 'repeated'] as const) {
    t.diagnostic(`${kind}: ${total(kind)}`);
    assert.ok(total(kind) > 0, `the path was as bad as it should be: ${kind}, seed ${seed}`);
  }
});

async function run(seed: number, part: number): Promise<FaultyPath['counts']> {
  const chance = chanceOf(seed, part);
  const path = await FaultyPath.open(chance);
  const addressThrough = (listening: string): string => {
    path.target = listening;
    return path.address;
  };
  const pair = await PairOfCentres.make({ status: 'test', heartbeatSeconds: 1, addressOf: addressThrough });
  try {
    const us = (await pair.start('US')).centre;
    const cn = (await pair.start('CN')).centre;
    const alarms = [cn, us].map(alarmsOf);
    await until('both lines are open', () => [cn, us].every((centre) => centre.linkState().line === 'open'), 30_000);
    for (let burst = 0; burst < bursts; burst += 1) {
      const filings = Array.from({ length: 1 + chance.below(12) }, async (_, number) => {
        const centre = chance.below(2) === 0 ? cn : us;
        await new Promise((resolve) => setTimeout(resolve, chance.below(60)));
        await fileTest(centre, `${part}/${burst}/${number} ${'x'.repeat(chance.below(150))}`, chance.below(6) === 0 ? 'Z' : 'R');
      });
      await Promise.all(filings);
    }
    path.calm();
    await untilQuiet(cn, us, 45_000);
    await assertConcord(cn, us);
    assert.deepEqual(
      alarms.flat().filter((code) => !expected.includes(code)),
      [],
      `alarms of run ${part}, seed ${seed}`,
    );
    return path.counts;
  } finally {
    path.close();
    await pair.remove();
  }
}
