import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Margin, marginsOf, worstOf } from '#agreement/margin.ts';
import { durationText, marginText } from '#agreement/margin-text.ts';
import type { Matter } from '#agreement/matter.ts';
import { type Provision, type ReceiptState, scenarioTime } from '#agreement/provision.ts';
import { launchCases, matterOfRecords, publishedInstrument, sampleRecord } from '#agreement/sample-cases.ts';
import { mustAccept } from '#base/refusal.ts';
import { hourMs, minuteMs, timeOfText } from '#base/time.ts';

const instrument = publishedInstrument(readFileSync, 'full');
const cases = launchCases(readFileSync);
const opensMs = ms('2024-09-25T00:20:00.000Z');
const limitMs = opensMs - 24 * hourMs;

function ms(text: string): number {
  return mustAccept(timeOfText(text));
}
function matter(...names: readonly string[]): Matter {
  return matterOfRecords(
    instrument,
    names.map((name) => {
      const given = cases[name];
      assert.ok(given);
      return sampleRecord(instrument, given);
    }),
  );
}
function number(format: string): string {
  return `BMLN/CN/26/000001/${format}`;
}
function provision(receipt: ReceiptState, dispatchedAtMs = limitMs - hourMs): Provision {
  return { dispatchedAtMs, receipt, acknowledgedAtMs: null };
}
function held(
  receivedAtMs: number,
  cosignedAtMs: number | null = receivedAtMs + 1_000,
  coveredAtMs: number | null = null,
): ReceiptState {
  return { kind: 'held', receivedAtMs, coveredAtMs, cosignedAtMs };
}
/** The margin of advance notice of the DF-31AG notice, given how it arrived. */
function notice(receipt: ReceiptState | undefined, nowMs = opensMs, dispatchedAtMs = limitMs - hourMs): Margin {
  const provisions = new Map(receipt === undefined ? [] : [[number('NOTIFY'), provision(receipt, dispatchedAtMs)] as const]);
  const [margin, ...more] = marginsOf({ instrument, matter: matter('df-31ag'), provisions, nowMs }).filter(
    ({ deadline }) => deadline === 'advance-notice',
  );
  assert.ok(margin);
  assert.equal(more.length, 0);
  return margin;
}

test('a draft shows its margin: 27 h 14 min before the window; minimum 24 h', () => {
  const margin = notice(undefined, ms('2024-09-23T21:06:00.000Z'));
  assert.equal(margin.state, 'amber');
  assert.equal(marginText(margin, instrument, 'en'), '27 h 14 min before the window; minimum 24 h');
  assert.equal(marginText(margin, instrument, 'zh'), '距窗口开始 27 小时 14 分钟；至少须提前 24 小时');
  assert.equal(marginText(margin, instrument, 'ja'), '時間帯開始の 27 時間 14 分前；最低 24 時間前');
});

test('before anything is provided: open, amber from 30 hours, missed after the limit', () => {
  const states = [opensMs - 30 * hourMs - 1, opensMs - 30 * hourMs, limitMs, limitMs + 1].map(
    (nowMs) => notice(undefined, nowMs).state,
  );
  assert.deepEqual(states, ['open', 'amber', 'amber', 'missed']);
});

test('received: met to the millisecond, late after it, missed once the window is open', () => {
  const states = [limitMs, limitMs + 1, opensMs - 1, opensMs].map((receivedAtMs) => notice(held(receivedAtMs)).state);
  assert.deepEqual(states, ['met', 'late', 'late', 'missed']);
  assert.equal(notice(held(opensMs - 72 * hourMs)).targetMet, true);
  assert.equal(notice(held(opensMs - 72 * hourMs + 1)).targetMet, false);
});

test('times that differ beyond the tolerance are both shown; on two sides of the limit the deadline is disputed, never late', () => {
  const close = notice(held(limitMs - minuteMs, limitMs + minuteMs));
  assert.deepEqual([close.state, close.readings.length], ['met', 1]);
  const sides = notice(held(limitMs + minuteMs, limitMs - 2 * minuteMs));
  assert.equal(sides.state, 'disputed');
  assert.equal(
    marginText(sides, instrument, 'en'),
    '23 h 59 min before the window by the receipt; 24 h 2 min before the window by the cosignature over the receipt; minimum 24 h',
  );
  assert.equal(notice(held(limitMs - minuteMs, limitMs + 5 * minuteMs)).state, 'disputed');
  const both = notice(held(limitMs - hourMs, limitMs - minuteMs));
  assert.deepEqual([both.state, both.readings.map(({ by }) => by)], ['met', ['receipt', 'cosignature']]);
});

