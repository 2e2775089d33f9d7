import type { SeededChance } from '#base/chance.ts';
import type { LinkSocket } from '#centre/link/connection.ts';
import { backOffMs } from '#exchange/back-off.ts';
import type { Lane } from '#exchange/delivery.ts';
import type { Life } from './life.ts';
import type { VirtualTime } from './virtual-time.ts';

export type Party = 'CN' | 'US';

export const otherOf: Readonly<Record<Party, Party>> = { CN: 'US', US: 'CN' };

/** Where connections come in at a running process. */
export interface Door {
  readonly life: Life;
  connected(socket: LinkSocket, lane: Lane): void;
}

/** Sees what leaves: a checker, or somebody on the path. Gives what is carried in its place, in order. */
export type Tap = (from: Party, bytes: Uint8Array) => readonly Uint8Array[];

const lanes: readonly Lane[] = ['next', 'urgent'];

/** The network between two machines: China calls, each lane by a connection of its own. Owner of the connections. */
export class Network {
  /** Whether what a party sends arrives. */
  readonly carries: Record<Party, boolean> = { CN: true, US: true };
  /** How long something takes on the way, at most. */
  latencyMs = 40;
  tap: Tap = (_from, bytes) => [bytes];
  readonly #time: VirtualTime;
  readonly #chance: SeededChance;
  readonly #doors = new Map<Party, Door>();
  readonly #wires = new Map<Lane, Wire>();
  readonly #attempts = new Map<Lane, number>();
  #dials = 0;

  constructor(time: VirtualTime, chance: SeededChance) {
    this.#time = time;
    this.#chance = chance;
  }

  /** A process takes connections from now on, in place of any before it. */
  open(party: Party, door: Door): void {
    this.#doors.set(party, door);
    if (party !== 'CN') return;
    this.#dials += 1;
    for (const lane of lanes) this.#dial(lane, this.#dials);
  }

  /** A process is gone. The system says so to the other end, unless the machine lost its power. */
  gone(party: Party, how: 'killed' | 'power'): void {
    this.#doors.delete(party);
    for (const wire of this.#wires.values()) {
      const end = wire.party === party ? wire : wire.other;
      end?.gone(how);
    }
  }

  isUp(party: Party): boolean {
    return this.#doors.has(party);
  }

  /** Cuts the connection of a lane, for both ends. */
  cut(lane: Lane): void {
    const wire = this.#wires.get(lane);
    wire?.lost();
    wire?.other?.lost();
  }

  /** What was held back by a path that did not carry goes on. */
  resume(): void {
    for (const wire of this.#wires.values()) {
      wire.pump();
      wire.other?.pump();
    }
  }

  delayMs(): number {
    return 1 + this.#chance.below(this.latencyMs);
  }

  #dial(lane: Lane, dials: number): void {
    if (dials !== this.#dials) return;
    const [caller, called] = [this.#doors.get('CN'), this.#doors.get('US')];
    if (caller === undefined) return;
    const again = (): void => {
      const attempt = this.#attempts.get(lane) ?? 0;
      this.#attempts.set(lane, attempt + 1);
      this.#time.after(backOffMs(attempt, this.#chance), () => this.#dial(lane, dials));
    };
    if (called === undefined || !this.carries.CN || !this.carries.US) return again();
    const beganMs = this.#time.nowMs;
    const end = (party: Party, door: Door, closed: () => void): Wire =>
      new Wire({ party, door, closed, time: this.#time, network: this });
    const first = end('CN', caller, () => {
      if (this.#time.nowMs - beganMs > 5_000) this.#attempts.set(lane, 0);
      again();
    });
    const second = end('US', called, () => undefined);
    first.join(second);
    this.#wires.set(lane, first);
    this.#time.after(this.delayMs(), () => {
      if (caller.life.alive) caller.connected(first, lane);
    });
    this.#time.after(this.delayMs() + this.delayMs(), () => {
      if (called.life.alive) called.connected(second, lane);
    });
  }
}

