import { deliveryBytesMax, deliveryLeavesMax, deliveryWireMs } from '#base/limits.ts';
import type { Outbound } from '#exchange/delivery.ts';

/** Bytes of the first delivery on a connection, of which nothing is known yet. */
const firstBytes = 16_384;
/** The least that a slow line is given. A delivery that is no larger shows how long the way there and back is. */
const leastBytes = 4_096;

interface Sent {
  readonly to: number;
  readonly bytes: number;
  readonly atMs: number;
}

/**
 * How much goes into one delivery, and when the next is worth sending (`spec/link.md` 4). Each costs both sides signatures and
 * flushes, whatever its size: so while one is on its way, a small one waits until it is answered or is full. And none may keep a
 * slow line for longer than a quarter of a second, by what the answers say of the line.
 * Owner of what it knows of one connection.
 */
export class Pace {
  #sent: readonly Sent[] = [];
  #bytesMax = firstBytes;
  /** The shortest way there and back that a small delivery took. */
  #roundTripMs = 0;
  #answeredMs = Number.NEGATIVE_INFINITY;

  /** Bytes of leaves that the next delivery may have, if it has more than one. */
  get bytesMax(): number {
    return this.#bytesMax;
  }

  /** Whether leaves up to `logged` are worth a delivery now. */
  offers({ inFlight, reading, sent }: Pick<Outbound, 'inFlight' | 'reading' | 'sent'>, logged: number): boolean {
    return (inFlight.length === 0 && !reading) || logged - sent >= deliveryLeavesMax;
  }

  sent(delivery: Sent): void {
    this.#sent = [...this.#sent, delivery];
  }

  /** The other side holds everything below `held`. `atMs` is by the clock of `sent`. */
  answered(held: number, atMs: number): void {
    const answered = this.#sent.filter(({ to }) => to <= held);
    this.#sent = this.#sent.filter(({ to }) => to > held);
    const [first] = answered;
    if (first === undefined) return;
    const bytes = answered.reduce((sum, each) => sum + each.bytes, 0);
    const tookMs = atMs - first.atMs;
    if (bytes <= leastBytes) this.#roundTripMs = Math.min(this.#roundTripMs || tookMs, tookMs);
    // It kept the line since the answer to the one before, or since it was sent, but for the way there and back.
    const wireMs = Math.min(atMs - this.#answeredMs, tookMs - this.#roundTripMs);
    this.#answeredMs = atMs;
    if (wireMs > deliveryWireMs) this.#bytesMax = Math.max(leastBytes, Math.floor((bytes * deliveryWireMs) / wireMs));
    else if (bytes >= this.#bytesMax / 2 && wireMs <= deliveryWireMs / 2)
      this.#bytesMax = Math.min(deliveryBytesMax, 2 * this.#bytesMax);
  }
}
