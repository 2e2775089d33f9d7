import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { deliveriesInFlightMax, deliveriesTogetherMax } from '#base/limits.ts';
import { mustAccept, refuse } from '#base/refusal.ts';
import { dayMs, hourMs } from '#base/time.ts';
import { pathsOf } from '#centre/config.ts';
import { StoreRefusal } from '#centre/store/store.ts';
import { encodeFrame } from '#exchange/message.ts';
import { parseCore } from '#record/core-formats.ts';
import { parseRecord } from '#record/envelope.ts';
import { Caller, call } from '#test/federation/caller.ts';
import { fileTest } from '#test/federation/concord.ts';
import { PairOfCentres, until } from '#test/federation/pair-of-centres.ts';
import { AttackedCentre, say } from '#test/rival/attacked-centre.ts';

async function attackedCentre(t: TestContext): Promise<AttackedCentre> {
  const attacked = await AttackedCentre.start();
  t.after(() => attacked.remove());
  return attacked;
}

test('a flood of good records beyond the day’s budget is deferred, and our own records and FLASH go out meanwhile', async (t) => {
  const budget = { bytesPerDay: 2_000_000, recordsPerDay: 40, flashPerHour: 2 };
  // Noon, so that the day does not end while the test runs.
  const skewMs = Math.floor(Date.now() / dayMs) * dayMs + 12 * hourMs - Date.now();
  const nowMs = (): number => Date.now() + skewMs;
  const pair = await PairOfCentres.make({ status: 'test', nowMs: { CN: nowMs, US: nowMs } });
  const { peer } = pathsOf(pair.directory('US'));
  await writeFile(peer, JSON.stringify({ ...JSON.parse(await readFile(peer, 'utf8')), budget }));
  const attacked = await AttackedCentre.of(pair);
  t.after(() => attacked.remove());
  const { log, us } = attacked;
  for (let number = 0; number < 2_000; number += 1) log.say(`flood ${number}`);
  const [next, urgent] = [await attacked.call('next'), await attacked.call('urgent')];
  for (let from = 0; from < log.size; from += 10) say(next, await log.next({ from, to: from + 10, size: log.size }));
  await next.hear('deferred');
  const routine = await fileTest(us, 'our own, while the flood goes on');
  const flash = await fileTest(us, 'our own FLASH', 'Z');
  const brought = ({ header, attachments }: Caller['heard'][number], index: number): boolean =>
    header.kind === 'next' && header.from <= index && index < header.from + attachments.length - 2;
  await until('our own record goes out', () => next.heard.some((message) => brought(message, routine.index)));
  await until('our own FLASH goes out', () =>
    urgent.heard.some(({ header }) => header.kind === 'urgent' && header.index === flash.index),
  );
  // What had arrived before the first of it was stored and counted is taken whole.
  const arrived = 10 * (2 * deliveriesInFlightMax + deliveriesTogetherMax);
  assert.ok(attacked.held <= budget.recordsPerDay + arrived, `${attacked.held} of ${log.size} were stored`);
});

test('deliveries that come together are stored four at most in one transaction, each with one receipt', async (t) => {
  const attacked = await attackedCentre(t);
  const { log, us } = attacked;
  const count = 15;
  for (let number = 0; number < count; number += 1) log.say(`record ${number}`);
  const next = await attacked.call('next');
  const deliveries = await Promise.all(
    Array.from({ length: count }, (_, from) => log.next({ from, to: from + 1, size: log.size })),
  );
  for (const delivery of deliveries) say(next, delivery);
  await attacked.holds(count);
  const own = await us.store.leaves(us.identity.origin, 0, { count: 100, bytes: 1_000_000 });
  const ranges = own.map((leaf) => mustAccept(parseCore(mustAccept(parseRecord(leaf)).record, 'RECEIPT')));
  assert.equal(ranges.at(-1)?.to, count);
  for (const { from, to } of ranges) assert.ok(to - from <= deliveriesTogetherMax, `${from} to ${to} in one`);
});

