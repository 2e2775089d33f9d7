import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

/** Which functions and blocks of `src/` have run, as the engine counts them. Owner of the inspector's session. */
export class BlockCoverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  constructor() {
    // The engine falls over when it counts on one thread what it compiles on another.
    setFlagsFromString('--no-concurrent-recompilation');
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    // What the loading of the modules ran is nobody's discovery.
    this.take();
  }

  /** Blocks that have run. */
  get size(): number {
    return this.#seen.size;
  }

  /** The blocks that ran since the last call; each call begins to count anew. */
  take(): ReadonlySet<string> {
    const ran = new Set<string>();
    let scripts: readonly Profiler.ScriptCoverage[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error === null) scripts = taken.result;
    });
    for (const { url, functions } of scripts) {
      const at = url.indexOf('/src/');
      if (at === -1 || url.includes('/node_modules/')) continue;
      const ranges = functions.flatMap((each) => each.ranges).filter(({ count }) => count > 0);
      for (const { startOffset, endOffset } of ranges) ran.add(`${url.slice(at)}:${startOffset}-${endOffset}`);
    }
    return ran;
  }

  /** Of these, those that never ran before; from now on they have. */
  discover(ran: ReadonlySet<string>): ReadonlySet<string> {
    const found = ran.difference(this.#seen);
    for (const block of found) this.#seen.add(block);
    return found;
  }

  close(): void {
    this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }
}
