import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minuteMs } from '#base/time.ts';
import { acknowledgeWithinMs, objectiveAfterReceipt, objectiveBy } from '#exchange/precedence.ts';

test('FLASH, IMMEDIATE, PRIORITY and ROUTINE are acknowledged within 10 and 30 minutes, 3 and 6 hours', () => {
  const minutes = Object.entries(acknowledgeWithinMs).map(([precedence, ms]) => `${precedence} ${ms / minuteMs}`);
  assert.deepEqual(minutes, ['Z 10', 'O 30', 'P 180', 'R 360']);
});

test('an objective begins at receipt and is kept up to its last millisecond', () => {
  const state = (receivedMs: number | null, saidMs: number | null, nowMs: number) =>
    objectiveAfterReceipt({ receivedMs, saidMs, nowMs }, 10).state;
  assert.equal(state(null, null, 100), 'not-received');
  assert.equal(state(null, 100, 100), 'met');
  assert.equal(state(100, null, 110), 'open');
  assert.equal(state(100, null, 111), 'missed');
  assert.equal(state(100, 110, 500), 'met');
  assert.equal(state(100, 111, 500), 'late');
});

test('a reply is due by the time that the record states', () => {
  assert.deepEqual(objectiveBy({ saidMs: null, nowMs: 5 }, 5), { state: 'open', dueMs: 5, saidMs: null });
  assert.deepEqual(objectiveBy({ saidMs: 6, nowMs: 9 }, 5), { state: 'late', dueMs: 5, saidMs: 6 });
});
