import { concatBytes } from '#base/bytes.ts';

/** Takes away pieces, the largest first, and makes bytes plain, as long as the input fails in the same way; `triesMax` times at most. */
export function shrunk(input: Uint8Array, triesMax: number, fails: (bytes: Uint8Array) => boolean): Uint8Array {
  const shrinking = new Shrinking(input, triesMax, fails);
  while (shrinking.cut());
  shrinking.makePlain();
  return shrinking.least;
}

/** One input on its way to the least. Owner of what is left of it. */
class Shrinking {
  least: Uint8Array;
  #left: number;
  readonly #fails: (bytes: Uint8Array) => boolean;

  constructor(input: Uint8Array, triesMax: number, fails: (bytes: Uint8Array) => boolean) {
    this.least = input;
    this.#left = triesMax;
    this.#fails = fails;
  }

  /** Tries each piece of each size; whether the input has become shorter. */
  cut(): boolean {
    const before = this.least.length;
    for (let size = Math.ceil(before / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) this.#cutBy(size);
    return this.least.length < before;
  }

  makePlain(): void {
    for (const [at, byte] of this.least.entries()) if (byte !== 0x61) this.#keepIf(this.least.with(at, 0x61));
  }

  #cutBy(size: number): void {
    for (let at = 0; at < this.least.length && this.#left > 0; ) {
      if (!this.#keepIf(concatBytes(this.least.subarray(0, at), this.least.subarray(at + size)))) at += size;
    }
  }

  #keepIf(candidate: Uint8Array): boolean {
    this.#left -= 1;
    if (this.#left < 0 || !this.#fails(candidate)) return false;
    this.least = candidate;
    return true;
  }
}
