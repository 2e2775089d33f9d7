import { SeededChance } from '#base/chance.ts';
import { accept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { addressOf, pathsOf, readCentreConfig, readPeerConfig } from '#centre/config.ts';
import { readKeyLists } from '#centre/key-lists.ts';
import { certificateOf } from '#centre/link/certificate.ts';
import { Connection } from '#centre/link/connection.ts';
import { Dialler, type EndpointEvents, listen, type PinnedPeer } from '#centre/link/endpoint.ts';
import { FollowedLog } from '#centre/link/followed-log.ts';
import { nextOf } from '#centre/link/message-parts.ts';
import type { OpenOptions } from '#centre/opened.ts';
import { OwnSeries } from '#centre/own-series.ts';
import { openSigner } from '#centre/setup.ts';
import type { Signer } from '#centre/signer/signer.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import { type DocumentWrite, type Store, StoreRefusal } from '#centre/store/store.ts';
import { realWorld, type World } from '#centre/world.ts';
import type { Message } from '#exchange/message.ts';
import { verifyCheckpoint } from '#log/policy.ts';
import type { Succession } from '#log/succession.ts';

/** What recovery brought back: leaves of our own log, from the size that the store had. */
export interface Recovered {
  readonly from: number;
  readonly to: number;
}

export interface RecoverOptions extends OpenOptions {
  /** How long the other side is asked, in milliseconds. */
  readonly waitMs: number;
  progress(recovered: Recovered & { readonly of: number }): void;
}

/**
 * Takes missing leaves of our own log back from the other side, checked against the newest checkpoint that we ourselves signed, so
 * that nothing can be slipped in (`spec/link.md` 9). The centre must not be running; nothing is signed.
 */
export async function recover(options: RecoverOptions): Promise<Result<Recovered>> {
  const lists = await readKeyLists(options.directory);
  if (!lists.ok) return lists;
  const peer = lists.value.peer;
  if (peer === undefined) return refuse('config.missing', 'this centre is not paired: nobody can give leaves back');
  const signing = await openSigner({ directory: options.directory, passphrase: options.passphrase, clock: options.nowMs });
  if (!signing.ok) return signing;
  const store = await openSqliteStore(pathsOf(options.directory).store);
  if (!store.ok) {
    await signing.value.signer.close();
    return store;
  }
  try {
    const own = await FollowedLog.open(store.value, lists.value.own.logKeys, signing.value.signer.anchor());
    const session = new Session({
      options,
      after: realWorld.after,
      turn: realWorld.turn,
      store: store.value,
      own,
      signer: signing.value.signer,
      theirs: peer.list.origin,
      successions: lists.value.successions,
      centre: lists.value.own.list.centre,
    });
    const pins = peer.list.link.map(({ spkiSha256 }) => spkiSha256);
    return await connectFor(options, { pins, keyPem: signing.value.keys.linkKeyPem, session });
  } finally {
    await store.value.close();
    await signing.value.signer.close();
  }
}

async function connectFor(
  options: RecoverOptions,
  parts: { readonly pins: readonly string[]; readonly keyPem: string; readonly session: Session },
): Promise<Result<Recovered>> {
  const config = await readCentreConfig(options.directory);
  if (!config.ok) return config;
  const peerConfig = await readPeerConfig(options.directory);
  if (!peerConfig.ok || peerConfig.value === undefined)
    return peerConfig.ok ? refuse('config.missing', 'not paired') : peerConfig;
  const { session } = parts;
  const identity = { key: parts.keyPem, certificate: certificateOf(parts.keyPem, config.value.host) };
  const peer: PinnedPeer & EndpointEvents = {
    pins: () => parts.pins,
    group: peerConfig.value.group,
    connected: (socket, lane) => (lane === 'next' ? session.begin(socket) : void socket.destroy()),
    turnedAway: (refusal) => session.note(refusal),
  };
  const { address } = peerConfig.value;
  const { linkListen } = config.value;
  const listening = linkListen === undefined ? undefined : await listen(addressOf(linkListen), identity, peer);
  const dialler =
    address === undefined
      ? undefined
      : new Dialler({ address: addressOf(address), identity, peer, lane: 'next', chance: new SeededChance(options.nowMs()) });
  dialler?.start();
  const recovered = await session.outcome;
  dialler?.stop();
  await listening?.close();
  return recovered;
}

/** One conversation: greet, ask until the whole of what we signed is here. */
export class Session {
  readonly outcome: Promise<Result<Recovered>>;
  readonly #parts: SessionParts;
  readonly #from: number;
  #callOff: () => void = () => undefined;
  #settle: (outcome: Result<Recovered>) => void = () => undefined;
  #connection: Connection | undefined;
  #goal = 0;
  #ended = false;
  /** Messages are taken one after another. */
  #work: Promise<void> = Promise.resolve();
  #lastRefusal: Refusal | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#from = parts.own.held;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#wait();
  }

  begin(socket: ConstructorParameters<typeof Connection>[0]): void {
    this.#connection?.close(undefined);
    if (this.#ended) return void socket.destroy();
    const connection: Connection = new Connection(
      socket,
      {
        message: (message) => {
          this.#work = this.#work.then(() => this.#receive(connection, message)).catch((error: unknown) => this.#fail(error));
        },
        closed: () => undefined,
      },
      this.#parts.turn,
    );
    this.#connection = connection;
    const { own, theirs, centre, store } = this.#parts;
    const header = {
      kind: 'hello',
      protocol: 1,
      centre,
      origin: own.origin,
      lane: 'next',
      held: store.size(theirs),
      urgentHeld: [],
    } as const;
    connection.send({ header, attachments: [] });
  }

  note(refusal: Refusal): void {
    this.#lastRefusal = refusal;
  }

  async #receive(connection: Connection, message: Message): Promise<void> {
    if (this.#ended || connection !== this.#connection) return;
    if (message.header.kind === 'refusal') return this.#end(this.#cannot(message.header.detail));
    if (message.header.kind === 'hello') return await this.#greeted(message.attachments[0]);
    if (message.header.kind === 'give') return await this.#given(message.header.from, message.attachments);
  }

  async #greeted(shown: Uint8Array | undefined): Promise<void> {
    const { own, signer } = this.#parts;
    if (shown === undefined) return this.#end(accept({ from: this.#from, to: this.#from }));
    const checkpoint = verifyCheckpoint(shown, own.keys);
    if (!checkpoint.ok) return this.#end(checkpoint);
    // From here on no history shorter than this one can be signed, whatever becomes of this recovery.
    const raised = await signer.raise({ checkpoint: checkpoint.value, cosignatures: [] });
    if (!raised.ok) return this.#end(raised);
    this.#goal = checkpoint.value.size;
    this.#ask();
  }

  #ask(): void {
    const { held } = this.#parts.own;
    this.#wait();
    this.#parts.options.progress({ from: this.#from, to: held, of: this.#goal });
    if (held >= this.#goal) return this.#end(accept({ from: this.#from, to: held }));
    this.#connection?.send({ header: { kind: 'ask', from: held }, attachments: [] });
  }

  async #given(from: number, attachments: readonly Uint8Array[]): Promise<void> {
    const { own, store } = this.#parts;
    const delivery = nextOf(from, attachments);
    if (!delivery.ok) return this.#end(delivery);
    if (from !== own.held)
      return this.#end(refuse('link.range', `leaves from ${from} on were given back; ${own.held} was asked for`));
    const arrived = own.arrive(delivery.value);
    if (!arrived.ok) return this.#end(arrived);
    const { batch, to, leaves } = own.stretch(from + delivery.value.leaves.length);
    const documents = [...batch.documents, ...(await this.#counts(leaves))];
    await store.commit({ ...batch, documents });
    own.stored();
    if (to !== own.held) return this.#end(refuse('store.damaged', 'the store does not hold what was written'));
    this.#ask();
  }

  /** The numbers that the recovered records took, and how far their receipts reach: neither is given or said again. */
  async #counts(leaves: readonly Uint8Array[]): Promise<readonly DocumentWrite[]> {
    const { own, store, successions } = this.#parts;
    const series = new OwnSeries(successions);
    for (const leaf of leaves) series.note(leaf);
    return await series.raisedWrites(store, own.origin);
  }

  /** From now on the other side has so long for its next word. */
  #wait(): void {
    this.#callOff();
    this.#callOff = this.#parts.after(this.#parts.options.waitMs, () => this.#end(this.#silent()));
  }

  #cannot(why: string): Result<Recovered> {
    const { held } = this.#parts.own;
    return refuse(
      'store.missing',
      `${held} of ${this.#goal} leaves that we signed are here, and the other side cannot give the rest: ${why}`,
      { held, signed: this.#goal },
    );
  }

  #fail(error: unknown): void {
    if (error instanceof StoreRefusal) return this.#end({ ok: false, refusal: error.refusal });
    this.#end(refuse('store.damaged', `the recovery failed: ${String(error).slice(0, 200)}`));
  }

  #silent(): Result<Recovered> {
    if (this.#goal > 0) return this.#cannot(`it did not answer within ${this.#parts.options.waitMs / 1000} s`);
    const why =
      this.#lastRefusal === undefined ? 'check that its centre runs and that the addresses are right' : this.#lastRefusal.detail;
    return refuse('link.peer', `the other side could not be asked within ${this.#parts.options.waitMs / 1000} s: ${why}`);
  }

  #end(outcome: Result<Recovered>): void {
    this.#ended = true;
    this.#callOff();
    this.#connection?.close(undefined);
    this.#settle(outcome);
  }
}

export interface SessionParts {
  readonly options: Pick<RecoverOptions, 'waitMs' | 'progress'>;
  readonly after: World['after'];
  readonly turn: World['turn'];
  readonly store: Store;
  readonly own: FollowedLog;
  readonly signer: Pick<Signer, 'raise'>;
  readonly theirs: string;
  readonly successions: readonly Succession[];
  readonly centre: string;
}
