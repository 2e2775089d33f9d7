interface Moment {
  readonly atMs: number;
  /** Of two at one time the one that was asked for first comes first. */
  readonly order: number;
  readonly work: () => void | Promise<void>;
  calledOff: boolean;
}

/**
 * Time that passes only when everything has happened that was to happen before: one moment after another, each with all its
 * promises run to their end. So a run is a function of its seed. Owner of the moments to come.
 */
export class VirtualTime {
  readonly #heap: Moment[] = [];
  #nowMs = 0;
  #asked = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Does work later; the function that comes back calls it off. What the work awaits, the time after it waits for too. */
  after(delayMs: number, work: () => void | Promise<void>): () => void {
    const moment: Moment = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#asked, work, calledOff: false };
    this.#asked += 1;
    this.#push(moment);
    return () => {
      moment.calledOff = true;
    };
  }

  /** Lets so much time pass, or as much as it takes until something holds; gives whether it holds. */
  async pass(forMs: number, until: () => boolean = () => false): Promise<boolean> {
    const endMs = this.#nowMs + forMs;
    await promisesRun();
    while (!until()) {
      const next = this.#heap[0];
      if (next === undefined || next.atMs > endMs) {
        this.#nowMs = endMs;
        return until();
      }
      this.#pop();
      if (next.calledOff) continue;
      this.#nowMs = next.atMs;
      await next.work();
      await promisesRun();
    }
    return true;
  }

  #push(moment: Moment): void {
    let at = this.#heap.length;
    this.#heap.push(moment);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || isBefore(above, moment)) break;
      this.#heap[at] = above;
      this.#heap[parent] = moment;
      at = parent;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [this.#heap[2 * at + 1], this.#heap[2 * at + 2]];
      const first = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (first === undefined || isBefore(last, first)) break;
      this.#heap[at] = first;
      at = first === right ? 2 * at + 2 : 2 * at + 1;
    }
    this.#heap[at] = last;
  }
}

function isBefore(a: Moment, b: Moment): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** With all input and output in memory, every promise that can go on has gone on before the next turn of the machine. */
function promisesRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
