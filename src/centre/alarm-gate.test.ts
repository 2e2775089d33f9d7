import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlarmGate } from '#centre/alarm-gate.ts';

test('one kind of alarm is shown twenty times a minute, the last with a word, and other kinds are not held back by it', () => {
  const gate = new AlarmGate();
  const passed = Array.from({ length: 22 }, () => gate.pass('link.refused', 0));
  assert.deepEqual(passed.slice(18), ['shown', 'last', 'silent', 'silent']);
  assert.equal(gate.pass('log.fork', 0), 'shown');
  assert.equal(gate.pass('link.refused', 60_000), 'shown');
});
