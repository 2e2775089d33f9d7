import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hourMs, minuteMs } from '#base/time.ts';
import { Agreement } from './agreement.ts';
import { Life } from './life.ts';
import { parties, Simulation } from './simulation.ts';

// What the simulator found once, each in the smallest world that shows it.

async function begun(): Promise<Simulation> {
  const simulation = await Simulation.make({ seed: 1, heartbeatSeconds: 30 });
  await simulation.begin();
  return simulation;
}

async function assertAgreed(simulation: Simulation, faults: Parameters<Agreement['check']>[0]): Promise<void> {
  const agreement = new Agreement(simulation);
  assert.ok(await simulation.pass(10 * minuteMs, () => agreement.isQuiet(30_000)), 'all is exchanged');
  await agreement.check(faults);
  assert.deepEqual(simulation.violations, []);
}

test('a lane whose other end dies before its greeting is given up within a minute or so, and called again', async () => {
  const simulation = await Simulation.make({ seed: 1 });
  const life = new Life(simulation.time, simulation.chance);
  let called = 0;
  simulation.network.open('US', { life, connected: () => (called += 1) });
  simulation.stations.CN.start();
  await simulation.pass(50_000);
  assert.equal(called, 2);
  await simulation.pass(40_000);
  assert.equal(called, 4);
});

test('a clock that went back while nothing of ours is written leaves no gap in the numbers', async () => {
  const simulation = await begun();
  await simulation.pass(minuteMs);
  simulation.stations.CN.clockWrongByMs = hourMs;
  simulation.network.carries.US = false;
  simulation.file('CN', 'R');
  await simulation.pass(5_000);
  simulation.stations.CN.clockWrongByMs = 0;
  // The receipt that comes now is stored without a record of ours.
  simulation.network.carries.US = true;
  simulation.network.resume();
  await simulation.pass(5_000);
  simulation.file('CN', 'R');
  await assertAgreed(simulation, ['clock']);
});

test('a record that a full disk refused leaves no trace in the filing times, whichever way the clock went', async () => {
  const simulation = await begun();
  const { CN } = simulation.stations;
  CN.disk.isFull = true;
  CN.clockWrongByMs = 5 * hourMs;
  simulation.file('CN', 'R');
  await simulation.pass(1_000);
  CN.disk.isFull = false;
  CN.clockWrongByMs = 0;
  simulation.file('CN', 'R');
  await simulation.pass(minuteMs);
  assert.ok(!simulation.alarms.CN.includes('record.filing-time'), 'nothing that stands in the log went back');

  CN.clockWrongByMs = -hourMs;
  CN.disk.isFull = true;
  simulation.file('CN', 'R');
  await simulation.pass(1_000);
  CN.disk.isFull = false;
  simulation.file('CN', 'R');
  await assertAgreed(simulation, ['clock', 'full']);
});

test('a path that stalls for two minutes under load makes nobody a flooder', async () => {
  const simulation = await begun();
  simulation.network.carries.CN = false;
  for (let second = 0; second < 120; second += 1) {
    simulation.file('CN', 'R');
    await simulation.pass(1_000);
  }
  simulation.network.carries.CN = true;
  simulation.network.resume();
  await assertAgreed(simulation, []);
});

test('a rest is read by the clock of whoever asked for it', async () => {
  const simulation = await begun();
  const { US } = simulation.stations;
  US.clockWrongByMs = 3 * hourMs;
  await simulation.pass(2 * minuteMs);
  US.reserveIsShort = true;
  for (const party of parties) simulation.file(party, 'R');
  await simulation.pass(10_000);
  US.reserveIsShort = false;
  await simulation.pass(3 * minuteMs);
  assert.ok(simulation.hasAll('US'), 'and not three hours later');
  US.clockWrongByMs = 0;
  await assertAgreed(simulation, ['clock', 'short']);
});
