import { dayMs, type TimeMs, textOfTime } from '#base/time.ts';
import type { Deferral, LinkState } from '#centre/desk.ts';
import type { MessageHeader } from '#exchange/message.ts';

/** How long a sender rests after the other side refused a delivery; no rest is shorter. */
const restMs = 30_000;

/** When nothing is sent by the lane *next*: after a refusal, or while the other side asked us to wait. Owner of these times. */
export class Rest {
  /** By our clock; null while we may send. */
  #untilMs: TimeMs | null = null;
  #deferred: LinkState['deferred'] = { byThem: null, byUs: null };

  /** The latest wait that each side asked of the other. */
  get deferred(): LinkState['deferred'] {
    return this.#deferred;
  }

  refused(nowMs: TimeMs): void {
    // One that comes again and again does not make the rest longer.
    if (this.#untilMs === null) this.#until(nowMs, nowMs);
  }

  deferredByThem({ untilMs, reason }: Deferral, nowMs: TimeMs): void {
    this.#deferred = { ...this.#deferred, byThem: { untilMs: this.#until(untilMs, nowMs), reason } };
  }

  /** Notes the wait that we ask for; gives the message that asks. */
  deferredByUs(deferral: Deferral): MessageHeader {
    this.#deferred = { ...this.#deferred, byUs: deferral };
    return { kind: 'deferred', until: textOfTime(deferral.untilMs), reason: deferral.reason };
  }

  /** Whether a rest is over; then there is none any more. */
  isOver(nowMs: TimeMs): boolean {
    if (this.#untilMs === null || (nowMs < this.#untilMs && this.#untilMs <= nowMs + dayMs)) return false;
    this.end();
    return true;
  }

  end(): void {
    this.#untilMs = null;
    this.#deferred = { ...this.#deferred, byThem: null };
  }

  /** Never longer than a day, nor shorter than a rest, whatever the two clocks say. */
  #until(untilMs: TimeMs, nowMs: TimeMs): TimeMs {
    this.#untilMs = Math.min(Math.max(untilMs, nowMs + restMs, this.#untilMs ?? 0), nowMs + dayMs);
    return this.#untilMs;
  }
}
