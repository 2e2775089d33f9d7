import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a process used between two readings. */
export interface Metered {
  /** Of all its threads. */
  readonly cpuMs: number;
  readonly memoryMb: number;
  readonly heapMb: number;
  /** How late the event loop came to a timer: what a stretch of work without a turn, or another process on the core, costs. */
  readonly loopDelayMs: { readonly median: number; readonly p99: number; readonly max: number };
}

/** Measures its own process. Owner of the histogram. */
export class Meter {
  readonly #delay = monitorEventLoopDelay({ resolution: 2 });
  #cpu = process.cpuUsage();

  constructor() {
    this.#delay.enable();
  }

  /** What was used since the reading before. */
  read(): Metered {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    const [median, p99, max] = [this.#delay.percentile(50), this.#delay.percentile(99), this.#delay.max].map(milliseconds);
    this.#delay.reset();
    const { rss, heapUsed } = process.memoryUsage();
    return {
      cpuMs: (user + system) / 1000,
      memoryMb: Math.round(rss / 2 ** 20),
      heapMb: Math.round(heapUsed / 2 ** 20),
      loopDelayMs: { median: median ?? 0, p99: p99 ?? 0, max: max ?? 0 },
    };
  }
}

function milliseconds(nanoseconds: number): number {
  return Math.round(nanoseconds / 1e5) / 10;
}
