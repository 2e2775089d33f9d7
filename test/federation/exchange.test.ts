import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mustAccept } from '#base/refusal.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import type { Desk } from '#centre/desk.ts';
import { receiptsOf } from '#exchange/standing.ts';
import type { Precedence } from '#record/envelope-schema.ts';
import { PairOfCentres, until } from './pair-of-centres.ts';

function testRecord(desk: Desk, text: string, precedence: Precedence) {
  const { identity } = desk;
  const context = { identity, peerCentre: identity.peer?.centre ?? '', salt: desk.salt(), dutyTimeMs: desk.dutyTimeMs() };
  return coreDraft(context, { format: 'TEST', content: { text }, role: 'watch-officer', precedence, references: [] });
}

test('a record is logged here, held and receipted there, and the receipt is held here', async (t) => {
  const pair = await PairOfCentres.make({ status: 'test', heartbeatSeconds: 1 });
  t.after(() => pair.remove());
  const [cn, us] = [(await pair.start('CN')).centre, (await pair.start('US')).centre];
  const alarms: string[] = [];
  for (const centre of [cn, us]) centre.listen((news) => news.kind === 'alarm' && alarms.push(news.refusal.detail));
  await until('the line is open', () => cn.linkState().line === 'open' && us.linkState().line === 'open');
  const filed = mustAccept(await cn.file(testRecord(cn, 'all well', 'R')));
  await until('the receipt', () => receiptsOf(cn.register, { log: filed.origin, index: filed.index }).length === 1);
  await until('the cosignature', () => cn.linkState().own.cosigned > filed.index);
  assert.equal(us.register.held().find(({ origin }) => origin === filed.origin)?.size, 1);
  assert.deepEqual(us.register.standing(filed.origin, filed.index), { kind: 'accepted' });
  const urgent = mustAccept(await us.file(testRecord(us, 'urgent', 'Z')));
  await until('the urgent receipt', () => receiptsOf(us.register, { log: urgent.origin, index: urgent.index }).length === 1);
  await until('heartbeats', () => cn.linkState().paths.every(({ state }) => state === 'alive'));
  assert.deepEqual(alarms, []);
});
