import type { Lane } from '#exchange/delivery.ts';
import { type Centre, mayStart } from '#test/model/centre.ts';
import { awaitsReceipt, receiptsIn } from '#test/model/leaf.ts';
import type { Move, Moves, World } from '#test/model/world.ts';

const lanes: readonly Lane[] = ['next', 'urgent'];
const movesMax = 400;

/**
 * What follows from a state once no more faults come: everything that was under way but a greeting is lost, and from then on
 * each message arrives, each store succeeds, and whoever waits too long, or may start, or may connect, does. Owner of the
 * states from which everything was seen to be delivered.
 */
export class Calm {
  readonly #moves: Moves;
  readonly #good = new Set<string>();

  constructor(moves: Moves) {
    this.#moves = moves;
  }

  /** The moves after which nothing more can happen though something is undelivered; nothing if all ends well. */
  stuckAfter(world: World): readonly Move[] | undefined {
    let now = this.#withGreetingsOnly(world);
    const made: Move[] = [];
    const passed: string[] = [];
    for (let count = 0; count < movesMax; count += 1) {
      const key = now.slice(0, 6).join();
      if (this.#good.has(key) || this.#isDelivered(now)) {
        for (const each of [...passed, key]) this.#good.add(each);
        return undefined;
      }
      passed.push(key);
      const move = this.#next(now, count % 2 === 0 ? 0 : 1);
      if (move === undefined) break;
      made.push(move);
      if (move.breach !== undefined) return made;
      now = move.world;
    }
    if (this.#isBeyondRemedy(now)) return undefined;
    return made;
  }

  #withGreetingsOnly(world: World): World {
    const kept = world.map((part, place) => {
      if (place < 2 || place > 5) return part;
      const { universe } = this.#moves;
      return universe.numberOfChannel(universe.channel(part).filter((message) => universe.message(message).kind === 'hello'));
    });
    return kept as unknown as World;
  }

  #next(world: World, turn: 0 | 1): Move | undefined {
    for (const side of [0, 1] as const) {
      const move = this.#arrival(world, side) ?? this.#work(world, side);
      if (move !== undefined) return move;
    }
    for (const side of [0, 1] as const) {
      const move = this.#beginning(world, side);
      if (move !== undefined) return move;
    }
    return this.#connection(world) ?? this.#patience(world, turn);
  }

  #arrival(world: World, side: 0 | 1): Move | undefined {
    for (const lane of lanes) {
      const [message] = this.#moves.deliverable(world, side, lane);
      if (message === undefined) continue;
      const place = 2 + 2 * side + (lane === 'next' ? 0 : 1);
      const rest = this.#moves.messages(world, side, lane).filter((other) => other !== message);
      const without = world.with(place, this.#moves.universe.numberOfChannel(rest)) as unknown as World;
      return this.#moves.turn(without, side, { kind: 'deliver', lane, message: this.#moves.universe.message(message) });
    }
    return undefined;
  }

  #work(world: World, side: 0 | 1): Move | undefined {
    const { process, disk } = this.#moves.centre(world, side);
    if (process === null) return undefined;
    const [urgent] = process.storingUrgent;
    if (urgent !== undefined) return this.#moves.turn(world, side, { kind: 'stored-urgent', index: urgent.index });
    if (process.storing !== null) return this.#moves.turn(world, side, { kind: 'stored' });
    if (process.reading !== null) return this.#moves.turn(world, side, { kind: 'read', to: disk.own.length });
    return undefined;
  }

  #beginning(world: World, side: 0 | 1): Move | undefined {
    const centre = this.#moves.centre(world, side);
    const { process } = centre;
    if (process === null && mayStart(centre, this.#moves.universe.design))
      return this.#moves.turn(world, side, { kind: 'start' });
    if (process !== null && process.line !== 'behind') return undefined;
    const from = this.#moves.recoverable(world, side);
    return from === undefined ? undefined : this.#moves.turn(world, side, { kind: 'recover', from });
  }

  #connection(world: World): Move | undefined {
    const [a, b] = [this.#moves.centre(world, 0).process, this.#moves.centre(world, 1).process];
    if (a === null || b === null) return undefined;
    const lane = lanes.find((each) => a.lanes[each] < 2 || b.lanes[each] < 2);
    return lane === undefined ? undefined : this.#moves.connect(world, lane);
  }

  /** What only time brings: a person's word, the end of a rest, an answer given up; each side in its turn. */
  #patience(world: World, first: 0 | 1): Move | undefined {
    const sides = [first, first === 0 ? 1 : 0] as const;
    for (const side of sides) {
      const { process, disk, signed } = this.#moves.centre(world, side);
      if (process?.line === 'opening' && disk.own === signed) return this.#moves.turn(world, side, { kind: 'confirm' });
      if (process?.delivery.outbound.deferred === true) return this.#moves.turn(world, side, { kind: 'resume' });
    }
    const waiting = sides.find((side) => {
      const { inFlight = [], urgentSent = [] } = this.#moves.centre(world, side).process?.delivery.outbound ?? {};
      return inFlight.length + urgentSent.length > 0;
    });
    return waiting === undefined ? undefined : this.#moves.turn(world, waiting, { kind: 'overdue' });
  }

  #isDelivered(world: World): boolean {
    const [a, b] = [this.#moves.centre(world, 0), this.#moves.centre(world, 1)];
    return hasAllOf(a, b) && hasAllOf(b, a);
  }

  /** Leaves that were signed and that neither side has: the log cannot be signed further, and a new one must be opened. */
  #isBeyondRemedy(world: World): boolean {
    const [a, b] = [this.#moves.centre(world, 0), this.#moves.centre(world, 1)];
    return isLost(a, b) || isLost(b, a);
  }
}

function hasAllOf(holder: Centre, owner: Centre): boolean {
  if (owner.process === null || owner.disk.own !== owner.signed || holder.disk.held !== owner.signed) return false;
  if (owner.process.delivery.outbound.urgent.length > 0) return false;
  const receipts = receiptsIn(holder.disk.own + holder.disk.receipts);
  return Array.from(owner.signed).every(
    (leaf, index) => !awaitsReceipt(leaf) || index < receipts.to || receipts.urgent.includes(index),
  );
}

function isLost(owner: Centre, holder: Centre): boolean {
  return !owner.disk.own.startsWith(owner.anchor) && !holder.disk.held.startsWith(owner.anchor);
}
