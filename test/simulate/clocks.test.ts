import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hourMs, minuteMs, textOfTime } from '#base/time.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import { readMatter } from '#exchange/matter.ts';
import { type DraftRecord, recordVersion } from '#record/envelope-schema.ts';
import { fullProfile, noticeContent } from '#test/paper-circle.ts';
import { honestRun } from './honest-run.ts';
import { otherOf, type Party } from './network.ts';
import { parties, Simulation } from './simulation.ts';
import { epochMs } from './station.ts';

/** Both sides have adopted the launch agreement, and it is in force. */
async function inForce(): Promise<Simulation> {
  const simulation = await Simulation.make({
    seed: 5,
    instruments: new Map([[fullProfile.hash, fullProfile]]),
    heartbeatSeconds: 30,
  });
  await simulation.begin();
  for (const party of parties) {
    const centre = simulation.centre(party);
    const context = { identity: centre.identity, peerCentre: otherOf[party], salt: centre.salt(), dutyTimeMs: 0 };
    const inForceFrom = textOfTime(epochMs + simulation.time.nowMs + minuteMs);
    const content = { agreement: 'BMLN', version: fullProfile.hash, inForceFrom };
    simulation.file(
      party,
      'R',
      coreDraft(context, { format: 'ADOPT', content, role: 'releaser', precedence: 'R', references: [] }),
    );
  }
  await simulation.pass(5 * minuteMs);
  return simulation;
}

/** China notifies a launch whose window opens in 25 hours, an hour before the limit; gives the place of the notice. */
async function notify(simulation: Simulation): Promise<{ readonly log: string; readonly index: number }> {
  const format = fullProfile.formats.get('NOTIFY') ?? assert.fail('the agreement has a notice');
  const draft: DraftRecord = {
    schema: recordVersion,
    status: 'test',
    class: format.class,
    precedence: { action: 'O', info: 'R' },
    originator: { centre: 'CN', role: 'releaser' },
    action: ['US'],
    info: [],
    basis: { agreement: 'BMLN', version: fullProfile.hash, article: format.article, format: 'NOTIFY' },
    references: [],
    content: noticeContent(epochMs + simulation.time.nowMs + 25 * hourMs),
    releasability: 'parties',
    salt: simulation.centre('CN').salt(),
  };
  const before = simulation.answered.length;
  simulation.file('CN', 'O', draft);
  await simulation.pass(2 * minuteMs);
  const filed = simulation.answered[before] ?? assert.fail('the notice is filed');
  return { log: filed.origin, index: filed.index };
}

/** What a side's officers are shown of the deadline: its state, and by what it was read. */
function shown(
  simulation: Simulation,
  party: Party,
  place: { readonly log: string; readonly index: number },
): readonly unknown[] {
  const nowMs = simulation.stations[party].nowMs();
  const matter = readMatter(simulation.centre(party).register, place, { realMs: nowMs, scenarioMs: nowMs });
  const [margin] = matter?.due[0]?.margins ?? [];
  return [margin?.state, ...(margin?.readings.map(({ by }) => by) ?? [])];
}

function offsetsHours(simulation: Simulation, party: Party): readonly number[] {
  return simulation
    .centre(party)
    .linkState()
    .paths.map(({ clockOffsetMs }) => Math.round(clockOffsetMs / hourMs) + 0);
}

test('a time stated by a clock that is two hours wrong is shown beside the one that contradicts it, and makes nobody late', async () => {
  const simulation = await inForce();
  const right = await notify(simulation);
  for (const party of parties) assert.deepEqual(shown(simulation, party, right), ['met', 'receipt'], party);
  assert.deepEqual(offsetsHours(simulation, 'CN'), [0, 0]);

  simulation.stations.US.clockWrongByMs = 2 * hourMs;
  const disputed = await notify(simulation);
  for (const party of parties)
    assert.deepEqual(shown(simulation, party, disputed), ['disputed', 'receipt', 'cosignature'], party);
  assert.deepEqual(offsetsHours(simulation, 'CN'), [2, 2], 'the difference of the clocks is shown');
  assert.deepEqual(offsetsHours(simulation, 'US'), [-2, -2]);

  // The clock is set right, and with it goes back: that is marked, and what follows is as before.
  simulation.stations.US.clockWrongByMs = 0;
  const again = await notify(simulation);
  for (const party of parties) assert.deepEqual(shown(simulation, party, again), ['met', 'receipt'], party);
  assert.ok(simulation.alarms.US.includes('record.filing-time'));
  assert.deepEqual(offsetsHours(simulation, 'CN'), [0, 0]);
  assert.deepEqual(simulation.violations, []);
});

test('clocks that are hours wrong and step back and forth, on a path that comes and goes, heal without an operator', async () => {
  for (let seed = 1; seed <= 4; seed += 1) {
    const { violations } = await honestRun({
      seed,
      faults: ['clock', 'clock', 'partition', 'killed'],
      faultsForMs: 5 * minuteMs,
    });
    assert.deepEqual(violations, [], `seed ${seed}`);
  }
});

test('a lane lives and dies by what comes on it, whatever the clock of day is set to', async () => {
  const simulation = await Simulation.make({ seed: 9, heartbeatSeconds: 30 });
  const lost: string[] = [];
  const lostByChina = (): readonly string[] => lost.filter((lane) => lane.startsWith('CN')).toSorted();
  simulation.listen((party, news) => {
    if (news.kind === 'link' && !news.connected) lost.push(`${party} ${news.lane}`);
  });
  await simulation.begin();
  for (const wrongByMs of [5 * hourMs, -5 * hourMs, 0]) {
    simulation.stations.CN.clockWrongByMs = wrongByMs;
    await simulation.pass(10 * minuteMs);
  }
  assert.deepEqual(lost, [], 'a clock that moves cuts nothing');
  // Nothing comes from the United States, and China's clock stands still: it goes back as fast as time passes.
  simulation.network.carries.US = false;
  for (let second = 0; second < 175; second += 1) {
    simulation.stations.CN.clockWrongByMs -= 1_000;
    await simulation.pass(1_000);
  }
  assert.deepEqual(lost, [], 'three minutes are not over');
  for (let second = 0; second < 70; second += 1) {
    simulation.stations.CN.clockWrongByMs -= 1_000;
    await simulation.pass(1_000);
  }
  assert.deepEqual(lostByChina(), ['CN next', 'CN urgent']);
  assert.deepEqual(simulation.violations, []);
});
