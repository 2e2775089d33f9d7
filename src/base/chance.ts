/** Chance that can be replayed from its seed: for tests, simulations and back-off, never for keys or salts. */
export interface Chance {
  /** An integer from 0 up to but not including `bound`. */
  below(bound: number): number;
  bytes(length: number): Uint8Array;
}

/** The generator mulberry32: 32 bits of state, the same sequence on every engine. Owner of the state: the returned object. */
export class SeededChance implements Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(bound: number): number {
    return Math.floor((this.#next() / 2 ** 32) * bound);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}
