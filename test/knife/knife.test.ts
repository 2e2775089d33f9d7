import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { seedOf } from '#test/federation/seed.ts';
import { playRound } from '#test/knife/knife.ts';
import { LossFound } from '#test/knife/witness.ts';

const rounds = 4;
const killsEach = 50;
/** What a disk that forgets must be found out within. */
const killsToFind = 12;

const seed = seedOf('knife');

for (let round = 0; round < rounds; round += 1) {
  test(`after ${killsEach} kills that lose what was not flushed, everything answered, signed and shown still stands (${round + 1} of ${rounds})`, async (t) => {
    const result = await playRound({ seed: seed + round, kills: killsEach, unflushed: '', progress: () => undefined });
    const lost = [...result.unflushed].map(([name, bytes]) => `${name} ${bytes}`).join(', ');
    t.diagnostic(
      `${result.kills} kills, ${result.filed} records answered; bytes not flushed: ${lost}; survived ${result.survived}`,
    );
    assert.ok(result.filed > killsEach, 'the centres were at work when they were killed');
    for (const name of ['store.sqlite-wal', 'anchor']) {
      assert.ok((result.unflushed.get(name) ?? 0) > 0, `a kill came between a write to ${name} and its flush`);
    }
  });
}

for (const unflushed of ['store.sqlite', 'anchor']) {
  test(`the same without the flushes of ${unflushed} is found out within ${killsToFind} kills`, async (t) => {
    const outcome = playRound({ seed, kills: killsToFind, unflushed, progress: () => undefined });
    const found = await outcome.catch((error: unknown) => error);
    assert.ok(found instanceof LossFound && found.folder !== undefined, `found instead: ${inspect(found)}`);
    t.diagnostic(found.message);
    await rm(found.folder, { recursive: true });
  });
}
