import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededChance } from '#base/chance.ts';
import { hourMs, minuteMs, textOfTime } from '#base/time.ts';
import { readMatter } from '#exchange/matter.ts';
import { recordFacts } from '#exchange/record-facts.ts';
import { allKeys, eachRow } from '#exchange/shelf.ts';
import { inForceFromMs } from '#exchange/standing.ts';
import { foldIn, openingsOf, randomStory, readAll } from '#test/exchange/random-story.ts';
import { fullProfile, inForceMs, noticeContent, PaperCircle } from '#test/paper-circle.ts';

test('at equal held sizes every interleaving of the logs gives the same register, whoever folds', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const chance = new SeededChance(seed);
      const { circle, telling } = randomStory(chance);
      const first = readAll(foldIn(circle, telling, chance));
      for (let round = 0; round < 3; round += 1) assert.equal(readAll(foldIn(circle, telling, chance)), first, `seed ${seed}`);
    }),
    { numRuns: 60 },
  );
});

test('an urgent record is taken provisionally and judged in full when the leaves below it are here', () => {
  const circle = new PaperCircle('actual');
  circle.adopt();
  const notice = circle.launch(circle.cn, inForceMs + hourMs, {
    format: 'NOTIFY',
    content: noticeContent(inForceMs + 60 * hourMs),
  });
  const cancel = circle.launch(circle.cn, inForceMs + 2 * hourMs, {
    format: 'CANCEL',
    content: { reason: 'technical' },
    references: [{ relation: 'cancels', to: notice }],
  });
  const gap = circle.launch(circle.cn, inForceMs + 3 * hourMs, {
    format: 'NOTIFY',
    content: noticeContent(inForceMs + 90 * hourMs),
  });
  const register = circle.folded({ cn: 1, us: 1 });
  register.takeUrgent(circle.cn.origin, cancel.index, cancel.known.bytes);
  const awaits = { what: 'record', log: circle.cn.origin, index: notice.index, id: notice.id };
  assert.deepEqual(register.standing(circle.cn.origin, cancel.index), { kind: 'pending', awaits });
  assert.equal(register.standing(circle.cn.origin, gap.index), undefined);
  register.takeUrgent(circle.cn.origin, notice.index, notice.known.bytes);
  assert.deepEqual(register.standing(circle.cn.origin, cancel.index), { kind: 'accepted' });
  for (const [index, leaf] of circle.cn.leaves.entries()) if (index > 0) register.take(circle.cn.origin, index, leaf);
  assert.deepEqual(register.held()[0]?.urgent, []);
  assert.deepEqual(register.dump(), circle.folded({ us: 1 }).dump());
});

test('an urgent receipt counts at once; the range that covers its leaf later does not replace it', () => {
  const circle = new PaperCircle('actual');
  circle.adopt();
  const notice = circle.launch(circle.cn, inForceMs, { format: 'NOTIFY', content: noticeContent(inForceMs + 60 * hourMs) });
  const urgent = circle.receipt(circle.us, inForceMs + minuteMs, { from: notice.index, to: notice.index + 1, lane: 'urgent' });
  circle.receipt(circle.us, inForceMs + 5 * minuteMs, { from: 0 });
  const register = circle.folded({ us: 1 });
  register.takeUrgent(circle.us.origin, urgent.index, urgent.known.bytes);
  const at = { realMs: inForceMs + hourMs, scenarioMs: inForceMs + hourMs };
  const before = readMatter(register, notice, at)?.records[0]?.addressees[0]?.receipt;
  assert.equal(before?.receivedAtMs, inForceMs + minuteMs);
  assert.equal(before?.proved, false);
  const after = readMatter(circle.folded(), notice, at)?.records[0]?.addressees[0]?.receipt;
  assert.deepEqual([after?.receivedAtMs, after?.lane, after?.proved], [inForceMs + minuteMs, 'urgent', true]);
});