test('a receipt withheld, or said long after the record was covered, makes the deadline disputed, never late', () => {
  assert.equal(notice({ kind: 'withheld', coveredAtMs: limitMs - minuteMs }).state, 'disputed');
  assert.equal(notice({ kind: 'withheld', coveredAtMs: limitMs + hourMs }).state, 'disputed');
  assert.equal(notice({ kind: 'withheld', coveredAtMs: limitMs + hourMs }, opensMs, limitMs + 1).state, 'late');
  assert.equal(notice(held(limitMs + hourMs, limitMs + hourMs, limitMs - minuteMs)).state, 'disputed');
  assert.equal(notice({ kind: 'awaited' }, limitMs + 1).state, 'missed');
});

interface MarginVector {
  readonly name: string;
  /** Minutes after the limit, negative before it; null where the time is not known. */
  readonly now: number;
  readonly dispatched: number;
  readonly receipt: 'none' | 'awaited' | 'withheld' | 'held';
  readonly received: number | null;
  readonly covered: number | null;
  readonly cosigned: number | null;
  readonly state: Margin['state'];
  readonly readings: readonly string[];
}

test('the vectors of advance notice come to their states', () => {
  const vectors = JSON.parse(readFileSync('spec/vectors/agreement/margin.json', 'utf8')) as readonly MarginVector[];
  const moment = (minutes: number | null): number | null => (minutes === null ? null : limitMs + minutes * minuteMs);
  for (const vector of vectors) {
    const receivedAtMs = moment(vector.received) ?? 0;
    const coveredAtMs = moment(vector.covered);
    const receipts: Readonly<Record<MarginVector['receipt'], ReceiptState | undefined>> = {
      none: undefined,
      awaited: { kind: 'awaited' },
      withheld: { kind: 'withheld', coveredAtMs: coveredAtMs ?? 0 },
      held: { kind: 'held', receivedAtMs, coveredAtMs, cosignedAtMs: moment(vector.cosigned) },
    };
    const margin = notice(receipts[vector.receipt], moment(vector.now) ?? 0, moment(vector.dispatched) ?? 0);
    const found = { state: margin.state, readings: margin.readings.map(({ by }) => by) };
    assert.deepEqual(found, { state: vector.state, readings: vector.readings }, vector.name);
  }
});

test('whatever the receiver says, a sender whose record it covered in time is not late by its word', () => {
  const time = fc.integer({ min: limitMs - 48 * hourMs, max: opensMs + hourMs });
  fc.assert(
    fc.property(time, time, time, (receivedAtMs, cosignedAtMs, coveredAtMs) => {
      const margin = notice(held(receivedAtMs, cosignedAtMs, coveredAtMs));
      const inTime = margin.readings.filter(({ atMs }) => atMs <= limitMs).length;
      const expected = inTime === margin.readings.length ? ['met'] : inTime > 0 ? ['disputed'] : ['late', 'missed'];
      assert.ok(expected.includes(margin.state));
      if (coveredAtMs <= limitMs && receivedAtMs - coveredAtMs > 3 * minuteMs)
        assert.ok(!['late', 'missed'].includes(margin.state));
    }),
  );
});

test('an update that widens an area has a clock of its own; the rest keeps the notice’s', () => {
  const provisions = new Map([
    [number('NOTIFY'), provision(held(limitMs - hourMs))],
    [number('UPDATE'), provision(held(limitMs + hourMs), limitMs)],
  ]);
  const margins = marginsOf({ instrument, matter: matter('df-31ag', 'df-31ag-update'), provisions, nowMs: opensMs }).filter(
    ({ kind }) => kind === 'before-window',
  );
  assert.deepEqual(
    margins.map(({ record, state, aspects }) => ({ record, state, aspects })),
    [
      { record: number('NOTIFY'), state: 'met', aspects: ['window', 'launch-area', 'trajectory', 'drop-zones', 'count'] },
      { record: number('UPDATE'), state: 'late', aspects: ['impact-areas'] },
    ],
  );
  assert.equal(worstOf(margins), 'late');
});

