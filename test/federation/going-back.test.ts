import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustAccept, type Result } from '#base/refusal.ts';
import { pathsOf } from '#centre/config.ts';
import { openCentre } from '#centre/open-centre.ts';
import { recover } from '#centre/recover.ts';
import { parseRecord } from '#record/envelope.ts';
import { alarmsOf, assertConcord, fileTest, isReceipted, testDraft, untilQuiet } from './concord.ts';
import { PairOfCentres, type Party, until } from './pair-of-centres.ts';

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

async function recovered(pair: PairOfCentres, party: Party) {
  return await recover({ ...pair.optionsOf(party), waitMs: 10_000, progress: () => undefined });
}

/** Fills both logs, keeps a copy of the United States' directory, and lets both go on. */
async function pairWithOldCopy(): Promise<{ readonly pair: PairOfCentres; readonly copy: string; readonly logged: number }> {
  const pair = await PairOfCentres.make({ status: 'test', heartbeatSeconds: 1, askSeconds: 2 });
  const first = await pair.startBoth();
  for (let number = 0; number < 5; number += 1) {
    await fileTest(first.us, `before ${number}`, number === 2 ? 'Z' : 'R');
    await fileTest(first.cn, `before ${number}`, number === 3 ? 'Z' : 'R');
  }
  await untilQuiet(first.cn, first.us);
  await pair.stop('US');
  const copy = join(pair.folder, 'copy');
  await cp(pair.directory('US'), copy, { recursive: true });
  const us = (await pair.start('US')).centre;
  await until('the line is open', () => us.linkState().line === 'open');
  for (let number = 0; number < 20; number += 1) {
    await fileTest(us, `after ${number}`, number % 7 === 0 ? 'Z' : 'R');
    await fileTest(first.cn, `after ${number}`, number % 5 === 0 ? 'Z' : 'R');
  }
  await untilQuiet(first.cn, us);
  const { logged } = us.linkState().own;
  await pair.stop('US');
  return { pair, copy, logged };
}

async function goOn(pair: PairOfCentres): Promise<void> {
  const cn = pair.running.get('CN')?.centre ?? assert.fail('China runs');
  const us = (await pair.start('US')).centre;
  const alarms = [cn, us].map(alarmsOf);
  await until('the line is open', () => us.linkState().line === 'open');
  const filed = await fileTest(us, 'going on', 'Z');
  const answered = await fileTest(cn, 'going on', 'Z');
  await until('both receipts', () => isReceipted(us, filed) && isReceipted(cn, answered));
  await untilQuiet(cn, us);
  // Every number follows the one before, and every leaf has one first receipt, or something would be void.
  await assertConcord(cn, us);
  assert.deepEqual(alarms.flat(), []);
}

test('a store restored from an old copy is not started; its leaves come back from the other side, and both go on', async (t) => {
  const { pair, copy, logged } = await pairWithOldCopy();
  t.after(() => pair.remove());
  const { store } = pathsOf(pair.directory('US'));
  for (const end of ['', '-wal', '-shm']) await rm(`${store}${end}`, { force: true });
  await cp(pathsOf(copy).store, store);
  assert.equal(codeOf(await openCentre(pair.optionsOf('US'))), 'signer.went-back');
  const { from, to } = mustAccept(await recovered(pair, 'US'));
  assert.equal(to, logged);
  assert.ok(from < to);
  assert.deepEqual(mustAccept(await recovered(pair, 'US')), { from: logged, to: logged }, 'a second time there is nothing to do');
  await goOn(pair);
});

test('a machine restored as a whole does not open its line by itself, nor by a supervisor’s word, and is healed alike', async (t) => {
  const { pair, copy, logged } = await pairWithOldCopy();
  t.after(() => pair.remove());
  await rm(pair.directory('US'), { recursive: true });
  await cp(copy, pair.directory('US'), { recursive: true });
  const us = (await pair.start('US')).centre;
  const alarms = alarmsOf(us);
  await until('the alarm', () => alarms.includes('signer.went-back'));
  await until('the time to confirm', () => us.linkState().line === 'confirm');
  assert.equal(codeOf(await us.confirmStore('it must be the newest')), 'signer.went-back');
  assert.equal(codeOf(await us.file(testDraft(us, 'a second history', 'R'))), 'signer.went-back');
  assert.ok(us.linkState().own.logged < logged);
  await pair.stop('US');
  assert.equal(codeOf(await openCentre(pair.optionsOf('US'))), 'signer.went-back', 'the anchor was raised to what was shown');
  assert.equal(mustAccept(await recovered(pair, 'US')).to, logged);
  await goOn(pair);
});

test('while the other side is silent a supervisor may confirm the store; that is logged, and the line opens', async (t) => {
  const pair = await PairOfCentres.make({ status: 'test', heartbeatSeconds: 1, askSeconds: 1 });
  t.after(() => pair.remove());
  const first = await pair.startBoth();
  await fileTest(first.cn, 'before');
  await untilQuiet(first.cn, first.us);
  await pair.stop('US');
  await pair.stop('CN');
  const cn = (await pair.start('CN')).centre;
  assert.equal(codeOf(await cn.file(testDraft(cn, 'too early', 'R'))), 'link.opening');
  assert.equal(codeOf(await cn.confirmStore('too early')), 'link.opening');
  await until('the time to confirm', () => cn.linkState().line === 'confirm');
  assert.equal(codeOf(await cn.file(testDraft(cn, 'not confirmed', 'R'))), 'link.opening');
  const { logged } = cn.linkState().own;
  mustAccept(await cn.confirmStore('the disk is the one that was in use'));
  assert.equal(cn.linkState().line, 'open');
  const bytes = await cn.store.leaf(cn.identity.origin, logged);
  const { record } = mustAccept(parseRecord(bytes ?? new Uint8Array()));
  assert.equal(record.basis.format, 'CONFIRM-STORE');
  assert.equal(record.originator.role, 'supervisor');
  assert.equal(record.content['size'], logged);
  await fileTest(cn, 'alone');
  const us = (await pair.start('US')).centre;
  await until('the line is open', () => us.linkState().line === 'open');
  await untilQuiet(cn, us);
  await assertConcord(cn, us);
});

test('a recovery that nobody answers says so, and changes nothing', async (t) => {
  const { pair, copy } = await pairWithOldCopy();
  t.after(() => pair.remove());
  await pair.stop('CN');
  await rm(pair.directory('US'), { recursive: true });
  await cp(copy, pair.directory('US'), { recursive: true });
  const silent = await recover({ ...pair.optionsOf('US'), waitMs: 600, progress: () => undefined });
  assert.equal(codeOf(silent), 'link.peer');
});
