import type { World } from '#test/model/world.ts';

/** By which move, and from where, a state was first reached. */
export interface Known {
  readonly parent: number;
  readonly move: number;
}

const parts = 7;
const firstCapacity = 1 << 16;

/** Every state that was reached, in the order in which it was, in flat memory: 36 bytes and a slot each. Nothing is guessed by a hash. */
export class StateTable {
  readonly #symmetric: boolean;
  #worlds = new Int32Array(firstCapacity * parts);
  #parents = new Int32Array(firstCapacity);
  #moves = new Uint8Array(firstCapacity);
  #slots = new Int32Array(firstCapacity * 4);
  #size = 0;

  /** `symmetric`: the two sides are alike, so that of two mirrored states one is enough. */
  constructor(symmetric: boolean) {
    this.#symmetric = symmetric;
  }

  get size(): number {
    return this.#size;
  }

  world(state: number): World {
    return Array.from(this.#worlds.subarray(state * parts, (state + 1) * parts)) as unknown as World;
  }

  known(state: number): Known {
    return { parent: this.#parents[state] ?? 0, move: this.#moves[state] ?? 0 };
  }

  /** Adds a state unless it is known. */
  add(reached: World, known: Known): void {
    const { world } = this.settled(reached);
    let slot = this.#slotOf(world);
    for (;;) {
      const taken = this.#slots[slot] ?? 0;
      if (taken === 0) break;
      if (this.#isAt(taken - 1, world)) return;
      slot = (slot + 1) & (this.#slots.length - 1);
    }
    this.#slots[slot] = this.#size + 1;
    this.#worlds.set(world, this.#size * parts);
    this.#parents[this.#size] = known.parent;
    this.#moves[this.#size] = known.move;
    this.#size += 1;
    if (this.#size === this.#parents.length) this.#grow();
  }

  /** The state by which a state and its mirror image are known. */
  settled(world: World): { readonly world: World; readonly mirrored: boolean } {
    const [a, b, aNext, aUrgent, bNext, bUrgent, faults] = world;
    const mirrored = this.#symmetric && (a > b || (a === b && (aNext > bNext || (aNext === bNext && aUrgent > bUrgent))));
    return { world: mirrored ? [b, a, bNext, bUrgent, aNext, aUrgent, faults] : world, mirrored };
  }

  #slotOf(world: World): number {
    let hash = 0;
    for (const part of world) {
      hash = Math.imul(hash ^ part, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash & (this.#slots.length - 1);
  }

  #isAt(state: number, world: World): boolean {
    const at = state * parts;
    return world.every((part, place) => this.#worlds[at + place] === part);
  }

  #grow(): void {
    const capacity = this.#parents.length * 2;
    this.#worlds = grown(this.#worlds, new Int32Array(capacity * parts));
    this.#parents = grown(this.#parents, new Int32Array(capacity));
    this.#moves = grown(this.#moves, new Uint8Array(capacity));
    this.#slots = new Int32Array(capacity * 4);
    for (let state = 0; state < this.#size; state += 1) {
      let slot = this.#slotOf(this.world(state));
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = state + 1;
    }
  }
}

function grown<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
