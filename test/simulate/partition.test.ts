import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayMs, hourMs, minuteMs } from '#base/time.ts';
import { receiptBy } from '#exchange/folds.ts';
import { Agreement } from './agreement.ts';
import { Operator } from './operator.ts';
import { parties, Simulation } from './simulation.ts';
import { epochMs } from './station.ts';

const paceMs = 2 * minuteMs;

test('a partition of 24 hours at load heals without an operator: a flash first, then everything, and every time is right', async () => {
  const simulation = await Simulation.make({ seed: 24, heartbeatSeconds: 60 });
  const { time, network, violations } = simulation;
  await simulation.begin();
  new Operator(simulation, false);
  for (const party of parties) network.carries[party] = false;
  const fromMs = time.nowMs;
  for (let at = 0; at < dayMs; at += paceMs) {
    for (const party of parties) simulation.file(party, at % hourMs === 0 ? 'Z' : 'R');
    await simulation.pass(paceMs);
  }
  assert.equal(time.nowMs - fromMs, dayMs);
  for (const party of parties)
    assert.ok(
      simulation
        .centre(party)
        .linkState()
        .paths.every(({ state }) => state !== 'alive'),
      'silence is shown',
    );
  const during = simulation.answered.slice();
  assert.ok(during.length > (2 * dayMs) / paceMs);

  for (const party of parties) network.carries[party] = true;
  network.resume();
  const backMs = time.nowMs;
  for (const party of parties) simulation.file(party, 'Z');
  assert.ok(await simulation.pass(minuteMs, () => simulation.answered.length === during.length + 2));
  const isFlashHeard = (): boolean =>
    simulation.answered.slice(-2).every(({ origin, index }) => simulation.sounded.has(`${origin} ${index}`));
  assert.ok(await simulation.pass(minuteMs, isFlashHeard), 'what is urgent now does not wait for a day of history');
  const agreement = new Agreement(simulation);
  assert.ok(await simulation.pass(30 * minuteMs, () => agreement.isQuiet(minuteMs)), 'all is exchanged');
  await agreement.check(['partition']);
  assert.deepEqual(violations, []);

  // What was filed in the day of silence was received when the path was back, and both sides show that.
  for (const { party, origin, index, atMs } of during) {
    if (atMs < fromMs) continue;
    const other = party === 'CN' ? 'US' : 'CN';
    const [own, theirs] = parties.map((each) => receiptBy(simulation.centre(each).register, { log: origin, index }, other));
    assert.deepEqual(own, theirs);
    assert.ok((own?.receivedAtMs ?? 0) >= epochMs + backMs, `leaf ${index} of ${origin}`);
  }
});