interface WireParts {
  readonly party: Party;
  readonly door: Door;
  readonly closed: () => void;
  readonly time: VirtualTime;
  readonly network: Network;
}

/** One end of a connection: what is written comes out at the other end, whole and in order, until it breaks. */
export class Wire implements LinkSocket {
  readonly party: Party;
  other: Wire | undefined;
  readonly #parts: WireParts;
  #data: (chunk: Uint8Array) => void = () => undefined;
  #close: () => void = () => undefined;
  /** On the way; null is the end of the connection. */
  readonly #queue: (Uint8Array | null)[] = [];
  #ready = 0;
  #lastMs = 0;
  #open = true;
  /** What came while nobody read. */
  readonly #unread: Uint8Array[] = [];
  #reading = false;

  constructor(parts: WireParts) {
    this.party = parts.party;
    this.#parts = parts;
  }

  join(other: Wire): void {
    this.other = other;
    other.other = this;
  }

  get writableLength(): number {
    return this.#queue.reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0);
  }

  setNoDelay(): void {}

  on(event: 'data' | 'error' | 'close', handler: ((chunk: Uint8Array) => void) | (() => void)): void {
    if (event === 'close') this.#close = handler as () => void;
    if (event !== 'data') return;
    this.#data = handler;
    this.resume();
  }

  pause(): void {
    this.#reading = false;
  }

  resume(): void {
    if (this.#reading) return;
    this.#reading = true;
    this.#parts.time.after(0, () => {
      while (this.#reading && this.#unread.length > 0) this.#read(this.#unread.shift() ?? new Uint8Array());
    });
  }

  write(bytes: Uint8Array): void {
    if (!this.#open) return;
    for (const carried of this.#parts.network.tap(this.party, bytes)) this.#send(carried);
  }

  destroy(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#send(null);
    this.#parts.time.after(0, () => this.#parts.closed());
  }

  gone(how: 'killed' | 'power'): void {
    if (!this.#open) return;
    this.#open = false;
    if (how === 'killed') this.#send(null);
  }

  /** The connection is lost, and this end hears of it. */
  lost(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#queue.length = 0;
    this.#ready = 0;
    this.#parts.time.after(this.#parts.network.delayMs(), () => this.#ended());
  }

  pump(): void {
    while (this.#ready > 0 && this.#parts.network.carries[this.party]) {
      this.#ready -= 1;
      const bytes = this.#queue.shift();
      if (bytes === undefined) return;
      if (bytes === null) this.other?.heardTheEnd();
      else this.other?.hand(bytes);
    }
  }

  heardTheEnd(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#ended();
  }

  #ended(): void {
    if (this.#parts.door.life.alive) this.#close();
    this.#parts.closed();
  }

  #send(bytes: Uint8Array | null): void {
    this.#queue.push(bytes);
    const { time, network } = this.#parts;
    this.#lastMs = Math.max(this.#lastMs, time.nowMs + network.delayMs());
    time.after(this.#lastMs - time.nowMs, () => {
      this.#ready += 1;
      this.pump();
    });
  }

  hand(bytes: Uint8Array): void {
    const { door, network, time } = this.#parts;
    // A machine that came back knows nothing of the connections that it had.
    if (!door.life.alive && network.isUp(this.party)) time.after(network.delayMs(), () => this.other?.heardTheEnd());
    if (!this.#open || !door.life.alive) return;
    if (!this.#reading || this.#unread.length > 0) return void this.#unread.push(bytes);
    const half = bytes.length >> 1;
    // The system hands on whatever pieces it likes.
    this.#read(bytes.slice(0, half));
    this.#read(bytes.slice(half));
  }

  #read(bytes: Uint8Array): void {
    if (!this.#open || !this.#parts.door.life.alive) return;
    if (this.#reading) this.#data(bytes);
    else this.#unread.push(bytes);
  }
}
