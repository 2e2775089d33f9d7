import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { dayMs, hourMs, textOfTime } from '#base/time.ts';
import { type Answered, OfficersHouse } from '#test/officers/officers-house.ts';
import { PaperDesk } from '#test/officers/paper-desk.ts';
import { noticeContent } from '#test/paper-circle.ts';
import type { FiledRecord } from '#test/paper-log.ts';

let house: OfficersHouse;
let notice: FiledRecord;
before(async () => {
  house = await OfficersHouse.open(await PaperDesk.open('actual'));
  notice = await house.desk.hearLaunch({ format: 'NOTIFY', content: noticeContent(house.desk.dutyTimeMs() + 3 * dayMs) });
});
after(async () => await house.close());

const received = { rung: 'A1', outcome: 'received' };

async function say(
  officer: string,
  said: unknown,
  { headers = {}, index = notice.index }: { readonly headers?: Record<string, string>; readonly index?: number } = {},
): Promise<Answered> {
  return await house.askWith(officer, `POST /v1/records/theirs/${index}/acknowledge`, { body: said, headers });
}

function assertRefused(answered: Answered, status: number, code: string): void {
  assert.deepEqual([answered.status, answered.json['code']], [status, code], answered.text);
}

async function awaited(): Promise<readonly number[]> {
  const { needs } = (await house.ask('watch', 'GET /v1/state')).json as { needs: { acknowledge: { index: number }[] } };
  return needs.acknowledge.map(({ index }) => index);
}

test('the officer on watch acknowledges a record once; a repetition under its key gives the same record', async () => {
  assert.deepEqual((await awaited()).includes(notice.index), true);
  const size = house.desk.circle.cn.size;
  const key = { 'idempotency-key': 'ack-1' };
  const first = await say('watch', received, { headers: key });
  const { filed } = first.json as { filed: { index: number; record: Record<string, unknown> } };
  assert.equal(first.status, 200, first.text);
  assert.deepEqual(filed.record['content'], { ...received, log: notice.log, index: notice.index });
  assert.deepEqual(filed.record['originator'], { centre: 'CN', role: 'watch-officer' });
  assert.deepEqual(filed.record['references'], [
    { relation: 'acknowledges', log: notice.log, index: notice.index, id: notice.id },
  ]);
  assert.deepEqual((await say('watch', received, { headers: key })).json, first.json);
  assertRefused(await say('watch', received), 409, 'acknowledgement.again');
  assert.equal(house.desk.circle.cn.size, size + 1);
  assert.equal(house.desk.register.standing(house.desk.identity.origin, filed.index)?.kind, 'accepted');
  assert.deepEqual((await awaited()).includes(notice.index), false);
  const shown = await house.ask('auditor', `GET /v1/records/theirs/${notice.index}`);
  const { addressees } = shown.json as { addressees: { rungs: { rung: string }[]; acknowledged: { state: string } }[] };
  assert.deepEqual(
    addressees[0]?.rungs.map(({ rung }) => rung),
    ['A1'],
  );
});

test('acknowledging at the same moment files one record', async () => {
  const { index } = await house.desk.hearLaunch({
    format: 'NOTIFY',
    content: noticeContent(house.desk.dutyTimeMs() + 4 * dayMs),
  });
  const size = house.desk.circle.cn.size;
  const answers = await Promise.all(Array.from({ length: 6 }, async () => await say('watch', received, { index })));
  assert.equal(answers.filter(({ status }) => status === 200).length, 1);
  assert.equal(answers.filter(({ status }) => status === 409).length, 5);
  assert.equal(house.desk.circle.cn.size, size + 1);
});

test('each rung has its outcomes and its officer', async () => {
  assertRefused(await say('releaser', received), 403, 'people.role');
  assertRefused(await say('watch', { rung: 'A4', outcome: 'declined' }), 403, 'people.role');
  assertRefused(await say('watch', { rung: 'A1', outcome: 'accepted' }), 422, 'agreement.content');
  assertRefused(await say('watch', { rung: 'A2', outcome: 'rejected' }), 422, 'agreement.content');
  assertRefused(await say('watch', { rung: 'A0', outcome: 'received' }), 400, 'request.form');
  assertRefused(await say('watch', { rung: 'A2', outcome: 'rejected', reason: 'a\ttab' }), 422, 'text.forbidden');
  assert.equal((await say('watch', { rung: 'A2', outcome: 'rejected', reason: 'The window is closed.' })).status, 200);
  assert.equal((await say('watch', { rung: 'A2', outcome: 'accepted' })).status, 200);
  assert.equal((await say('watch', { rung: 'A3', outcome: 'passed' })).status, 200);
  const declined = await say('releaser', { rung: 'A4', outcome: 'declined' });
  const { filed } = declined.json as { filed: { record: { originator: unknown } } };
  assert.deepEqual(filed.record.originator, { centre: 'CN', role: 'releaser' });
});

test('what is our own, not here, void, or a step of the protocol is not acknowledged', async () => {
  assertRefused(await house.ask('watch', 'POST /v1/records/own/0/acknowledge', received), 422, 'acknowledgement.record');
  assertRefused(await say('watch', received, { index: 9999 }), 404, 'request.unknown');
  const test = await house.desk.hearCore({ format: 'TEST', content: { text: 'The quick brown fox.' } });
  assertRefused(await say('watch', received, { index: test.index }), 422, 'acknowledgement.record');
  const spoilt = { ...noticeContent(house.desk.dutyTimeMs() + 3 * dayMs), count: 0 };
  const unsound = await house.desk.hearLaunch({ format: 'NOTIFY', content: spoilt });
  assertRefused(await say('watch', received, { index: unsound.index }), 422, 'acknowledgement.record');
  assert.equal((await awaited()).includes(unsound.index), false);
  assert.equal((await awaited()).includes(test.index), false);
});

test('a FLASH is answered below FLASH, which would sound an alarm', async () => {
  const content = {
    occurredAt: textOfTime(house.desk.dutyTimeMs()),
    anomaly: 'off-course',
    condition: 'continuing',
    notDirectedAt: ['CN', 'US'],
    requests: ['warn-shipping'],
  };
  house.desk.pass(hourMs);
  const reports = { relation: 'reports', to: notice } as const;
  const anomaly = await house.desk.hearLaunch({ format: 'ANOMALY', content, precedence: 'Z', references: [reports] });
  assert.equal(house.desk.register.standing(anomaly.log, anomaly.index)?.kind, 'accepted');
  const { filed } = (await say('watch', received, { index: anomaly.index })).json as {
    filed: { record: { precedence: unknown } };
  };
  assert.deepEqual(filed.record.precedence, { action: 'O', info: 'O' });
  assert.deepEqual(house.faults, []);
});
