import { dayMs, type TimeMs } from '#base/time.ts';

/** How long a sender rests at least, and after the other side refused a delivery. */
const restMs = 30_000;

/** Until when nothing is sent by the lane *next*, because the other side asked for it or refused. Owner of that time. */
export class Rest {
  /** By our clock; null while we may send. */
  #untilMs: TimeMs | null = null;

  /** Never longer than a day, nor shorter than a rest, whatever the two clocks say. */
  ask(untilMs: TimeMs, nowMs: TimeMs): void {
    this.#untilMs = Math.min(Math.max(untilMs, nowMs + restMs, this.#untilMs ?? 0), nowMs + dayMs);
  }

  /** After a refusal. One that comes again and again does not make the rest longer. */
  refused(nowMs: TimeMs): void {
    if (this.#untilMs === null) this.ask(nowMs, nowMs);
  }

  end(): void {
    this.#untilMs = null;
  }

  /** Whether a rest is over, by a clock that may have been set meanwhile; then it is ended. */
  isOver(nowMs: TimeMs): boolean {
    if (this.#untilMs === null || (nowMs < this.#untilMs && this.#untilMs <= nowMs + dayMs)) return false;
    this.end();
    return true;
  }
}
