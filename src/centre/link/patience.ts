import type { World } from '#centre/world.ts';
import type { Lane } from '#exchange/delivery.ts';

/** How long each lane has waited for something, by a clock that nobody sets. Owner of the times. */
export class Patience {
  readonly #steadyMs: World['steadyMs'];
  readonly #since = new Map<Lane, number>();

  constructor(steadyMs: World['steadyMs']) {
    this.#steadyMs = steadyMs;
  }

  /** The wait begins now, or begins anew. */
  begin(lane: Lane): void {
    this.#since.set(lane, this.#steadyMs());
  }

  isOver(lane: Lane, afterMs: number): boolean {
    const since = this.#since.get(lane);
    return since !== undefined && this.#steadyMs() - since >= afterMs;
  }
}
