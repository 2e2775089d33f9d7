import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matterRecordsKept, matterRecordsMax } from '#base/limits.ts';
import { dayMs, hourMs, minuteMs, type TimeMs, textOfTime } from '#base/time.ts';
import { type MatterReading, readMatter } from '#exchange/matter.ts';
import type { Register } from '#exchange/register.ts';
import { inForceMs, noticeContent, PaperCircle, windowFrom } from '#test/paper-circle.ts';
import type { FiledRecord } from '#test/paper-log.ts';

const filedMs = inForceMs + dayMs;

/** A notice filed at `filedMs` whose window opens so many hours later on the time line that counts. */
function notify(circle: PaperCircle, hoursAhead: number): FiledRecord {
  const content = noticeContent(circle.counted(filedMs) + hoursAhead * hourMs);
  return circle.launch(circle.cn, filedMs, { format: 'NOTIFY', content, precedence: hoursAhead < 31 ? 'O' : 'P' });
}

function read(circle: PaperCircle, register: Register, { of, at }: { of: FiledRecord; at: TimeMs }): MatterReading {
  const matter = readMatter(register, of, { realMs: at, scenarioMs: circle.counted(at) });
  assert.ok(matter !== undefined, 'the matter is here');
  return matter;
}

function begun(status: 'actual' | 'exercise' = 'actual'): PaperCircle {
  const circle = new PaperCircle(status);
  circle.adopt();
  return circle;
}

/** State, reading evidence and hours before the window of the first deadline toward the US. */
function margin(matter: MatterReading): readonly unknown[] {
  const [first] = matter.due[0]?.margins ?? [];
  return [first?.state, ...(first?.readings.map(({ by, atMs }) => [by, (first.anchorMs - atMs) / hourMs]) ?? [])];
}

for (const status of ['actual', 'exercise'] as const) {
  test(`a notice of status ${status} received 40 hours before its window is met, a report is due after it, and the officer acknowledges`, () => {
    const circle = begun(status);
    const notice = notify(circle, 41);
    assert.deepEqual(margin(read(circle, circle.folded(), { of: notice, at: filedMs })), ['open', ['asked', 41]]);
    circle.receipt(circle.us, filedMs + hourMs, { from: 0 });
    circle.acknowledge(circle.us, filedMs + 2 * hourMs, notice);
    const matter = read(circle, circle.folded(), { of: notice, at: filedMs + 3 * hourMs });
    assert.deepEqual(margin(matter), ['met', ['receipt', 40]]);
    assert.equal(matter.state, 'notified');
    assert.deepEqual(matter.standing, { kind: 'accepted' });
    assert.equal(matter.due[0]?.worst, 'open');
    const addressee = matter.records[0]?.addressees[0];
    const receivedMs = circle.counted(filedMs + hourMs);
    assert.deepEqual(addressee?.acknowledged, { state: 'met', dueMs: receivedMs + 3 * hourMs, saidMs: receivedMs + hourMs });
    assert.deepEqual(
      matter.restsOn.map(({ size }) => size),
      [2, 3],
    );
    assert.equal(read(circle, circle.folded(), { of: notice, at: filedMs + 46 * hourMs }).state, 'unreported');
  });
}

test('a notice that nobody receipts goes from open to amber to missed', () => {
  const circle = begun();
  const notice = notify(circle, 41);
  const states = [0, 12, 18].map(
    (hours) => margin(read(circle, circle.folded(), { of: notice, at: filedMs + hours * hourMs }))[0],
  );
  assert.deepEqual(states, ['open', 'amber', 'missed']);
});

test('a notice received 23 hours before its window is late, and one received after its opening is missed', () => {
  const late = begun();
  const notice = notify(late, 41);
  late.receipt(late.us, filedMs + 18 * hourMs, { from: 0 });
  assert.deepEqual(margin(read(late, late.folded(), { of: notice, at: filedMs + 19 * hourMs })), ['late', ['receipt', 23]]);
  const missed = begun();
  const other = notify(missed, 41);
  missed.receipt(missed.us, filedMs + 42 * hourMs, { from: 0 });
  assert.deepEqual(margin(read(missed, missed.folded(), { of: other, at: filedMs + 43 * hourMs })), ['missed', ['receipt', -1]]);
});

