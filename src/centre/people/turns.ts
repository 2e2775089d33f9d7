/**
 * Lets work on one thing run one piece after another, in the order of the calls; work on different things runs side by side.
 * Owner of the queues: this object. A queue goes away with its last piece of work.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<T>(thing: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(thing) ?? Promise.resolve();
    // Whether the work before succeeded is for its own caller to hear.
    const mine = before.then(work, work);
    this.#last.set(thing, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(thing) === mine) this.#last.delete(thing);
    }
  }
}
