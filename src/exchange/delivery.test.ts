import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededChance } from '#base/chance.ts';
import { flashPlaces, urgentAheadMax } from '#base/limits.ts';
import {
  type DeliveryEffect,
  type DeliveryEvent,
  type DeliveryState,
  initialDelivery,
  type Lane,
  step,
} from '#exchange/delivery.ts';

type Packet = { readonly lane: Lane; readonly event: DeliveryEvent };

/** One centre around the shipped reducer: a log to send, what it holds of the other's, and a network that it writes to. */
class Side {
  state: DeliveryState;
  readonly outbox: Packet[] = [];
  readonly pending: DeliveryEffect[] = [];
  readonly urgent: readonly number[];
  held = 0;
  readonly urgentHeld = new Set<number>();
  readonly storedOnce = new Map<number, number>();

  constructor(urgent: readonly number[]) {
    this.urgent = urgent;
    this.state = initialDelivery({ logged: 0, urgent: [], flash: [], held: 0, urgentHeld: [] });
  }

  take(event: DeliveryEvent): void {
    const [state, effects] = step(this.state, event);
    this.state = state;
    this.pending.push(...effects);
  }

  /** Carries out one effect, chosen by chance, as the process would: stores take time, so other events come in between. */
  perform(chance: SeededChance): void {
    const [effect] = this.pending.splice(chance.below(this.pending.length), 1);
    if (effect === undefined) return;
    switch (effect.kind) {
      case 'send-next': {
        const to = Math.min(this.state.outbound.logged, effect.from + 1 + chance.below(3));
        if (this.state.outbound.peerHeld === null) return;
        this.outbox.push({ lane: 'next', event: { kind: 'arrived-next', from: effect.from, to } });
        return this.take({ kind: 'sent-next', to });
      }
      case 'send-urgent':
        this.outbox.push({ lane: 'urgent', event: { kind: 'arrived-urgent', index: effect.index } });
        return;
      case 'store-next':
        for (let index = this.held; index < effect.to; index += 1)
          this.storedOnce.set(index, (this.storedOnce.get(index) ?? 0) + 1);
        this.held = effect.to;
        return this.take({ kind: 'stored-next', held: effect.to });
      case 'store-urgent':
        assert.equal(this.urgentHeld.has(effect.index), false, 'an urgent record is stored once');
        this.urgentHeld.add(effect.index);
        return this.take({ kind: 'stored-urgent', index: effect.index });
      case 'answer-next':
        this.outbox.push({ lane: 'next', event: { kind: 'answered-next', held: effect.held, again: effect.again } });
        return;
      case 'answer-urgent':
        this.outbox.push({ lane: 'urgent', event: { kind: 'answered-urgent', index: effect.index } });
    }
  }

  greeting(lane: Lane): DeliveryEvent {
    const beyond = [...this.urgentHeld].filter((index) => index >= this.held);
    return { kind: 'opened', lane, held: this.held, urgentHeld: beyond };
  }
}

test('over a network that loses, repeats and reorders, every leaf is stored once and everything logged is held in the end', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const chance = new SeededChance(seed);
      const sides = [new Side([1, 4, 5]), new Side([0, 6])] as const;
      for (const round of Array(400).keys()) runRound({ sides, chance, calm: round > 250 });
      for (const [side, other] of [sides, sides.toReversed()] as [Side, Side][]) {
        assert.equal(other.held, side.state.outbound.logged, `seed ${seed}: held`);
        assert.deepEqual(side.state.outbound.urgent, [], `seed ${seed}: urgent`);
        for (const [index, times] of other.storedOnce) assert.equal(times, 1, `seed ${seed}: leaf ${index}`);
      }
    }),
    { numRuns: 300 },
  );
});

test('a gap is answered with the place to send from, a repetition as the first time', () => {
  const begun = initialDelivery({ logged: 0, urgent: [], flash: [], held: 5, urgentHeld: [7] });
  assert.deepEqual(step(begun, { kind: 'arrived-next', from: 6, to: 8 })[1], [{ kind: 'answer-next', held: 5, again: true }]);
  assert.deepEqual(step(begun, { kind: 'arrived-next', from: 2, to: 5 })[1], [{ kind: 'answer-next', held: 5, again: false }]);
  assert.deepEqual(step(begun, { kind: 'arrived-urgent', index: 7 })[1], [{ kind: 'answer-urgent', index: 7 }]);
});