for (const status of ['actual', 'exercise'] as const) {
  test(`a receipt (${status}) that states a late time, but that the sender cosigned before, is disputed and never late`, () => {
    const circle = begun(status);
    const notice = notify(circle, 25);
    const receipt = circle.receipt(circle.us, filedMs + 90 * minuteMs, {
      from: 0,
      receivedAt: textOfTime(filedMs + 90 * minuteMs),
    });
    const register = circle.folded();
    const before = read(circle, register, { of: notice, at: filedMs + 2 * hourMs });
    assert.deepEqual(margin(before), ['late', ['receipt', 23.5]]);
    register.takeCosignature({ log: circle.us.origin, size: receipt.index + 1, timeMs: filedMs + 30 * minuteMs, witness: 'CN' });
    const after = read(circle, register, { of: notice, at: filedMs + 2 * hourMs });
    assert.deepEqual(margin(after), ['disputed', ['receipt', 23.5], ['cosignature', 24.5]]);
  });
}

test('a cosignature within the tolerance of the receipt leaves one margin', () => {
  const circle = begun();
  const notice = notify(circle, 41);
  const receipt = circle.receipt(circle.us, filedMs + hourMs, { from: 0 });
  const register = circle.folded();
  register.takeCosignature({
    log: circle.us.origin,
    size: receipt.index + 1,
    timeMs: filedMs + hourMs + 2 * minuteMs,
    witness: 'CN',
  });
  assert.deepEqual(margin(read(circle, register, { of: notice, at: filedMs + 2 * hourMs })), ['met', ['receipt', 40]]);
});

for (const status of ['actual', 'exercise'] as const) {
  test(`a receipt (${status}) withheld a minute after the receiver cosigned the record is shown with that cosignature`, () => {
    const circle = begun(status);
    const notice = notify(circle, 41);
    const register = circle.folded();
    const fact = { log: circle.cn.origin, size: notice.index + 1, timeMs: filedMs + hourMs, witness: 'US' };
    register.takeCosignature(fact);
    const withheldAt = (at: TimeMs) => read(circle, register, { of: notice, at }).records[0]?.addressees[0]?.withheld;
    assert.equal(withheldAt(filedMs + hourMs + minuteMs), null);
    assert.deepEqual(withheldAt(filedMs + hourMs + minuteMs + 1), { cosignature: fact, dueMs: filedMs + hourMs + minuteMs });
    // Long after the limit: the receiver cannot make the sender late by saying nothing.
    assert.deepEqual(margin(read(circle, register, { of: notice, at: filedMs + 30 * hourMs })), ['disputed', ['coverage', 40]]);
  });
}

test('a statement that the record was not delivered answers a cosignature over it', () => {
  const circle = begun();
  const notice = notify(circle, 41);
  const content = { log: circle.cn.origin, from: 0, to: notice.index + 1, reason: 'the leaves did not come' };
  circle.core(circle.us, filedMs + hourMs, { format: 'NOT-DELIVERED', content });
  const register = circle.folded();
  register.takeCosignature({ log: circle.cn.origin, size: notice.index + 1, timeMs: filedMs + hourMs, witness: 'US' });
  const addressee = read(circle, register, { of: notice, at: filedMs + 2 * hourMs }).records[0]?.addressees[0];
  assert.equal(addressee?.withheld, null);
  assert.deepEqual([addressee?.notDelivered?.from, addressee?.notDelivered?.to], [0, notice.index + 1]);
});

