import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

/**
 * What the parts of a centre reach of the world beside its store, its keys and its clock of day: handed in, so that a simulation
 * can stand in its place. What is called once keeps the process alive until then; what is called again and again does not.
 */
export interface World {
  /** Milliseconds by a clock that nobody sets; only differences mean anything. */
  readonly steadyMs: () => number;
  /** Calls once, after a delay; the function that comes back calls it off. */
  readonly after: (delayMs: number, work: () => void) => () => void;
  /** Calls again and again, until it is called off. */
  readonly every: (intervalMs: number, work: () => void) => () => void;
  /** Lets everybody else have a turn. */
  readonly turn: () => Promise<void>;
  /** Bytes that nobody can foresee. */
  readonly randomBytes: (length: number) => Uint8Array;
}

/** The world as it is. */
export const realWorld: World = {
  steadyMs: () => performance.now(),
  after: (delayMs, work) => {
    const timer = setTimeout(work, delayMs);
    return () => clearTimeout(timer);
  },
  every: (intervalMs, work) => {
    const timer = setInterval(work, intervalMs).unref();
    return () => clearInterval(timer);
  },
  turn: () => setImmediate(),
  randomBytes: (length) => new Uint8Array(randomBytes(length)),
};
