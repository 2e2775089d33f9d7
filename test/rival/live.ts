import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { bytesOfText, concatBytes, equalBytes, hexOf } from '#base/bytes.ts';
import { SeededChance } from '#base/chance.ts';
import { Connection } from '#centre/link/connection.ts';
import { realWorld } from '#centre/world.ts';
import type { Lane } from '#exchange/delivery.ts';
import { encodeFrame, type Message } from '#exchange/message.ts';
import { parseCore } from '#record/core-formats.ts';
import { parseRecord } from '#record/envelope.ts';
import { call } from '#test/federation/caller.ts';
import { until } from '#test/federation/pair-of-centres.ts';
import { AttackedCentre } from '#test/rival/attacked-centre.ts';
import type { HostileLog } from '#test/rival/hostile-log.ts';
import { Broken } from '#test/rival/hunt.ts';
import { memoryMiB } from '#test/rival/memory.ts';
import { byteMutations, jsonMutations, mutated, oneOf } from '#test/rival/mutation.ts';
import { naiveRoot } from '#test/rival/naive.ts';

/** What an attack on a real centre came to. */
export interface LiveReport {
  readonly messages: number;
  readonly connections: number;
  readonly held: number;
  readonly memoryGrowthMiB: number;
  readonly diskMiB: number;
}

/** Messages between two honest records, each of which must come through. */
const roundMessages = 250;
/** Leaves that are held before the attack begins; the other histories part from them and are no longer than they. */
const commonLeaves = 24;
const memoryGrowthMiBMax = 48;
const diskMiBMax = 96;

/**
 * Attacks a real centre over its real port with China's link key and log keys: changed, repeated, misplaced and invented messages, on
 * both lanes. After each round an honest record and an honest FLASH must come through. Throws `Broken` at what should not be.
 */
export async function attackLive({ seed, count }: { readonly seed: number; readonly count: number }): Promise<LiveReport> {
  const strayed: unknown[] = [];
  const onStray = (error: unknown): void => void strayed.push(error);
  process.on('unhandledRejection', onStray).on('uncaughtException', onStray);
  const attacked = await AttackedCentre.start({ heartbeatSeconds: 3_600 });
  try {
    const attack = new Attack(attacked, seed);
    await attack.begin();
    const before = memoryMiB();
    for (let sent = 0; sent < count; sent += roundMessages) {
      await attack.round(Math.min(roundMessages, count - sent));
      if (strayed.length > 0) throw new Broken(`an error went astray: ${String(strayed[0])}`);
    }
    await attack.assertHistory();
    const memoryGrowthMiB = memoryMiB() - before;
    const diskMiB = directoryMiB(attacked.pair.directory('US'));
    if (memoryGrowthMiB > memoryGrowthMiBMax) throw new Broken(`memory has grown by ${memoryGrowthMiB} MiB`);
    if (diskMiB > diskMiBMax) throw new Broken(`the centre has ${diskMiB} MiB on disk`);
    return { messages: attack.messages, connections: attack.connections, held: attacked.held, memoryGrowthMiB, diskMiB };
  } finally {
    await attacked.remove();
    process.off('unhandledRejection', onStray).off('uncaughtException', onStray);
  }
}

/** One attack. Owner of its lanes. */
class Attack {
  messages = 0;
  connections = 0;
  readonly #attacked: AttackedCentre;
  readonly #chance: SeededChance;
  readonly #lanes = new Map<Lane, RawLane>();
  #branches: readonly HostileLog[] = [];

  constructor(attacked: AttackedCentre, seed: number) {
    this.#attacked = attacked;
    this.#chance = new SeededChance(seed);
  }