test('a matter gathers its updates and reports, and a window moved forward has a clock of its own', () => {
  const circle = begun();
  const notice = notify(circle, 80);
  circle.receipt(circle.us, filedMs + hourMs, { from: 0 });
  const postponed = circle.launch(circle.cn, filedMs + 2 * hourMs, {
    format: 'POSTPONE',
    content: { window: windowFrom(filedMs + 90 * hourMs), reason: 'technical' },
    references: [{ relation: 'postpones', to: notice }],
  });
  circle.receipt(circle.us, filedMs + 3 * hourMs, { from: 2 });
  const launched = circle.launch(circle.cn, filedMs + 91 * hourMs, {
    format: 'LAUNCHED',
    content: { launchedAt: textOfTime(filedMs + 90.5 * hourMs), ordinal: 1, course: 'as-notified' },
    references: [{ relation: 'reports', to: postponed }],
    precedence: 'O',
  });
  circle.receipt(circle.us, filedMs + 91.25 * hourMs, { from: 3 });
  const matter = read(circle, circle.folded(), { of: launched, at: filedMs + 92 * hourMs });
  assert.deepEqual(
    matter.records.map(({ record, standing }) => [record.basis.format, standing.kind]),
    [
      ['NOTIFY', 'accepted'],
      ['POSTPONE', 'accepted'],
      ['LAUNCHED', 'accepted'],
    ],
  );
  assert.equal(matter.state, 'launched');
  const margins = matter.due[0]?.margins.map(({ deadline, record, state }) => [deadline, record?.split('/').at(-1), state]);
  assert.deepEqual(
    margins?.map(([deadline, format, state]) => `${deadline} ${format} ${state}`),
    ['advance-notice POSTPONE met', 'advance-notice NOTIFY met', 'launch-report LAUNCHED met', 'result-report LAUNCHED met'],
  );
});

test('a step that the other logs make void leaves the matter as if it had not been said', () => {
  const circle = begun();
  const wire = circle.core(circle.us, filedMs, {
    format: 'ORDERWIRE',
    content: {},
    more: { narrative: { language: 'en', text: 'hello' } },
  });
  const notice = notify(circle, 80);
  const cancel = circle.launch(circle.cn, filedMs + hourMs, {
    format: 'CANCEL',
    content: { reason: 'technical' },
    references: [
      { relation: 'cancels', to: notice },
      { relation: 'evidence-for', to: { ...wire, id: 'ab'.repeat(32) } },
    ],
  });
  const alone = read(circle, circle.folded({ us: 1 }), { of: notice, at: filedMs + 2 * hourMs });
  assert.equal(alone.records[1]?.standing.kind, 'pending');
  const matter = read(circle, circle.folded(), { of: cancel, at: filedMs + 2 * hourMs });
  assert.equal(matter.records[1]?.standing.kind, 'void');
  assert.equal(matter.state, 'notified');
});

test('the objective of an acknowledgement follows the precedence, and passes unsaid', () => {
  const circle = begun();
  const notice = notify(circle, 29);
  const objective = (at: TimeMs) =>
    read(circle, circle.folded(), { of: notice, at }).records[0]?.addressees[0]?.acknowledged.state;
  assert.equal(objective(filedMs), 'not-received');
  circle.receipt(circle.us, filedMs + minuteMs, { from: 0 });
  assert.equal(objective(filedMs + 31 * minuteMs), 'open');
  assert.equal(objective(filedMs + 32 * minuteMs), 'missed');
  circle.acknowledge(circle.us, filedMs + 40 * minuteMs, notice);
  assert.equal(objective(filedMs + 41 * minuteMs), 'late');
});

test('an acknowledgement that names another content does not count', () => {
  const circle = begun();
  const notice = notify(circle, 41);
  circle.acknowledge(circle.us, filedMs + minuteMs, { ...notice, id: 'ab'.repeat(32) });
  assert.deepEqual(read(circle, circle.folded(), { of: notice, at: filedMs + hourMs }).records[0]?.addressees[0]?.rungs, []);
});

