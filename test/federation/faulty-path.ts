import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { SeededChance } from '#base/chance.ts';
import { addressOf } from '#centre/config.ts';

/** What became of the bytes, by kind of fault. */
export type FaultCounts = Readonly<Record<'cut' | 'flipped' | 'stalled' | 'split' | 'joined' | 'repeated', number>>;

/** Connections that meet a fault which ends them; the later ones are left alone, so that the waits between calls stay short. */
const spoiledMax = 8;

/**
 * A path of bytes between two centres that behaves badly by chance: it delays, stalls, cuts in the middle of anything, flips bits,
 * splits and joins writes, and plays what one connection said again on another. Owner of its sockets and timers.
 */
export class FaultyPath {
  readonly address: string;
  readonly counts: { -readonly [K in keyof FaultCounts]: number } = {
    cut: 0,
    flipped: 0,
    stalled: 0,
    split: 0,
    joined: 0,
    repeated: 0,
  };
  target = '';
  #calm = false;
  #spoiled = 0;
  readonly #server: Server;
  readonly #chance: SeededChance;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, chance: SeededChance) {
    const address = server.address();
    this.address = typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
    this.#server = server;
    this.#chance = chance;
    server.on('connection', (socket) => this.#carry(socket));
  }

  static async open(chance: SeededChance): Promise<FaultyPath> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultyPath(server, chance);
  }

  /** From now on everything passes as it comes. */
  calm(): void {
    this.#calm = true;
  }

  /** Cuts every connection now. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.calm();
    this.#server.close();
    this.cut();
  }

  #carry(caller: Socket): void {
    const { host, port } = addressOf(this.target);
    const called = connect(port, host);
    for (const [socket, other] of [
      [caller, called],
      [called, caller],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.setNoDelay(true);
    }
    this.#pass(caller, called);
    this.#pass(called, caller);
  }

  /** One direction of one connection. */
  #pass(from: Socket, to: Socket): void {
    const fate = this.#fateOf();
    let passed = 0;
    let last = Promise.resolve();
    let first = true;
    from.on('data', (chunk: Buffer) => {
      if (first && !this.#calm && this.#chance.below(6) === 0) this.#repeat(chunk);
      first = false;
      const begins = passed;
      passed += chunk.length;
      if (!this.#calm && fate.kind !== 'lives' && begins <= fate.at && fate.at < passed) {
        this.counts[fate.kind] += 1;
        if (fate.kind === 'flipped') chunk[fate.at - begins] = (chunk[fate.at - begins] ?? 0) ^ (1 << this.#chance.below(8));
      }
      const isCut = fate.kind === 'cut' && passed > fate.at && !this.#calm;
      const kept = isCut ? chunk.subarray(0, Math.max(0, fate.at - begins)) : chunk;
      last = last.then(() => this.#write(to, kept)).then(() => void (isCut && from.destroy()));
    });
  }

  #fateOf(): { readonly kind: 'lives' } | { readonly kind: 'cut' | 'flipped'; readonly at: number } {
    if (this.#calm || this.#spoiled >= spoiledMax || this.#chance.below(3) === 0) return { kind: 'lives' };
    this.#spoiled += 1;
    const at = this.#chance.below(this.#chance.below(3) === 0 ? 3_000 : 30_000);
    return { kind: this.#chance.below(3) === 0 ? 'flipped' : 'cut', at };
  }

  async #write(to: Socket, chunk: Buffer): Promise<void> {
    if (this.#calm) return void to.write(chunk);
    if (this.#chance.below(60) === 0) {
      this.counts.stalled += 1;
      await pause(this.#chance.below(1_200));
    }
    if (this.#chance.below(3) > 0) {
      this.counts.joined += 1;
      await pause(this.#chance.below(15));
      return void to.write(chunk);
    }
    this.counts.split += 1;
    for (let at = 0; at < chunk.length; ) {
      const end = at + 1 + this.#chance.below(1 + this.#chance.below(2_000));
      to.write(chunk.subarray(at, end));
      at = end;
      if (this.#chance.below(4) === 0) await pause(0);
    }
  }

  /** Somebody plays the beginning of a connection again on one of their own. */
  #repeat(chunk: Buffer): void {
    this.counts.repeated += 1;
    const { host, port } = addressOf(this.target);
    const again = connect(port, host, () => again.write(chunk));
    this.#sockets.add(again);
    again.on('error', () => again.destroy());
    again.on('data', () => again.destroy());
    again.on('close', () => this.#sockets.delete(again));
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
