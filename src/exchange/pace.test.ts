import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deliveryBytesMax, deliveryLeavesMax, deliveryWireMs } from '#base/limits.ts';
import { Pace } from '#exchange/pace.ts';

const idle = { inFlight: [], reading: false, sent: 100 };

test('an empty line takes one leaf at once; behind a delivery on its way only a full one is worth sending', () => {
  const pace = new Pace();
  assert.equal(pace.offers(idle, 101), true);
  assert.equal(pace.offers({ ...idle, reading: true }, 101), false);
  const busy = { ...idle, inFlight: [100] };
  assert.equal(pace.offers(busy, 100 + deliveryLeavesMax - 1), false);
  assert.equal(pace.offers(busy, 100 + deliveryLeavesMax), true);
});

test('on a quick line deliveries grow to the limit', () => {
  const pace = new Pace();
  const sizes = [pace.bytesMax];
  for (let turn = 1; turn <= 8; turn += 1) {
    pace.sent({ to: turn, bytes: pace.bytesMax, atMs: 100 * turn });
    pace.answered(turn, 100 * turn + 20);
    sizes.push(pace.bytesMax);
  }
  assert.deepEqual(sizes, [
    16_384,
    32_768,
    65_536,
    131_072,
    262_144,
    524_288,
    deliveryBytesMax,
    deliveryBytesMax,
    deliveryBytesMax,
  ]);
});

test('deliveries that are not half full say nothing of a quick line', () => {
  const pace = new Pace();
  pace.sent({ to: 1, bytes: pace.bytesMax / 2 - 1, atMs: 0 });
  pace.answered(1, 20);
  assert.equal(pace.bytesMax, 16_384);
});

test('each line comes to deliveries that it carries within a quarter of a second', () => {
  for (const bytesPerMs of [20, 40, 80, 400, 2_000]) {
    for (const roundTripMs of [1, 50, 600]) {
      const { bytes, wireMs } = steady(bytesPerMs, roundTripMs);
      assert.ok(wireMs <= deliveryWireMs, `${bytesPerMs} bytes a millisecond, ${roundTripMs} ms: ${wireMs} ms`);
      assert.ok(bytes >= Math.min(deliveryBytesMax, (bytesPerMs * deliveryWireMs) / 4), `${bytesPerMs} bytes: ${bytes}`);
    }
  }
});

test('after a delivery that kept the line for ten seconds the next has the least that there is', () => {
  const pace = new Pace();
  pace.sent({ to: 1, bytes: 16_384, atMs: 0 });
  pace.answered(1, 10_000);
  assert.equal(pace.bytesMax, 4_096);
});

/** A backlog over a line, one delivery behind another: how large they become, and how long one then keeps the line. */
function steady(bytesPerMs: number, roundTripMs: number): { readonly bytes: number; readonly wireMs: number } {
  const pace = new Pace();
  // A greeting's worth of traffic: a small record before the backlog.
  pace.sent({ to: 0, bytes: 600, atMs: 0 });
  pace.answered(0, roundTripMs + 600 / bytesPerMs);
  let freeMs = 1_000;
  const answers: number[] = [];
  for (let to = 1; to <= 60; to += 1) {
    const bytes = pace.bytesMax;
    // Two are under way: the next leaves when the one before the last is answered.
    const sentMs = answers.at(-2) ?? 1_000;
    pace.sent({ to, bytes, atMs: sentMs });
    freeMs = Math.max(freeMs, sentMs) + bytes / bytesPerMs;
    answers.push(freeMs + roundTripMs);
    const due = answers.at(-2);
    if (due !== undefined) pace.answered(to - 1, due);
  }
  return { bytes: pace.bytesMax, wireMs: pace.bytesMax / bytesPerMs };
}