test('a FLASH sounds the alarm unless it is marked as beyond the budget of its hour', () => {
  const circle = begun();
  const content = {
    occurredAt: textOfTime(filedMs),
    anomaly: 'off-course',
    condition: 'ended',
    notDirectedAt: ['US'],
    requests: ['warn-shipping'],
  };
  const anomaly = circle.launch(circle.cn, filedMs + minuteMs, { format: 'ANOMALY', content, precedence: 'Z' });
  const register = circle.folded();
  const at = filedMs + hourMs;
  assert.equal(read(circle, register, { of: anomaly, at }).alarm, true);
  register.takeWithoutAlarm(anomaly);
  assert.equal(read(circle, register, { of: anomaly, at }).alarm, false);
  assert.equal(read(circle, register, { of: notify(begun(), 41), at }).records.length, 1);
});

test('a condition that could not be decided is shown with the record that it let pass', () => {
  const circle = begun();
  const content = {
    occurredAt: textOfTime(filedMs),
    anomaly: 'off-course',
    condition: 'ended',
    notDirectedAt: ['US'],
    requests: ['warn-shipping'],
  };
  const anomaly = circle.launch(circle.cn, filedMs + minuteMs, { format: 'ANOMALY', content, precedence: 'Z' });
  // The agreement asks whether so many launches were announced; nothing was.
  circle.launch(circle.cn, filedMs + hourMs, {
    format: 'LAUNCHED',
    content: { launchedAt: textOfTime(filedMs), ordinal: 1, course: 'as-notified' },
    references: [{ relation: 'reports', to: anomaly }],
    precedence: 'O',
  });
  const { records } = read(circle, circle.folded(), { of: anomaly, at: filedMs + 2 * hourMs });
  assert.deepEqual(
    records.map(({ standing, undecided }) => [standing.kind, undecided.map(({ id }) => id)]),
    [
      ['accepted', []],
      ['accepted', ['ordinal-in-count']],
    ],
  );
});

test('of many statements that leaves were not delivered each names its own record', () => {
  const circle = begun();
  const notices = [notify(circle, 41), notify(circle, 42)];
  const said = notices.map(({ index }) => {
    const content = { log: circle.cn.origin, from: index, to: index + 1, reason: 'the leaves did not come' };
    return circle.core(circle.us, filedMs + hourMs, { format: 'NOT-DELIVERED', content }).index;
  });
  const register = circle.folded();
  const shown = notices.map(
    (of) => read(circle, register, { of, at: filedMs + 2 * hourMs }).records[0]?.addressees[0]?.notDelivered?.index,
  );
  assert.deepEqual(shown, said);
});

test('a matter takes no more steps than it has room for, and can still be cancelled', () => {
  const circle = begun();
  const notice = notify(circle, 100);
  const postpone = (number: number) => {
    const content = { window: windowFrom(filedMs + (101 + number) * hourMs), reason: 'technical' };
    return circle.launch(circle.cn, filedMs + number * minuteMs, {
      format: 'POSTPONE',
      content,
      references: [{ relation: 'postpones', to: notice }],
    });
  };
  const steps = Array.from({ length: matterRecordsMax }, (_, number) => postpone(number));
  const cancel = circle.launch(circle.cn, filedMs + 5 * hourMs, {
    format: 'CANCEL',
    content: { reason: 'technical' },
    references: [{ relation: 'cancels', to: notice }],
  });
  const register = circle.folded();
  const kinds = steps.map(({ log, index }) => register.standing(log, index));
  const room = matterRecordsMax - matterRecordsKept - 1;
  assert.ok(kinds.slice(0, room).every((standing) => standing?.kind === 'accepted'));
  const rest = kinds.slice(room).map((standing) => (standing?.kind === 'void' ? standing.refusal.code : standing?.kind));
  assert.deepEqual(new Set(rest), new Set(['agreement.life-cycle']));
  const matter = read(circle, register, { of: cancel, at: filedMs + 6 * hourMs });
  assert.deepEqual([matter.state, matter.records.length], ['cancelled', room + 2]);
});