test('no more deliveries are under way than the window allows, and an answer opens it again', () => {
  let state = initialDelivery({ logged: 100, urgent: [], flash: [], held: 0, urgentHeld: [] });
  let effects: readonly DeliveryEffect[];
  [state, effects] = step(state, { kind: 'opened', lane: 'next', held: 0, urgentHeld: [] });
  let sent = 0;
  while (effects.some((effect) => effect.kind === 'send-next')) {
    sent += 1;
    [state, effects] = step(state, { kind: 'sent-next', to: sent });
  }
  assert.equal(sent, 8);
  [, effects] = step(state, { kind: 'answered-next', held: 3, again: false });
  assert.deepEqual(effects, [{ kind: 'send-next', from: 8 }]);
});

test('however many IMMEDIATE leaves wait, a FLASH goes out at once, and before them', () => {
  const waiting = Array.from({ length: 300 }, (_, index) => index);
  let state = initialDelivery({ logged: 300, urgent: waiting, flash: [], held: 0, urgentHeld: [] });
  let effects: readonly DeliveryEffect[];
  [state] = step(state, { kind: 'opened', lane: 'next', held: 0, urgentHeld: [] });
  [state] = step(state, { kind: 'deferred' });
  [state, effects] = step(state, { kind: 'opened', lane: 'urgent', held: 0, urgentHeld: [] });
  const immediate = effects.filter(({ kind }) => kind === 'send-urgent');
  assert.equal(immediate.length, urgentAheadMax - flashPlaces);
  for (const effect of immediate) if ('index' in effect) [state] = step(state, { ...effect, kind: 'answered-urgent' });
  [state, effects] = step(state, { kind: 'logged', size: 301, urgent: [300], flash: [300] });
  assert.deepEqual(effects, [{ kind: 'send-urgent', index: 300 }]);
  const more = Array.from({ length: flashPlaces }, (_, offset) => 301 + offset);
  [state, effects] = step(state, { kind: 'logged', size: 301 + flashPlaces, urgent: more, flash: more });
  const newest = more.slice(1).toReversed();
  assert.deepEqual(
    effects,
    newest.map((index) => ({ kind: 'send-urgent', index })),
  );
});

function runRound(run: { readonly sides: readonly [Side, Side]; readonly chance: SeededChance; readonly calm: boolean }): void {
  const { sides, chance, calm } = run;
  for (const [side, other] of [sides, sides.toReversed()] as [Side, Side][]) {
    if (!calm && side.state.outbound.logged < 8 && chance.below(4) === 0) {
      const size = side.state.outbound.logged + 1;
      const urgent = side.urgent.filter((index) => index === size - 1);
      side.take({ kind: 'logged', size, urgent, flash: urgent.filter((index) => index % 2 === 0) });
    }
    if (!calm && chance.below(12) === 0)
      for (const each of sides) each.take({ kind: 'closed', lane: chance.below(2) === 0 ? 'next' : 'urgent' });
    if (side.state.outbound.peerHeld === null) side.take(other.greeting('next'));
    if (!side.state.outbound.urgentOpen) side.take(other.greeting('urgent'));
    if (!calm && chance.below(40) === 0 && side.pending.some((effect) => effect.kind.startsWith('store'))) failStore(side);
    if (chance.below(20) === 0) side.take({ kind: 'overdue' });
    while (side.pending.length > 0 && chance.below(5) > 0) side.perform(chance);
    deliver({ from: side, to: other, chance, calm });
  }
}

function failStore(side: Side): void {
  const failed = side.pending.find((effect) => effect.kind === 'store-next' || effect.kind === 'store-urgent');
  if (failed === undefined) return;
  side.pending.splice(side.pending.indexOf(failed), 1);
  if (failed.kind === 'store-next') side.take({ kind: 'store-failed', lane: 'next' });
  else side.take({ kind: 'store-failed', lane: 'urgent', index: failed.index });
}

function deliver(way: { readonly from: Side; readonly to: Side; readonly chance: SeededChance; readonly calm: boolean }): void {
  const { from, to, chance, calm } = way;
  for (const _ of Array(chance.below(6)).keys()) {
    const position = calm ? 0 : chance.below(from.outbox.length);
    const packet = from.outbox[position];
    if (packet === undefined) return;
    if (calm || chance.below(8) > 0) from.outbox.splice(position, 1);
    if (calm || chance.below(8) > 0) to.take(packet.event);
  }
}
