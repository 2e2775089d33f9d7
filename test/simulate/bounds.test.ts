import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mustAccept } from '#base/refusal.ts';
import { minuteMs, textOfTime } from '#base/time.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import { sealRecord } from '#record/envelope.ts';
import type { HostileLog } from '#test/rival/hostile-log.ts';
import { deliver, misdeeds } from './misdeeds.ts';
import { Rival } from './rival.ts';
import { Simulation } from './simulation.ts';
import { epochMs } from './station.ts';

async function attacked(seed: number): Promise<{ readonly simulation: Simulation; readonly rival: Rival }> {
  const simulation = await Simulation.make({ seed });
  const rival = new Rival(simulation);
  simulation.stations.CN.start();
  assert.ok(await simulation.pass(minuteMs, () => simulation.stations.CN.centre?.linkState().line === 'open'));
  await simulation.pass(1_000);
  return { simulation, rival };
}

function cosignedBy({ stations }: Simulation): number {
  return stations.CN.disk.anchored.followed[0]?.size ?? 0;
}

async function deliverAll(simulation: Simulation, rival: Rival, log: HostileLog): Promise<void> {
  for (let tries = 0; tries < 40 && rival.theyHold < log.size; tries += 1) {
    await deliver(rival, log);
    await simulation.pass(1_000);
  }
}

/** Records that nobody receipts, so that the other log does not grow with them. */
function sayPaths(log: HostileLog, first: number, count: number): void {
  const { centre, peer, origin } = log.owner;
  const identity = {
    centre,
    host: 'us.anshin.example',
    circle: 'us-cn',
    status: 'test',
    exercise: null,
    origin,
    successions: [],
  } as const;
  for (let serial = first; serial < first + count; serial += 1) {
    const context = {
      identity: { ...identity, peer: { centre: peer, origin: '' } },
      peerCentre: peer,
      salt: serial.toString(16).padStart(32, '0'),
      dutyTimeMs: 0,
    };
    const content = { from: textOfTime(epochMs), to: textOfTime(epochMs + serial), paths: [] };
    const draft = coreDraft(context, { format: 'PATHS', content, role: 'machine', precedence: 'R', references: [] });
    log.add(mustAccept(sealRecord(draft, { serial, filedAtMs: epochMs + serial })).bytes);
  }
}

test('a checkpoint of 2^53−1 leaves that continues the real log is receipted, and binds nobody: the log goes on to be cosigned', async () => {
  for (let seed = 1; seed <= 6; seed += 1) {
    const { simulation, rival } = await attacked(seed);
    const [log] = rival.histories;
    for (let number = 0; number < 5; number += 1) log.say(`record ${number}`);
    await deliverAll(simulation, rival, log);
    assert.equal(cosignedBy(simulation), 5);
    log.say('under a phantom', 'Z');
    await misdeeds['phantom']?.(rival);
    await simulation.pass(5_000);
    assert.ok(simulation.sounded.has(`${log.owner.origin} 5`), 'the flash is authentic, and sounds');
    assert.equal(cosignedBy(simulation), 5, 'nothing that is not held is cosigned');
    log.say('and so on');
    await deliverAll(simulation, rival, log);
    assert.deepEqual([rival.theyHold, cosignedBy(simulation)], [7, 7]);
    assert.deepEqual(simulation.violations, []);
  }
});

test('what was cosigned binds a store that was restored, whatever is shown ahead of it; meanwhile proofs are refused and not made up', async () => {
  const { simulation, rival } = await attacked(3);
  const { CN } = simulation.stations;
  const [log] = rival.histories;
  sayPaths(log, 1, 10);
  await deliverAll(simulation, rival, log);
  const copy = CN.disk.copy();
  const other = log.branch(10);
  sayPaths(log, 11, 20);
  await deliverAll(simulation, rival, log);
  assert.equal(cosignedBy(simulation), 30);
  CN.crash('killed');
  CN.disk.restore(copy, 'store');
  CN.start();
  await simulation.pass(20_000);
  assert.equal(rival.theyHold, 10);

  // Heads of another history from beyond what was cosigned on, as many as are taken.
  sayPaths(other, 500, 300);
  for (let index = 40; index < 300; index += 1) rival.send('urgent', await other.urgent({ index, base: 10, size: index + 1 }));
  await simulation.pass(20_000);
  const centre = simulation.centre('CN');
  for (let index = 0; index < 320; index += 1) {
    const proof = await simulation.drive(centre.proof(log.owner.origin, index));
    assert.equal(proof.ok, index < 10, `a proof of leaf ${index}`);
  }
  rival.send('next', await other.next({ from: 10, to: 35, size: 310 }));
  await simulation.pass(10_000);
  assert.equal(rival.theyHold, 10, 'the other history is not taken');
  assert.ok(simulation.alarms.CN.includes('log.fork'));
  assert.equal(cosignedBy(simulation), 30);
  assert.deepEqual(simulation.violations, []);
});
