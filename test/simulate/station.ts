import { SeededChance } from '#base/chance.ts';
import { accept, mustAccept, type Refusal, type Result } from '#base/refusal.ts';
import { minuteMs, type TimeMs, timeOfText } from '#base/time.ts';
import { Appender } from '#centre/append.ts';
import type { Centre } from '#centre/centre.ts';
import type { CentreConfig, PeerConfig } from '#centre/config.ts';
import type { News } from '#centre/desk.ts';
import { FollowedLog } from '#centre/link/followed-log.ts';
import { runCentre } from '#centre/open-centre.ts';
import type { Opened } from '#centre/opened.ts';
import { Session } from '#centre/recover.ts';
import type { CentreKeys } from '#centre/signer/key-file.ts';
import { LocalSigner } from '#centre/signer/local-signer.ts';
import { StoreRefusal } from '#centre/store/store.ts';
import type { DualSigner } from '#log/note.ts';
import type { SampleCentre } from '#log/sample-centre.ts';
import { Disk, DiskAnchor, type Lie, LifeDevice } from './disk.ts';
import { Life } from './life.ts';
import { MemoryStore } from './memory-store.ts';
import type { Network, Party } from './network.ts';
import { type SignatureBook, WatchedSigner } from './signature-book.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The real time at which every simulation begins. */
export const epochMs: TimeMs = mustAccept(timeOfText('2026-01-05T08:00:00.000Z'));
const recoverMs = 10_000;

/** What a station's surroundings are, and whom it tells. */
export interface StationParts {
  readonly party: Party;
  readonly keys: Readonly<Record<Party, SampleCentre>>;
  readonly instruments: Opened['instruments'];
  readonly time: VirtualTime;
  readonly chance: SeededChance;
  readonly network: Network;
  readonly book: SignatureBook;
  readonly lies: ReadonlySet<Lie>;
  readonly heartbeatSeconds: number;
  /** What the other side may send; generous unless a scenario says otherwise. */
  readonly budget: PeerConfig['budget'];
  news(news: News): void;
  trace(text: string): void;
  violated(what: string): void;
}

export type Standing = 'down' | 'starting' | 'running' | 'refused' | 'recovering';

/** One side: a machine with a disk and a clock, and on it the real centre, from one crash to the next. Owner of the process. */
export class Station {
  readonly party: Party;
  readonly disk: Disk;
  /** By how much its clock is wrong. */
  clockWrongByMs = 0;
  /** Whether the disk has less left than what is kept for the own log. */
  reserveIsShort = false;
  crashes = 0;
  standing: Standing = 'down';
  /** Why it did not start, or why its line is shut. */
  refusal: Refusal | undefined;
  readonly #parts: StationParts;
  #life: Life | undefined;
  #centre: Centre | undefined;

  constructor(parts: StationParts) {
    this.party = parts.party;
    this.#parts = parts;
    this.disk = new Disk({ own: this.origin, followed: this.theirs }, parts.lies);
  }

  get origin(): string {
    return this.#parts.keys[this.party].list.origin;
  }

  get theirs(): string {
    return this.#peer.list.origin;
  }

  /** The centre, while it runs. */
  get centre(): Centre | undefined {
    return this.standing === 'running' ? this.#centre : undefined;
  }