test('a receipt of a range that comes urgently waits for the leaves below it', () => {
  const circle = new PaperCircle('actual');
  circle.adopt();
  const receipt = circle.receipt(circle.us, inForceMs, { from: 0 });
  const register = circle.folded({ us: 0 });
  register.takeUrgent(circle.us.origin, receipt.index, receipt.known.bytes);
  const awaits = { what: 'leaves', log: circle.us.origin, index: receipt.index };
  assert.deepEqual(register.standing(circle.us.origin, receipt.index), { kind: 'pending', awaits });
});

test('a clock that was wrong once makes void the first record after it is set right, and no more', () => {
  const circle = new PaperCircle('actual');
  const wire = { format: 'ORDERWIRE', content: {}, more: { narrative: { language: 'en', text: 'how do you read' } } } as const;
  const hours = [0, 4000, 1, 2, 1.99, 1.9];
  for (const hour of hours) circle.core(circle.cn, inForceMs + hour * hourMs, wire);
  const register = circle.folded();
  const kinds = hours.map((_hour, index) => register.standing(circle.cn.origin, index)?.kind);
  assert.deepEqual(kinds, ['accepted', 'accepted', 'void', 'accepted', 'accepted', 'void']);
});

test('a receipt with a root that the log does not have is void, and its leaves have no receipt', () => {
  const circle = new PaperCircle('actual');
  circle.adopt();
  const notice = circle.launch(circle.cn, inForceMs, { format: 'NOTIFY', content: noticeContent(inForceMs + 60 * hourMs) });
  const receipt = circle.receipt(circle.us, inForceMs + minuteMs, { from: 0, root: 'ab'.repeat(32) });
  const register = circle.folded();
  const standing = register.standing(circle.us.origin, receipt.index);
  assert.equal(standing?.kind === 'void' ? standing.refusal.code : standing?.kind, 'receipt.root');
  assert.deepEqual(register.standing(circle.cn.origin, notice.index), { kind: 'accepted' });
  const at = { realMs: inForceMs + hourMs, scenarioMs: inForceMs + hourMs };
  assert.equal(readMatter(register, notice, at)?.records[0]?.addressees[0]?.receipt, null);
  assert.equal(register.entry(circle.us.origin, receipt.index)?.id, receipt.id);
});

test('an agreement is in force from the later half, and a record received before then is void', () => {
  const circle = new PaperCircle('actual');
  circle.adoptIn(circle.cn, inForceMs);
  const early = circle.launch(circle.cn, inForceMs + minuteMs, {
    format: 'NOTIFY',
    content: noticeContent(inForceMs + 60 * hourMs),
  });
  const late = circle.launch(circle.cn, inForceMs + 2 * minuteMs, {
    format: 'NOTIFY',
    content: noticeContent(inForceMs + 60 * hourMs),
  });
  circle.adoptIn(circle.us, inForceMs + hourMs);
  const awaits = { what: 'receipt', log: circle.cn.origin, index: early.index };
  assert.deepEqual(circle.folded().standing(circle.cn.origin, early.index), { kind: 'pending', awaits });
  circle.receipt(circle.us, inForceMs + 30 * minuteMs, { from: 0, to: early.index + 1 });
  circle.receipt(circle.us, inForceMs + 90 * minuteMs, { from: early.index + 1 });
  const register = circle.folded();
  const standing = register.standing(circle.cn.origin, early.index);
  assert.equal(standing?.kind === 'void' ? standing.refusal.code : standing?.kind, 'agreement.not-in-force');
  assert.deepEqual(register.standing(circle.cn.origin, late.index), { kind: 'accepted' });
});

