import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seedOf } from '#test/federation/seed.ts';
import { hunt, memoryGrowthMiBMax } from '#test/rival/hunt.ts';
import { attackLive } from '#test/rival/live.ts';
import { targets } from '#test/rival/targets.ts';

// 50,000 hostile inputs; `npm run rival` goes on as long as one likes.

test('45,000 hostile inputs: none is accepted that should not be, none crashes, none takes long, none stays in memory', (t) => {
  const seed = seedOf('hostile inputs');
  const report = hunt(targets, { seed, from: 0, count: 45_000, failuresMax: 3 });
  assert.deepEqual(report.failures, [], `seed ${seed}`);
  assert.ok(report.memoryGrowthMiB < memoryGrowthMiBMax, `memory grew by ${report.memoryGrowthMiB} MiB`);
  for (const [name, { inputs }] of report.byTarget) assert.ok(inputs > 0, `${name} was asked`);
  t.diagnostic(`${report.accepted} of ${report.inputs} accepted, ${report.blocks} blocks reached, ${report.kept} inputs kept`);
});

test('5,000 hostile messages to a real centre from the keys of the other side: each honest FLASH and record comes through', async (t) => {
  const seed = seedOf('attack on a centre');
  const { messages, connections, held } = await attackLive({ seed, count: 5_000 });
  assert.equal(messages, 5_000);
  t.diagnostic(`${connections} connections, ${held} leaves held`);
});