test('a postponement is measured to the new window', () => {
  const provisions = new Map([
    [number('NOTIFY'), provision(held(limitMs - hourMs))],
    [number('POSTPONE'), provision(held(ms('2024-09-24T20:00:05.000Z')))],
  ]);
  const margins = marginsOf({ instrument, matter: matter('df-31ag', 'df-31ag-postpone'), provisions, nowMs: opensMs });
  const moved = margins.find(({ record }) => record === number('POSTPONE'));
  assert.ok(moved);
  assert.deepEqual(
    [moved.state, moved.aspects, marginText(moved, instrument, 'en')],
    ['met', ['window'], '49 h 59 min before the window; minimum 24 h'],
  );
});

test('a launch is reported within the hour, an outcome within the hour after the window', () => {
  const margins = (receivedAt: string) =>
    marginsOf({
      instrument,
      matter: matter('df-31ag', 'df-31ag-launched'),
      provisions: new Map([[number('LAUNCHED'), provision(held(ms(receivedAt)))]]),
      nowMs: opensMs,
    }).filter(({ kind }) => kind !== 'before-window');
  const inTime = margins('2024-09-25T01:20:30.000Z');
  assert.deepEqual(
    inTime.map((margin) => [margin.deadline, margin.state, marginText(margin, instrument, 'en')]),
    [
      ['launch-report', 'met', '37 min after the launch; at most 1 h'],
      ['result-report', 'met', '1 h 9 min before the end of the window; at most 1 h'],
    ],
  );
  assert.equal(margins('2024-09-25T01:44:00.001Z')[0]?.state, 'late');
  assert.equal(margins('2024-09-25T01:44:00.000Z')[0]?.state, 'met');
});

test('while nothing is said of the outcome, its report is awaited, and none is after a cancellation', () => {
  const outcome = (nowMs: number, ...names: readonly string[]) =>
    marginsOf({ instrument, matter: matter(...names), provisions: new Map(), nowMs }).find(
      ({ deadline }) => deadline === 'result-report',
    )?.state;
  const closesMs = ms('2024-09-25T02:30:00.000Z');
  assert.deepEqual(
    [closesMs, closesMs + 30 * minuteMs, closesMs + hourMs + 1].map((nowMs) => outcome(nowMs, 'df-31ag')),
    ['open', 'amber', 'missed'],
  );
  const cancelled = marginsOf({
    instrument,
    matter: matter('df-31ag', 'df-31ag-cancel'),
    provisions: new Map([[number('CANCEL'), provision(held(ms('2024-09-24T21:00:01.000Z')))]]),
    nowMs: closesMs + hourMs,
  });
  assert.equal(cancelled.find(({ deadline }) => deadline === 'result-report')?.state, 'met');
});

test('a bare date counts from 00:00Z of its day, and holds for 96 hours', () => {
  const minimal = publishedInstrument(readFileSync, '1988-minimal');
  const given = cases['submarine-1988'];
  assert.ok(given);
  const only = matterOfRecords(minimal, [sampleRecord(minimal, given)]);
  const [margin] = marginsOf({ instrument: minimal, matter: only, provisions: new Map(), nowMs: ms('2024-06-01T18:00:00.000Z') });
  assert.ok(margin);
  assert.deepEqual([margin.anchorMs, margin.state], [ms('2024-06-03T00:00:00.000Z'), 'amber']);
  assert.equal(marginText(margin, minimal, 'en'), '30 h before the planned date; minimum 24 h');
});

test('a margin is never shown larger, nor a delay smaller, than it is', () => {
  assert.equal(durationText(24 * hourMs - 1, 'en'), '23 h 59 min');
  assert.equal(durationText(hourMs + 1, 'en', true), '1 h 1 min');
  assert.equal(durationText(0, 'en'), '0 min');
});

test('real times near a record of an exercise go to the scenario’s time line', () => {
  assert.equal(scenarioTime({ scenarioAtMs: 1_000, filedAtMs: 50_000 }, 52_500), 3_500);
});