test('a record under an agreement that becomes known later is judged again by a rebuild', () => {
  const circle = new PaperCircle('actual');
  circle.adopt();
  const notice = circle.launch(circle.cn, inForceMs, { format: 'NOTIFY', content: noticeContent(inForceMs + 60 * hourMs) });
  const register = circle.register([]);
  const judged = circle.cn.leaves.map((leaf, index) => register.take(circle.cn.origin, index, leaf));
  const last = judged.at(-1);
  assert.equal(last?.kind === 'not-understood' ? last.refusal.code : last?.kind, 'agreement.unknown');
  assert.deepEqual(openingsOf(register), []);
  assert.deepEqual(circle.folded().standing(circle.cn.origin, notice.index), { kind: 'accepted' });
});

test('facts for the ledger name what each record adopts and when the reader had it', () => {
  const circle = new PaperCircle('exercise');
  circle.adopt();
  const notice = circle.launch(circle.cn, inForceMs, {
    format: 'NOTIFY',
    content: noticeContent(circle.counted(inForceMs) + 60 * hourMs),
  });
  circle.receipt(circle.us, inForceMs + minuteMs, { from: 0 });
  const facts = recordFacts(circle.folded(), 'US');
  assert.deepEqual(
    facts.map(({ origin, index, adopts }) => [origin, index, adopts]),
    [
      [circle.cn.origin, 0, 'BMLN'],
      [circle.cn.origin, notice.index, null],
      [circle.us.origin, 0, 'BMLN'],
    ],
  );
  const { record } = notice.known;
  assert.deepEqual(facts[1], {
    origin: circle.cn.origin,
    owner: 'CN',
    index: notice.index,
    number: record.number,
    status: 'exercise',
    agreement: 'BMLN',
    format: 'NOTIFY',
    adopts: null,
    filedAtMs: inForceMs,
    receivedAtMs: inForceMs + minuteMs,
    scenarioAtMs: circle.counted(inForceMs),
  });
  assert.equal(textOfTime(facts[1]?.scenarioAtMs ?? 0), record.exercise?.scenarioAt);
});

test('tests and receipts leave no more behind than a few numbers', () => {
  const circle = new PaperCircle('test');
  for (let round = 0; round < 2000; round += 1) {
    circle.core(circle.cn, inForceMs + round, { format: 'TEST', content: { text: 'x'.repeat(300) } });
    if (round % 100 === 99) circle.receipt(circle.us, inForceMs + round, { from: round - 99 });
  }
  const bytes = JSON.stringify(circle.folded().dump()).length;
  assert.ok(bytes < 4000, `${bytes} bytes after 2,020 records`);
  assert.ok(fullProfile.hash.length === 64);
});

test('of many adoptions of one version the earliest counts, and no more than that is kept', () => {
  const circle = new PaperCircle('actual');
  circle.adopt();
  for (let hour = 300; hour > 0; hour -= 1) circle.adoptIn(circle.cn, inForceMs + hour * hourMs);
  const register = circle.folded();
  assert.equal(inForceFromMs(register, circle.cn.origin, { agreement: 'BMLN', version: fullProfile.hash }), inForceMs);
  const view = register.log(circle.cn.origin)?.held ?? assert.fail('the log of China');
  assert.equal([...eachRow(view.adoptions, allKeys)].length, 1);
});

test('a record that is void or not understood leaves its place and the reason behind, not what it says', () => {
  const circle = new PaperCircle('actual');
  circle.adopt();
  const content = noticeContent(inForceMs + 60 * hourMs);
  const unknown = circle.launch(circle.cn, inForceMs, { format: 'NOTIFY', content });
  const stray = circle.launch(circle.cn, inForceMs, { format: 'CANCEL', content: { reason: 'technical' } });
  const register = circle.register([]);
  for (const [index, leaf] of circle.cn.leaves.entries()) register.take(circle.cn.origin, index, leaf);
  for (const { log, index } of [unknown, stray]) assert.equal(register.entry(log, index)?.record, null);
  const folded = circle.folded();
  assert.equal(folded.standing(stray.log, stray.index)?.kind, 'void');
  assert.equal(folded.entry(stray.log, stray.index)?.record, null);
  assert.deepEqual(folded.entry(unknown.log, unknown.index)?.record, unknown.known.record);
});
