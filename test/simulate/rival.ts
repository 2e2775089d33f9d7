import { hexOf } from '#base/bytes.ts';
import type { SeededChance } from '#base/chance.ts';
import { Connection, type LinkSocket } from '#centre/link/connection.ts';
import type { Lane } from '#exchange/delivery.ts';
import type { Message, MessageHeader } from '#exchange/message.ts';
import { signHeartbeat } from '#log/heartbeat.ts';
import type { SampleCentre } from '#log/sample-centre.ts';
import { emptyRoot } from '#log/tree.ts';
import { HostileLog } from '#test/rival/hostile-log.ts';
import { Life } from './life.ts';
import type { Simulation } from './simulation.ts';
import { epochMs } from './station.ts';

interface RivalLane {
  readonly connection: Connection;
  /** Beneath the connection: for bytes that are no frame. */
  readonly socket: LinkSocket;
}

/**
 * The United States' centre in the hands of somebody who has all of its keys and wishes China's no good. It keeps what it hears, and
 * says what it is told to say. Owner of its histories.
 */
export class Rival {
  readonly keys: SampleCentre;
  readonly chance: SeededChance;
  readonly life: Life;
  /** Its histories, all with one beginning; the first is the one that it would show to its friends. */
  readonly histories: [HostileLog, ...HostileLog[]];
  /** China's leaves that it was given, by index. */
  readonly given = new Map<number, Uint8Array>();
  /** China's checkpoints, as they came. */
  readonly notes: Uint8Array[] = [];
  /** What it said once, and may say again. */
  readonly said: { readonly lane: Lane; readonly message: Message }[] = [];
  /** Whether it answers what it is sent, as an honest centre does. */
  answers = true;
  readonly #simulation: Simulation;
  readonly #lanes = new Map<Lane, RivalLane>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.chance = simulation.chance;
    this.keys = simulation.keys.US;
    this.life = new Life(simulation.time, simulation.chance);
    const { origin } = this.keys.list;
    this.histories = [new HostileLog({ centre: 'US', peer: 'CN', origin, log: this.keys.log })];
    simulation.network.open('US', { life: this.life, connected: (socket, lane) => this.#connected(socket, lane) });
  }

  get theirs(): string {
    return this.#simulation.keys.CN.list.origin;
  }

  /** Leaves of China's that it has without a gap. */
  get held(): number {
    let held = 0;
    while (this.given.has(held)) held += 1;
    return held;
  }

  /** How far China holds this log, as somebody who looked at its disk would know. */
  get theyHold(): number {
    return this.#simulation.stations.CN.flushed(this.keys.list.origin);
  }

  say(lane: Lane, header: MessageHeader, attachments: readonly Uint8Array[] = []): void {
    this.send(lane, { header, attachments });
  }

  send(lane: Lane, message: Message): void {
    this.said.push({ lane, message });
    if (this.said.length > 100) this.said.shift();
    this.#lanes.get(lane)?.connection.send(message);
  }

  /** Bytes that are no message. */
  babble(lane: Lane, bytes: Uint8Array): void {
    this.#lanes.get(lane)?.socket.write(bytes);
  }

  hangUp(lane: Lane): void {
    this.#lanes.get(lane)?.connection.close(undefined);
  }

  greet(lane: Lane, change: Partial<Extract<MessageHeader, { readonly kind: 'hello' }>> = {}): void {
    const { centre, origin } = this.keys.list;
    const shown = this.notes.at(-1);
    const header = { kind: 'hello', protocol: 1, centre, origin, lane, held: this.held, urgentHeld: [], ...change } as const;
    this.send(lane, { header, attachments: shown === undefined ? [] : [shown] });
  }

  #connected(socket: LinkSocket, lane: Lane): void {
    const { turn } = this.life.world;
    const handlers = { message: (message: Message) => this.#hear(lane, message), closed: () => undefined };
    this.#lanes.set(lane, { connection: new Connection(socket, handlers, turn), socket });
    this.greet(lane);
  }

  #hear(lane: Lane, { header, attachments }: Message): void {
    const [first] = attachments;
    if (header.kind === 'next' || header.kind === 'urgent') {
      if (first !== undefined) this.notes.push(first);
      if (this.notes.length > 50) this.notes.shift();
    }
    if (header.kind === 'next')
      for (const [offset, leaf] of attachments.slice(2).entries()) this.given.set(header.from + offset, leaf);
    if (header.kind === 'urgent' && attachments[3] !== undefined) this.given.set(header.index, attachments[3]);
    if (!this.answers) return;
    if (header.kind === 'next') this.say('next', { kind: 'held', held: this.held, again: false });
    if (header.kind === 'urgent') this.say('urgent', { kind: 'held-urgent', index: header.index });
    if (header.kind === 'heartbeat') void this.#beat(lane, header.nonce);
  }

  async #beat(lane: Lane, nonce: string): Promise<void> {
    const checkpoint = { origin: this.keys.list.origin, size: 0, root: emptyRoot };
    const timeS = Math.floor((epochMs + this.#simulation.time.nowMs) / 1000);
    const text = { checkpoint, timeS, path: lane, nonce: Uint8Array.fromHex(nonce) };
    const note = await this.life.pause(1, () => signHeartbeat(text, this.keys.log));
    this.say(lane, { kind: 'heartbeat', nonce: hexOf(this.chance.bytes(32)) }, [note]);
  }
}
