import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { dayMs, hourMs, type TimeMs } from '#base/time.ts';
import { pathsOf } from '#centre/config.ts';
import { alarmsOf, assertConcord, fileTest, isReceipted, untilQuiet } from './concord.ts';
import { PairOfCentres, until } from './pair-of-centres.ts';

// What waits after the first day is less than the second allows, however the records are gathered into deliveries.
const budget = { bytesPerDay: 2_000_000, recordsPerDay: 30, flashPerHour: 3 };
const restSeconds = 30;

test('beyond the day’s budget records wait for the next day; a FLASH beyond the hour’s comes without alarm; nothing is lost', async (t) => {
  // Noon, so that neither the hour nor the day ends while the test runs.
  let skewMs = Math.floor(Date.now() / dayMs) * dayMs + 12 * hourMs - Date.now();
  const nowMs = (): TimeMs => Date.now() + skewMs;
  const pair = await PairOfCentres.make({ status: 'test', heartbeatSeconds: 1, nowMs: { CN: nowMs, US: nowMs } });
  t.after(() => pair.remove());
  const { peer } = pathsOf(pair.directory('US'));
  await writeFile(peer, JSON.stringify({ ...JSON.parse(await readFile(peer, 'utf8')), budget }));
  const both = await pair.startBoth();
  const { cn } = both;
  let { us } = both;
  const alarms = [cn, us].map(alarmsOf);
  const sounded: number[] = [];
  us.listen((news) => news.kind === 'record' && news.origin === cn.identity.origin && news.urgent && sounded.push(news.index));

  const flashes = [];
  for (let number = 0; number < 6; number += 1) {
    const flash = await fileTest(cn, `FLASH ${number}`, 'Z');
    await until('the receipt of a FLASH', () => isReceipted(cn, flash));
    flashes.push(flash.index);
  }
  assert.deepEqual(sounded, flashes.slice(0, budget.flashPerHour), 'as many sound as the hour allows');
  assert.deepEqual(
    flashes.map((index) => us.register.sounds({ log: cn.identity.origin, index })),
    [true, true, true, false, false, false],
  );

  for (let number = 0; number < 40; number += 1) {
    await fileTest(cn, `record ${number}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await until('the budget is spent', () => us.linkState().theirs.held >= budget.recordsPerDay / 2);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const held = us.linkState().theirs.held;
  assert.ok(held < cn.linkState().own.logged, `records wait: ${held} of ${cn.linkState().own.logged}`);

  // A start of the receiver gives nothing of the day again.
  await pair.stop('US');
  us = (await pair.start('US')).centre;
  await until('the line is open', () => us.linkState().line === 'open');
  const late = await fileTest(cn, 'a FLASH while records wait', 'Z');
  await until('the receipt of that FLASH', () => isReceipted(cn, late));
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(us.linkState().theirs.held, held);

  skewMs += dayMs;
  await untilQuiet(cn, us, restSeconds * 1000);
  await assertConcord(cn, us);
  assert.deepEqual(alarms.flat(), []);
});