  get #peer(): SampleCentre {
    return this.#parts.keys[this.party === 'CN' ? 'US' : 'CN'];
  }

  nowMs(): TimeMs {
    return epochMs + Math.floor(this.#parts.time.nowMs) + this.clockWrongByMs;
  }

  /** Leaves of a log that are flushed here. */
  flushed(origin: string): number {
    return this.disk.image.logs.get(origin)?.length ?? 0;
  }

  start(): void {
    const life = this.#begin('starting');
    this.#guard(life, 'start', async () => {
      const opened = await this.#open(life);
      if (!opened.ok) return this.#refused(opened.refusal);
      this.#centre = (await this.#run(life, opened.value)).centre;
      this.standing = 'running';
      this.#parts.trace('runs');
    });
  }

  /** The process ends at whatever it awaits; with the power, what was being written is torn. */
  crash(how: 'killed' | 'power'): void {
    if (this.standing === 'down') return;
    this.#parts.trace(how === 'killed' ? 'is killed' : 'loses its power');
    this.crashes += 1;
    this.#life?.end();
    this.standing = 'down';
    this.#centre = undefined;
    this.#parts.network.gone(this.party, how);
    this.disk.powerFailed(this.#parts.chance);
  }

  /** `anshin recover`: the operator's remedy where the store went back. */
  recover(): void {
    const life = this.#begin('recovering');
    this.#guard(life, 'recovery', async () => {
      const recovered = await this.#takeBack(life);
      this.#parts.trace(recovered.ok ? `recovered to ${recovered.value.to}` : `not recovered: ${recovered.refusal.detail}`);
      this.#parts.network.gone(this.party, 'killed');
      life.end();
      this.standing = 'down';
      if (recovered.ok) this.#parts.time.after(500, () => this.start());
      else this.#refused(recovered.refusal);
    });
  }

  #begin(standing: Standing): Life {
    this.#life?.end();
    this.standing = standing;
    this.refusal = undefined;
    this.#parts.trace(standing);
    const life = new Life(this.#parts.time, new SeededChance(this.#parts.chance.below(2 ** 31)));
    this.#life = life;
    return life;
  }

  #guard(life: Life, what: string, work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (!life.alive) return;
      if (error instanceof StoreRefusal) return this.#refused(error.refusal);
      this.#parts.violated(`the ${what} of ${this.party} failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
  }

  #refused(refusal: Refusal): void {
    this.#parts.trace(`refused: ${refusal.code} ${refusal.detail}`);
    this.standing = 'refused';
    this.refusal = refusal;
    this.#life?.end();
  }

  async #openSigner(life: Life): Promise<Result<WatchedSigner>> {
    const { party, keys, book } = this.#parts;
    const anchorFile = await DiskAnchor.open(life, this.disk);
    if (!anchorFile.ok) return anchorFile;
    const signer = new LocalSigner({
      keys: centreKeys(keys[party], life),
      anchorFile: anchorFile.value,
      clock: () => this.nowMs(),
    });
    return accept(new WatchedSigner(signer, { party, disk: this.disk, book }));
  }

  #openStore(life: Life): MemoryStore {
    const device = new LifeDevice(life, this.disk);
    return new MemoryStore(device.image, device);
  }

  async #open(life: Life): Promise<Result<Opened>> {
    const { party, keys, instruments, heartbeatSeconds, budget } = this.#parts;
    const signer = await this.#openSigner(life);
    if (!signer.ok) return signer;
    const store = this.#openStore(life);
    const { turn } = life.world;
    const appender = await Appender.start({ store, signer: signer.value, origin: this.origin, turn });
    if (!appender.ok) return appender;
    return accept({
      options: { directory: 'in memory', passphrase: new Uint8Array(), nowMs: () => this.nowMs() },
      config: configOf(keys[party], heartbeatSeconds),
      peerConfig: peerConfigOf(this.#peer, budget),
      lists: {
        own: keys[party].keyList,
        peer: this.#peer.keyList,
        former: [],
        successions: [],
        notes: [keys[party].listNote, this.#peer.listNote],
      },
      signer: signer.value,
      keys: centreKeys(keys[party], life),
      store,
      instruments,
      appender: appender.value,
      reserve: { isShort: () => this.reserveIsShort },
      world: life.world,
    });
  }

  async #run(life: Life, opened: Opened) {
    const running = await runCentre(opened, async (_, events) => {
      const connected: typeof events.connected = (socket, lane) => events.connected(socket, lane);
      this.#parts.network.open(this.party, { life, connected });
      return { address: undefined, close: () => Promise.resolve() };
    });
    running.centre.listen((news) => this.#hear(news));
    return running;
  }

  #hear(news: News): void {
    if (news.kind === 'alarm' && news.refusal.code === 'signer.went-back') this.refusal = news.refusal;
    this.#parts.news(news);
  }

  async #takeBack(life: Life) {
    const { party, keys, network } = this.#parts;
    const signer = await this.#openSigner(life);
    if (!signer.ok) return signer;
    const store = this.#openStore(life);
    const session = new Session({
      options: { waitMs: recoverMs, progress: () => undefined },
      after: life.world.after,
      turn: life.world.turn,
      successions: [],
      store,
      own: await FollowedLog.open(store, keys[party].keyList.logKeys, signer.value.anchor()),
      signer: signer.value,
      theirs: this.theirs,
      centre: party,
    });
    network.open(party, {
      life,
      connected: (socket, lane) => (lane === 'next' ? session.begin(socket) : void socket.destroy()),
    });
    return await session.outcome;
  }
}

/** Keys that sign in the background, as the real ones do, and take a moment for it. */
function centreKeys({ log, witness, list }: SampleCentre, life: Life): CentreKeys {
  const slow = (by: DualSigner): DualSigner => {
    const sign = (signer: DualSigner['ed25519']) => (message: Uint8Array) =>
      life.pause(life.chance.below(3), () => signer.sign(message));
    return {
      name: by.name,
      ed25519: { ...by.ed25519, sign: sign(by.ed25519) },
      mldsa44: { ...by.mldsa44, sign: sign(by.mldsa44) },
    };
  };
  return { logs: [{ origin: list.origin, log: slow(log), witness: slow(witness) }], linkKeyPem: '', linkSpkiSha256: '' };
}

function configOf({ list }: SampleCentre, heartbeatSeconds: number): CentreConfig {
  const { centre, circle, status } = list;
  const host = list.origin.split('/')[0] ?? '';
  return {
    format: 'anshin-centre/1',
    centre,
    host,
    circle,
    status,
    httpListen: '127.0.0.1:0',
    agreements: [],
    heartbeatSeconds,
    askSeconds: 10,
  };
}

function peerConfigOf({ list }: SampleCentre, budget: PeerConfig['budget']): PeerConfig {
  return {
    format: 'anshin-peer/1',
    centre: list.centre,
    origin: list.origin,
    offline: list.offline,
    group: 'X25519MLKEM768',
    budget,
  };
}

/** What a flash a minute for a day does not spend. */
export const generousBudget: PeerConfig['budget'] = {
  bytesPerDay: 2 ** 31,
  recordsPerDay: 4_000_000,
  flashPerHour: 60 * minuteMs,
};
