import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Result } from '#base/refusal.ts';
import { taken, UsageFault } from '#cli/terminal/report.ts';
import type { CheckedBundle, LogFolder } from '#cli/verify/entry-bundle.ts';
import type { TilePlace } from '#log/tiles.ts';

export type BundleAnswer =
  | { readonly kind: 'judged'; readonly result: Result<CheckedBundle> }
  | { readonly kind: 'unreadable'; readonly message: string };

/** Bundles handed to a thread and not yet answered: one in work, one waiting. More would only take memory. */
const inHandMax = 2;
const threadsMax = 16;
/** Bundles that are worth a thread of their own. */
const bundlesPerThread = 16;

/** Checks the bundles of a log on all cores; the answers come in the order of the places, however long the log is. */
export async function* checkedBundles(log: LogFolder, places: Iterable<TilePlace>, count: number): AsyncGenerator<CheckedBundle> {
  const size = Math.min(threadsMax, availableParallelism(), Math.ceil(count / bundlesPerThread));
  const crew = Array.from({ length: size }, () => new BundleThread(log));
  const inHand: Promise<BundleAnswer>[] = [];
  try {
    let turn = 0;
    for (const place of places) {
      const thread = crew[turn % size];
      if (thread !== undefined) inHand.push(thread.check(place));
      turn += 1;
      if (inHand.length === size * inHandMax) yield bundleOf(await inHand.shift());
    }
    while (inHand.length > 0) yield bundleOf(await inHand.shift());
  } finally {
    await Promise.all(crew.map((thread) => thread.end()));
  }
}

function bundleOf(answer: BundleAnswer | undefined): CheckedBundle {
  if (answer?.kind === 'judged') return taken(answer.result);
  throw new UsageFault(answer?.message ?? 'no bundle was in hand');
}

/** One thread, which answers in the order in which it is asked. Owner of the worker. */
class BundleThread {
  readonly #worker: Worker;
  readonly #waiting: PromiseWithResolvers<BundleAnswer>[] = [];

  constructor(log: LogFolder) {
    this.#worker = new Worker(new URL('./bundle-thread.ts', import.meta.url), { workerData: log });
    this.#worker.on('message', (answer: BundleAnswer) => this.#waiting.shift()?.resolve(answer));
    this.#worker.on('error', (error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  check(place: TilePlace): Promise<BundleAnswer> {
    const waiting = Promise.withResolvers<BundleAnswer>();
    // A later answer may fail while an earlier one is awaited.
    waiting.promise.catch(() => undefined);
    this.#waiting.push(waiting);
    this.#worker.postMessage(place, []);
    return waiting.promise;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
