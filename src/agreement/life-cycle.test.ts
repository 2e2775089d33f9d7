import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileLifeCycle, transition, windowClosed } from '#agreement/life-cycle.ts';
import { publishedInstrument } from '#agreement/sample-cases.ts';

for (const profile of ['full', '1988-minimal'] as const) {
  const { lifeCycle, texts } = publishedInstrument(readFileSync, profile);

  test(`${profile}: every state answers every event`, () => {
    const because = new Set<unknown>();
    for (const state of lifeCycle.states) {
      for (const event of lifeCycle.events) {
        const next = transition(lifeCycle, state, event);
        assert.equal(
          next.ok ? lifeCycle.states.includes(next.value) : next.refusal.code,
          next.ok ? true : 'agreement.life-cycle',
        );
        if (!next.ok) because.add(next.refusal.evidence['because']);
      }
    }
    for (const reason of because) for (const [, words] of texts) assert.ok(words.has(`because.${String(reason)}`));
  });

  test(`${profile}: any run of events stays among the states, and the end of the window is never refused`, () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...lifeCycle.events), { maxLength: 30 }), (events) => {
        let state = lifeCycle.initial;
        for (const event of events) {
          const next = transition(lifeCycle, state, event);
          assert.ok(next.ok || event !== windowClosed);
          if (next.ok) state = next.value;
          assert.ok(lifeCycle.states.includes(state));
        }
      }),
    );
  });

  test(`${profile}: every state can be reached`, () => {
    const reached = new Set([lifeCycle.initial]);
    for (const state of reached) {
      for (const event of lifeCycle.events) {
        const next = transition(lifeCycle, state, event);
        if (next.ok) reached.add(next.value);
      }
    }
    assert.deepEqual([...reached].sort(), [...lifeCycle.states].sort());
  });
}

test('once a launch is reported, no event makes it unsaid', () => {
  const { lifeCycle } = publishedInstrument(readFileSync, 'full');
  const after = new Set(['launched', 'launched-without-notice', 'anomalous']);
  for (const state of after) {
    for (const event of lifeCycle.events) {
      const next = transition(lifeCycle, state, event);
      assert.ok(!next.ok || after.has(next.value), `${state} × ${event}`);
    }
  }
});

test('a table with a gap, a double or a stranger is not total', () => {
  const cycle = {
    initial: 'a',
    states: ['a', 'b'],
    awaiting: ['c'],
    transitions: [
      { outcome: 'moves', from: 'a', on: 'X', to: 'z' },
      { outcome: 'moves', from: 'a', on: 'X', to: 'b' },
      { outcome: 'refused', from: 'a', on: windowClosed, because: 'why' },
      { outcome: 'moves', from: 'b', on: 'Y', to: 'b' },
    ],
    facts: ['f'],
  } as const;
  assert.deepEqual(compileLifeCycle(cycle, ['X']).reasons, [
    'transition to z, which is not a state',
    'two transitions for a × X',
    'transition on Y, which is not a format',
    'state a refuses WINDOW-CLOSED, which time alone brings',
    'no transition for b × X',
    'no transition for b × WINDOW-CLOSED',
    'c is not a state',
  ]);
});
