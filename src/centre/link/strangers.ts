import { type Refusal, refuse } from '#base/refusal.ts';

/** Connections to the link whose keys are not yet known; beyond it one is dropped, so that strangers cannot exhaust the port. */
export const strangersMax = 32;
/** Strangers turned away in a minute that are shown one by one; an alarm that never stops is heard by nobody. */
export const turnedAwayPerMinuteMax = 10;
/** Networks remembered from which the other side was admitted; the newest. */
export const admittedNetworksMax = 64;
const minuteMs = 60_000;

/** A connection as it came in, before any key is proved. */
export interface Stranger {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  destroy(): unknown;
  once(event: 'close', handler: () => void): unknown;
}

/** Who stands at the door: bounds how many, and how much of them the officers hear. Owner of the connections until they are admitted. */
export class Strangers {
  readonly #show: (refusal: Refusal) => void;
  readonly #waitingMax: number;
  readonly #waiting = new Map<string, Stranger>();
  /** Where the other side came from before: whoever comes from there again goes before those who never proved anything. */
  readonly #admitted = new Set<string>();
  #minuteFromMs = Number.NEGATIVE_INFINITY;
  #shown = 0;

  constructor(show: (refusal: Refusal) => void, waitingMax: number) {
    this.#show = show;
    this.#waitingMax = waitingMax;
  }

  enter(socket: Stranger): void {
    const key = keyOf(socket);
    this.#waiting.set(key, socket);
    socket.once('close', () => {
      if (this.#waiting.get(key) === socket) this.#waiting.delete(key);
    });
    if (this.#waiting.size > this.#waitingMax) this.#mostCrowding()?.destroy();
  }

  /** The other end has proved its key: it is no stranger any more. */
  admitted(socket: Pick<Stranger, 'remoteAddress' | 'remotePort'>): void {
    this.#waiting.delete(keyOf(socket));
    const network = networkOf(socket);
    this.#admitted.delete(network);
    this.#admitted.add(network);
    const [oldest] = this.#admitted;
    if (this.#admitted.size > admittedNetworksMax && oldest !== undefined) this.#admitted.delete(oldest);
  }

  turnedAway(refusal: Refusal, nowMs: number): void {
    if (nowMs - this.#minuteFromMs >= minuteMs) {
      this.#minuteFromMs = nowMs;
      this.#shown = 0;
    }
    this.#shown += 1;
    if (this.#shown < turnedAwayPerMinuteMax) this.#show(refusal);
    if (this.#shown === turnedAwayPerMinuteMax) {
      this.#show(refuse('link.peer', `${refusal.detail}; more in this minute are turned away without being shown`).refusal);
    }
  }

  /** For the end: nobody waits any longer. */
  dismiss(): void {
    for (const socket of this.#waiting.values()) socket.destroy();
  }

  /**
   * The oldest from the network that has most; one from where the other side was never admitted, as long as there is any. Not the
   * newest: a proof of the key takes two journeys, and whoever stays longer than all who came since has none.
   */
  #mostCrowding(): Stranger | undefined {
    const unknown = [...this.#waiting.values()].filter((each) => !this.#admitted.has(networkOf(each)));
    const byNetwork = Map.groupBy(unknown.length > 0 ? unknown : this.#waiting.values(), networkOf);
    const [crowd] = [...byNetwork.values()].toSorted((a, b) => b.length - a.length);
    return crowd?.[0];
  }
}

/** The address; of IPv6 the /64, since whoever has one address of it has all. */
function networkOf({ remoteAddress: address = '' }: Pick<Stranger, 'remoteAddress'>): string {
  if (!address.includes(':') || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const before = head.split(':').filter((group) => group !== '');
  const after = tail?.split(':').filter((group) => group !== '') ?? [];
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

function keyOf({ remoteAddress, remotePort }: Pick<Stranger, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`;
}
