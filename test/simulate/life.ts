import type { SeededChance } from '#base/chance.ts';
import type { World } from '#centre/world.ts';
import type { VirtualTime } from './virtual-time.ts';

/**
 * One process from its start to its crash. Whatever it asked for and did not get before the crash never comes: its promises stay
 * open and its timers are silent, as if it had been killed at that `await`.
 */
export class Life {
  readonly time: VirtualTime;
  readonly chance: SeededChance;
  readonly world: World;
  readonly #bornMs: number;
  #alive = true;

  constructor(time: VirtualTime, chance: SeededChance) {
    this.time = time;
    this.chance = chance;
    this.#bornMs = time.nowMs;
    this.world = {
      steadyMs: () => time.nowMs - this.#bornMs,
      after: (delayMs, work) => this.#after(delayMs, work),
      every: (intervalMs, work) => this.#every(intervalMs, work),
      turn: () => this.pause(0, () => undefined),
      randomBytes: (length) => chance.bytes(length),
    };
  }

  get alive(): boolean {
    return this.#alive;
  }

  end(): void {
    this.#alive = false;
  }

  /** What the machine does for the process in the background: done after a delay, unless the process is dead by then. */
  pause<T>(delayMs: number, work: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.time.after(delayMs, async () => {
        if (!this.#alive) return;
        try {
          const done = await work();
          if (this.#alive) resolve(done);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }

  #after(delayMs: number, work: () => void): () => void {
    return this.time.after(delayMs, () => {
      if (this.#alive) work();
    });
  }

  #every(intervalMs: number, work: () => void): () => void {
    let callOff = (): void => undefined;
    const again = (): void => {
      callOff = this.#after(intervalMs, () => {
        again();
        work();
      });
    };
    again();
    return () => callOff();
  }
}