test('whoever calls a hundred times with the right key has one connection on a lane, and the last one works', async (t) => {
  const attacked = await attackedCentre(t);
  const { log, address, identity } = attacked;
  log.say('record');
  const callers: Caller[] = [];
  for (let number = 0; number < 100; number += 1) callers.push(await Caller.call({ address, identity }, 'next'));
  const next = await attacked.call('next');
  await until('the others are closed', () => callers.every(({ isClosed }) => isClosed));
  say(next, await log.next({ from: 0, to: 1, size: 1 }));
  await attacked.holds(1);
});

test('half a frame, however long it says that it is, keeps neither the other lane nor the next connection waiting', async (t) => {
  const attacked = await attackedCentre(t);
  const { log, address, identity } = attacked;
  const flash = log.say('FLASH', 'Z');
  const urgent = await attacked.call('urgent');
  const slow = await call({ address, identity });
  slow.resume();
  const greeting = { kind: 'hello', protocol: 1, centre: 'CN', origin: log.owner.origin, lane: 'next', held: 0 } as const;
  slow.write(encodeFrame({ header: { ...greeting, urgentHeld: [] }, attachments: [] }));
  slow.write(Uint8Array.of(0, 0x40, 0, 0, 0, 0, 0, 30, 0x7b));
  say(urgent, await log.urgent({ index: flash, base: 0, size: 1 }));
  await urgent.hear('held-urgent');
  const next = await attacked.call('next');
  if (!slow.destroyed) await once(slow, 'close');
  say(next, await log.next({ from: 0, to: 1, size: 1 }));
  await attacked.holds(1);
});

test('leaves are given back one answer at a time, however often they are asked for, and none that are not held', async (t) => {
  const attacked = await attackedCentre(t);
  const { log } = attacked;
  for (let number = 0; number < 20; number += 1) log.say(`record ${number}`);
  const [next, urgent] = [await attacked.call('next'), await attacked.call('urgent')];
  say(next, await log.next({ from: 0, to: 20, size: 20 }));
  await attacked.holds(20);
  for (const from of [20, 21, 2 ** 31, Number.MAX_SAFE_INTEGER]) next.say({ kind: 'ask', from });
  for (let number = 0; number < 500; number += 1) next.say({ kind: 'ask', from: 0 });
  const flash = log.say('FLASH', 'Z');
  say(urgent, await log.urgent({ index: flash, base: 20, size: 21 }));
  await urgent.hear('held-urgent');
  const { header, attachments } = await next.hear('give');
  assert.deepEqual([header, attachments.slice(2)], [{ kind: 'give', from: 0 }, log.leaves.slice(0, 20)]);
  assert.ok(!attacked.alarms.some(({ code }) => code === 'link.message'), 'an answer that could not be made would be an alarm');
});

test('a leaf that could not be stored closes its own lane alone, and is taken when it comes again', async (t) => {
  const attacked = await attackedCentre(t);
  const { log, us } = attacked;
  log.say('record');
  const [next, urgent] = [await attacked.call('next'), await attacked.call('urgent')];
  say(next, await log.next({ from: 0, to: 1, size: 1 }));
  await attacked.holds(1);
  const flash = log.say('FLASH', 'Z');
  const commit = us.store.commit.bind(us.store);
  us.store.commit = (batch) => {
    if (!batch.documents.some(({ collection }) => collection.startsWith('urgent/'))) return commit(batch);
    us.store.commit = commit;
    return Promise.reject(new StoreRefusal(refuse('store.full', 'the disk is full, for once')));
  };
  const delivery = await log.urgent({ index: flash, base: 1, size: 2 });
  say(urgent, delivery);
  await urgent.closed();
  assert.equal(next.isClosed, false);
  const again = await attacked.call('urgent');
  say(again, delivery);
  await again.hear('held-urgent');
  say(next, await log.next({ from: 1, to: 2, size: 2 }));
  await attacked.holds(2);
});
