import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hourMs, minuteMs } from '#base/time.ts';
import { receiptsOf } from '#exchange/standing.ts';
import { alarmsOf, assertConcord, fileTest, isReceipted, untilQuiet } from './concord.ts';
import { PairOfCentres, until } from './pair-of-centres.ts';

const heartbeatSeconds = 1;

/** Two centres whose clocks differ from the real one by so much. */
async function skewed(offsetMs: { CN: number; US: number }): Promise<PairOfCentres> {
  const nowMs = { CN: () => Date.now() + offsetMs.CN, US: () => Date.now() + offsetMs.US };
  return await PairOfCentres.make({ status: 'test', heartbeatSeconds, nowMs });
}

test('clocks that lie eight hours apart stop nothing: each says its own times, and the difference is seen', async (t) => {
  const pair = await skewed({ CN: 5 * hourMs, US: -3 * hourMs });
  t.after(() => pair.remove());
  const { cn, us } = await pair.startBoth();
  const alarms = [cn, us].map(alarmsOf);
  const filed = await fileTest(cn, 'from the future', 'Z');
  const answered = await fileTest(us, 'from the past');
  await until('both receipts', () => isReceipted(cn, filed) && isReceipted(us, answered));
  await until('heartbeats', () => [cn, us].every((centre) => centre.linkState().paths.every(({ state }) => state === 'alive')));
  await untilQuiet(cn, us);
  await assertConcord(cn, us);
  const [receipt] = receiptsOf(cn.register, { log: filed.origin, index: filed.index });
  const lateMs = (receipt?.receivedAtMs ?? 0) - Date.parse(filed.record.filedAt);
  assert.ok(Math.abs(lateMs + 8 * hourMs) < minuteMs, `the receipt bears the receiver's own time: ${lateMs}`);
  const seenMs = cn.linkState().paths.map(({ clockOffsetMs }) => clockOffsetMs);
  for (const offsetMs of seenMs) assert.ok(Math.abs(offsetMs + 8 * hourMs) < minuteMs, `the offset is shown: ${offsetMs}`);
  assert.deepEqual(alarms.flat(), []);
});

test('a clock that steps back costs one record that says so; the line goes on, and cosigning waits for the clock', async (t) => {
  const offsetMs = { CN: 5 * hourMs, US: 0 };
  const pair = await skewed(offsetMs);
  t.after(() => pair.remove());
  const { cn, us } = await pair.startBoth();
  await fileTest(us, 'before');
  await fileTest(cn, 'before');
  await untilQuiet(cn, us);
  await until('both cosigned', () => cn.linkState().own.cosigned > 0 && us.linkState().own.cosigned > 0);
  const alarms = { cn: alarmsOf(cn), us: alarmsOf(us) };

  offsetMs.CN = -hourMs;
  assert.ok(
    cn.linkState().paths.every(({ state }) => state !== 'alive'),
    'how old the last heartbeat is nobody knows',
  );
  const flash = await fileTest(us, 'while the clock is wrong', 'Z');
  const filed = await fileTest(cn, 'filed by the clock that went back', 'Z');
  await until('both receipts', () => isReceipted(us, flash) && isReceipted(cn, filed));
  await until('heartbeats', () => cn.linkState().paths.every(({ state }) => state === 'alive'));
  await untilQuiet(cn, us);
  await assertConcord(cn, us, ['record.filing-time']);
  assert.deepEqual([...new Set(alarms.cn)].toSorted(), ['record.filing-time', 'signer.clock'], 'our officers are told');
  assert.deepEqual(alarms.us, []);
  const waiting = us.linkState().own.cosigned;
  assert.ok(waiting <= flash.index, 'nothing is cosigned by a clock that went back');
  assert.ok(Date.parse(filed.record.filedAt) < Date.now() - hourMs / 2, 'the record bears the clock’s own time');

  offsetMs.CN = 6 * hourMs;
  await fileTest(us, 'after');
  await until('cosigning goes on', () => us.linkState().own.cosigned > waiting);
  await untilQuiet(cn, us);
  await assertConcord(cn, us, ['record.filing-time']);
});

test('a clock that steps back less than the tolerance costs nothing', async (t) => {
  const offsetMs = { CN: 0, US: 0 };
  const pair = await skewed(offsetMs);
  t.after(() => pair.remove());
  const { cn, us } = await pair.startBoth();
  await fileTest(cn, 'before');
  offsetMs.CN = -minuteMs;
  await fileTest(cn, 'a minute earlier');
  await untilQuiet(cn, us);
  await assertConcord(cn, us);
});
