import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hourMs, minuteMs } from '#base/time.ts';
import { readMatter } from '#exchange/matter.ts';
import type { Register } from '#exchange/register.ts';
import { eachRow, indexOfKey, keysUnder } from '#exchange/shelf.ts';
import { openingsOf } from '#test/exchange/random-story.ts';
import { inForceMs, noticeContent, PaperCircle } from '#test/paper-circle.ts';
import type { FiledRecord } from '#test/paper-log.ts';

const t0 = inForceMs + hourMs;

/** A notification, acknowledged by number and receipted, with a refusal and a cosignature: everything that names a log. */
function told(): { readonly circle: PaperCircle; readonly notice: FiledRecord; readonly acknowledgement: FiledRecord } {
  const circle = new PaperCircle('actual');
  circle.adopt();
  const notice = circle.launch(circle.cn, t0, { format: 'NOTIFY', content: noticeContent(inForceMs + 60 * hourMs) });
  circle.receipt(circle.us, t0 + minuteMs, { from: 0 });
  const acknowledgement = circle.acknowledge(circle.us, t0 + 2 * minuteMs, notice);
  circle.receipt(circle.cn, t0 + 3 * minuteMs, { from: 0, lane: 'next' });
  return { circle, notice, acknowledgement };
}

function folded(circle: PaperCircle): Register {
  const register = circle.folded();
  const { origin } = circle.cn;
  const former = circle.cn.identity.successions[0]?.from ?? origin;
  register.takeCosignature({ log: former, size: 2, timeMs: t0 + minuteMs, witness: 'US' });
  return register;
}

/** All that can be read, without the names and what they were before. */
function readAll(register: Register): string {
  const at = { realMs: inForceMs + hourMs * 30, scenarioMs: inForceMs + hourMs * 30 };
  const matters = openingsOf(register).map((place) => readMatter(register, place, at));
  const withoutNames = (key: string, value: unknown) => (key === 'successions' ? undefined : value);
  return JSON.stringify({ dump: register.dump(), matters }, withoutNames).replaceAll(/(?:next\.)+cn/g, 'cn');
}

function succeed(circle: PaperCircle, size: number): void {
  const before = circle.cn;
  circle.succeed(size);
  const content = { log: before.origin, size, root: before.rootAt(size), successor: circle.cn.origin, reason: 'stolen-key' };
  circle.core(circle.cn, t0 + 10 * minuteMs, { format: 'SUCCEED', content });
}

test('the same leaves under a new name make the same folds', () => {
  const { circle } = told();
  const before = readAll(folded(circle));
  circle.succeed(circle.cn.size);
  assert.equal(readAll(folded(circle)), before);
  circle.succeed(circle.cn.size);
  assert.equal(readAll(folded(circle)), before, 'and so after a second one');
});

test('a matter goes on in the new log, by the old name or the new, with the next number and the same receipts', () => {
  const { circle, notice } = told();
  const old = circle.cn.origin;
  succeed(circle, circle.cn.size);
  const postponed = circle.launch(circle.cn, t0 + 20 * minuteMs, {
    format: 'CANCEL',
    content: { reason: 'technical' },
    references: [{ relation: 'cancels', to: notice }],
  });
  circle.receipt(circle.us, t0 + 21 * minuteMs, { from: notice.index + 1 });
  circle.acknowledge(circle.us, t0 + 22 * minuteMs, { ...notice, log: circle.cn.origin });
  const register = folded(circle);
  for (const log of [circle.cn, circle.us]) {
    for (const index of log.leaves.keys())
      assert.deepEqual(register.standing(log.origin, index), { kind: 'accepted' }, `${log.origin} ${index}`);
  }
  assert.equal(notice.log, old);
  assert.equal(postponed.known.record.number.split('/')[3], '000002');
  const at = { realMs: t0 + hourMs, scenarioMs: t0 + hourMs };
  const matter = readMatter(register, { log: circle.cn.origin, index: notice.index }, at);
  assert.deepEqual(
    matter?.records.map(({ place }) => place.index),
    [notice.index, postponed.index],
  );
});

test('what was said of leaves beyond the end of the old log awaits what never comes, and a receipt is cut there', () => {
  const { circle, notice } = told();
  const old = circle.cn.origin;
  const stolen = circle.launch(circle.cn, t0 + 5 * minuteMs, {
    format: 'NOTIFY',
    content: noticeContent(inForceMs + 90 * hourMs),
  });
  const size = circle.cn.size - 1;
  circle.receipt(circle.us, t0 + 6 * minuteMs, { from: 2 });
  circle.acknowledge(circle.us, t0 + 7 * minuteMs, stolen);
  succeed(circle, size);
  const receipt = circle.receipt(circle.us, t0 + 11 * minuteMs, { from: size });
  const register = folded(circle);
  const standing = circle.us.leaves.map((_, index) => register.standing(circle.us.origin, index)?.kind);
  assert.deepEqual(standing, ['accepted', 'accepted', 'accepted', 'accepted', 'pending', 'accepted']);
  const { next } = register.log(circle.us.origin)?.held.receipts ?? assert.fail('the log of the United States');
  const receipted = [...eachRow(next, keysUnder(circle.cn.origin))].map(({ key }) => indexOfKey(key));
  assert.deepEqual(receipted, [2, size, size + 1]);
  assert.equal(register.standing(circle.cn.origin, stolen.index)?.kind, 'accepted', 'the leaf that stands there now');
  assert.equal(register.log(old), undefined);
  assert.equal(receipt.index, circle.us.size - 1);
  assert.equal(notice.index < size, true);
});

test('a record of succession stands at its own size, as a key list says it, and nowhere else', () => {
  const { circle } = told();
  const size = circle.cn.size;
  const before = circle.cn;
  circle.succeed(size);
  const content = { log: before.origin, size, root: before.rootAt(size), successor: circle.cn.origin, reason: 'planned' };
  const records = [
    { ...content, root: '00'.repeat(32) },
    content,
    { ...content, successor: before.origin },
    { ...content, log: circle.us.origin },
  ].map((each) => circle.core(circle.cn, t0 + 10 * minuteMs, { format: 'SUCCEED', content: each }));
  const register = folded(circle);
  for (const { index } of records) {
    const standing = register.standing(circle.cn.origin, index);
    assert.equal(standing?.kind === 'void' ? standing.refusal.code : standing?.kind, 'key.succession', `leaf ${index}`);
  }
});