  /** What both have, and other histories of it. */
  async begin(): Promise<void> {
    const { log } = this.#attacked;
    for (let index = 0; index < commonLeaves; index += 1) log.say(`common ${index}`);
    this.#branches = [8, 16, 22].map((parting) => {
      const branch = log.branch(parting);
      for (let more = 0; branch.size < commonLeaves; more += 1)
        branch.say(`other ${parting} ${more}`, more % 5 === 0 ? 'Z' : 'R');
      return branch;
    });
    await this.#bring(commonLeaves);
  }

  async round(count: number): Promise<void> {
    for (let number = 0; number < count; number += 1) {
      const lane: Lane = this.#chance.below(3) === 0 ? 'urgent' : 'next';
      const bytes = await this.#hostile(lane);
      (await this.#lane(lane)).write(bytes);
      this.messages += 1;
    }
    const { log } = this.#attacked;
    const flash = log.say(`FLASH of round ${this.messages}`, 'Z');
    // The lane is opened anew: what an attacker wrote on the old one may have closed it.
    this.#lanes.get('urgent')?.end();
    const urgent = await this.#lane('urgent');
    urgent.say(await log.urgent({ index: flash, base: 0, size: log.size }));
    await until(`the FLASH ${flash} comes through`, () => urgent.answered.has(flash) || this.#attacked.held > flash, 60_000);
    log.say(`after round ${this.messages}`);
    await this.#bring(log.size);
  }

  /** Sends the leaves that are missing there, until they are held. */
  async #bring(size: number): Promise<void> {
    const { log } = this.#attacked;
    this.#lanes.get('next')?.end();
    const next = await this.#lane('next');
    next.say(await log.next({ from: this.#attacked.held, to: size, size }));
    await this.#attacked.holds(size);
  }

  async #lane(lane: Lane): Promise<RawLane> {
    const open = this.#lanes.get(lane);
    if (open?.isOpen === true) return open;
    const made = await RawLane.open(this.#attacked, lane);
    this.#lanes.set(lane, made);
    this.connections += 1;
    return made;
  }

  async #hostile(lane: Lane): Promise<Uint8Array> {
    const message = await this.#message(lane);
    const frame = encodeFrame(message);
    // Most are changed inside a frame that is whole, since the first bad frame ends the connection.
    if (this.#chance.below(50) === 0) return mutated(frame, this.#chance, { mutations: byteMutations, others: [frame] });
    if (this.#chance.below(3) === 0) return frame;
    return encodeFrame(this.#changed(message));
  }

  #changed(message: Message): Message {
    const { header, attachments } = message;
    const at = this.#chance.below(attachments.length + 1);
    const part = attachments[at];
    if (part === undefined) return { header, attachments: [...attachments, this.#chance.bytes(this.#chance.below(200))] };
    const mutations = oneOf([byteMutations, jsonMutations], this.#chance);
    const other = mutated(part, this.#chance, { mutations, others: attachments }).subarray(0, 70_000);
    return { header, attachments: attachments.with(at, other) };
  }

  async #message(lane: Lane): Promise<Message> {
    const log = this.#chance.below(2) === 0 ? this.#attacked.log : oneOf(this.#branches, this.#chance);
    const { held } = this.#attacked;
    const [from, more] = [this.#chance.below(log.size), 1 + this.#chance.below(8)];
    const to = Math.min(log.size, from + more);
    const size = Math.max(to, oneOf([log.size, to, commonLeaves], this.#chance));
    if (lane === 'urgent') return await log.urgent({ index: from, base: Math.min(size, this.#chance.below(log.size + 1)), size });
    const number = oneOf([0, 1, held, held + 1, from, 2 ** 31, Number.MAX_SAFE_INTEGER], this.#chance);
    const note = await log.note(oneOf([commonLeaves, log.size], this.#chance));
    const others: readonly Message[] = [
      { header: { kind: 'held', held: number, again: this.#chance.below(2) === 0 }, attachments: [] },
      { header: { kind: 'held-urgent', index: number }, attachments: [] },
      { header: { kind: 'cosigned', size: number }, attachments: [note] },
      { header: { kind: 'deferred', until: '9999-12-31T23:59:59.999Z', reason: '' }, attachments: [] },
      { header: { kind: 'refusal', code: 'x', clause: '\u{1f4a3}', detail: 'y'.repeat(600) }, attachments: [] },
      { header: { kind: 'heartbeat', nonce: '0'.repeat(64) }, attachments: [note] },
      {
        header: { kind: 'evidence' },
        attachments: [concatBytes(bytesOfText('anshin-fork/1\n\n'), note, bytesOfText('\n'), note)],
      },
      { header: { kind: 'ask', from: number }, attachments: [] },
    ];
    return this.#chance.below(3) > 0 ? await log.next({ from, to, size }) : oneOf(others, this.#chance);
  }

  /** The centre holds one history, and states its roots in its receipts. */
  async assertHistory(): Promise<void> {
    const { us, log } = this.#attacked;
    const stored = await us.store.leaves(log.owner.origin, 0, { count: 100_000, bytes: 100_000_000 });
    if (stored.length !== log.size || !stored.every((leaf, index) => equalBytes(leaf, log.leaves[index] ?? new Uint8Array())))
      throw new Broken('the centre holds another history than the one that came first');
    const own = await us.store.leaves(us.identity.origin, 0, { count: 100_000, bytes: 100_000_000 });
    let receipts = 0;
    for (const leaf of own) {
      const known = parseRecord(leaf);
      if (!known.ok || known.value.record.basis.format !== 'RECEIPT') continue;
      const receipt = parseCore(known.value.record, 'RECEIPT');
      receipts += 1;
      if (!receipt.ok || hexOf(naiveRoot(log.leaves.slice(0, receipt.value.size))) !== receipt.value.root)
        throw new Broken('a receipt states a root that the log does not have');
    }
    if (receipts === 0) throw new Broken('nothing was receipted');
  }
}

/** One lane on which anything may be written. Owner of the socket. */
class RawLane {
  /** Urgent leaves that were answered. */
  readonly answered = new Set<number>();
  readonly #socket: TLSSocket;
  readonly #connection: Connection;
  #greeted = false;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.#connection = new Connection(
      socket,
      {
        closed: () => undefined,
        message: ({ header }) => {
          if (header.kind === 'hello') this.#greeted = true;
          if (header.kind === 'held-urgent') this.answered.add(header.index);
        },
      },
      realWorld.turn,
    );
  }

  static async open({ address, identity, log, us }: AttackedCentre, lane: Lane): Promise<RawLane> {
    const raw = new RawLane(await call({ address, identity, protocols: [`anshin-${lane}/1`] }));
    const held = us.linkState().own.logged;
    const origin = log.owner.origin;
    raw.say({ header: { kind: 'hello', protocol: 1, centre: 'CN', origin, lane, held, urgentHeld: [] }, attachments: [] });
    await until('the greeting', () => raw.#greeted || !raw.isOpen);
    return raw;
  }

  get isOpen(): boolean {
    return this.#connection.open && !this.#socket.destroyed;
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  say(message: Message): void {
    this.write(encodeFrame(message));
  }

  end(): void {
    this.#connection.close(undefined);
  }
}

function directoryMiB(folder: string): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.map((name) => statSync(join(folder, name)).size).reduce((sum, size) => sum + size, 0) / 2 ** 20;
}
