import { randomBytes } from 'node:crypto';
import type { Server } from 'node:tls';
import type { Instrument } from '#agreement/instrument.ts';
import { hexOf } from '#base/bytes.ts';
import { SeededChance } from '#base/chance.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import { Appender } from '#centre/append.ts';
import { Centre, type PeerParts } from '#centre/centre.ts';
import {
  addressOf,
  type CentreConfig,
  ownOriginOf,
  type PeerConfig,
  pathsOf,
  readCentreConfig,
  readPeerConfig,
} from '#centre/config.ts';
import { CosignatureArchive } from '#centre/cosignature-archive.ts';
import type { Identity } from '#centre/desk.ts';
import { agreementsFolder, loadInstruments } from '#centre/instruments.ts';
import { Line } from '#centre/line.ts';
import { certificateOf } from '#centre/link/certificate.ts';
import { Dialler, type EndpointEvents, type LinkIdentity, listen, type PinnedPeer } from '#centre/link/endpoint.ts';
import { FollowedLog } from '#centre/link/followed-log.ts';
import { Heart } from '#centre/link/heart.ts';
import { Intake } from '#centre/link/intake.ts';
import { OwnLog } from '#centre/link/own-log.ts';
import { PeerLink } from '#centre/link/peer-link.ts';
import { isUrgent } from '#centre/own-growth.ts';
import { Proofs } from '#centre/proofs.ts';
import { Refuser } from '#centre/refuser.ts';
import { ScenarioClock } from '#centre/scenario.ts';
import { Scribe } from '#centre/scribe.ts';
import { openSigner, readKeyLists } from '#centre/setup.ts';
import type { CentreKeys } from '#centre/signer/key-file.ts';
import type { LocalSigner } from '#centre/signer/local-signer.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import type { Store } from '#centre/store/store.ts';
import { receiptBy } from '#exchange/folds.ts';
import { Register } from '#exchange/register.ts';
import type { VerifiedKeyList } from '#log/keys.ts';

export interface OpenOptions {
  readonly directory: string;
  readonly passphrase: Uint8Array;
  nowMs(): TimeMs;
}

export interface RunningCentre {
  readonly centre: Centre;
  readonly config: CentreConfig;
  /** Where the link listens, if it does. */
  readonly linkAddress: string | undefined;
  close(): Promise<void>;
}

/** Leaves read from the store at a time while the folds are made again. */
const replayLeaves = 1_000;
const replayBytes = 4_194_304;

interface Opened {
  readonly options: OpenOptions;
  readonly config: CentreConfig;
  readonly peerConfig: PeerConfig | undefined;
  readonly lists: {
    readonly own: VerifiedKeyList;
    readonly peer: VerifiedKeyList | undefined;
    readonly notes: readonly Uint8Array[];
  };
  readonly signer: LocalSigner;
  readonly keys: CentreKeys;
  readonly store: Store;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly appender: Appender;
}

/** Opens a centre's directory and sets it to work: its log, its folds, its link. The officers' interface is opened by the caller. */
export async function openCentre(options: OpenOptions): Promise<Result<RunningCentre>> {
  const opened = await openParts(options);
  if (!opened.ok) return opened;
  const { config, store, appender } = opened.value;
  const identity = identityOf(opened.value);
  const followed =
    opened.value.lists.peer === undefined ? undefined : await FollowedLog.open(store, opened.value.lists.peer.logKeys);
  const register = registerOf(opened.value, identity, followed);
  const archive = new CosignatureArchive(store, (error) =>
    centre.alarm(refuse('store.full', `a cosignature could not be kept: ${String(error)}`).refusal),
  );
  const centre: Centre = await assemble(opened.value, { identity, register, followed, archive });
  const urgent = await replay({ store, register, identity, archive });
  const entered = appender.checkpoint.size;
  const scribe = new Scribe({
    identity,
    appender,
    entered,
    nowMs: options.nowMs,
    dutyTimeMs: () => centre.dutyTimeMs(),
    salt: () => centre.salt(),
    grown: (index, record) => centre.grown(index, record),
  });
  const joined = await join(opened.value, { centre, scribe, followed, urgent });
  return accept({ centre, config, ...joined });
}

async function openParts(options: OpenOptions): Promise<Result<Opened>> {
  const { directory, passphrase } = options;
  const config = await readCentreConfig(directory);
  if (!config.ok) return config;
  const peerConfig = await readPeerConfig(directory);
  if (!peerConfig.ok) return peerConfig;
  const lists = await readKeyLists(directory);
  if (!lists.ok) return lists;
  const instruments = await loadInstruments(agreementsFolder, config.value.agreements);
  if (!instruments.ok) return instruments;
  const signing = await openSigner({ directory, passphrase, clock: options.nowMs });
  if (!signing.ok) return signing;
  const { signer, keys } = signing.value;
  const store = await openSqliteStore(pathsOf(directory).store);
  if (!store.ok) {
    await signer.close();
    return store;
  }
  const appender = await Appender.start({ store: store.value, signer, origin: ownOriginOf(config.value) });
  if (!appender.ok) {
    await store.value.close();
    await signer.close();
    return appender;
  }
  const parts = { signer, keys, store: store.value, appender: appender.value };
  return accept({
    options,
    config: config.value,
    peerConfig: peerConfig.value,
    lists: lists.value,
    instruments: instruments.value,
    ...parts,
  });
}

function identityOf({ config, lists }: Opened): Identity {
  const { centre, host, circle, status } = config;
  const peer = lists.peer === undefined ? null : { centre: lists.peer.list.centre, origin: lists.peer.list.origin };
  return { centre, host, circle, status, exercise: config.exercise ?? null, origin: ownOriginOf(config), peer };
}

function registerOf(opened: Opened, identity: Identity, followed: FollowedLog | undefined): Register {
  const parties = [identity.centre, ...(identity.peer === null ? [] : [identity.peer.centre])].toSorted();
  const { status } = identity;
  const own = { origin: identity.origin, owner: identity.centre, status, parties };
  const theirs = identity.peer === null ? [] : [{ origin: identity.peer.origin, owner: identity.peer.centre, status, parties }];
  const byHash = opened.instruments;
  return new Register({
    logs: [own, ...theirs],
    instruments: ({ agreement, version }) => {
      const instrument = byHash.get(version);
      return instrument?.shortName === agreement ? instrument : undefined;
    },
    rootAt: Centre.rootReader(opened.appender, identity.origin, () => followed),
  });
}

async function assemble(
  opened: Opened,
  parts: {
    readonly identity: Identity;
    readonly register: Register;
    readonly followed: FollowedLog | undefined;
    readonly archive: CosignatureArchive;
  },
): Promise<Centre> {
  const { options, config, lists, store } = opened;
  const { identity, register, followed, archive } = parts;
  const proofs = new Proofs(store, lists.notes);
  await proofs.open([identity.origin, ...(followed === undefined ? [] : [followed.origin])]);
  const peer: PeerParts | undefined =
    lists.peer === undefined || followed === undefined
      ? undefined
      : { centre: lists.peer.list.centre, logKeys: lists.peer.logKeys, witness: lists.peer.witness, followed };
  return new Centre({
    identity,
    store,
    signer: opened.signer,
    appender: opened.appender,
    register,
    instruments: opened.instruments,
    scenario: await ScenarioClock.open(store),
    proofs,
    archive,
    ownKeys: lists.own.logKeys,
    peer,
    heartbeatMs: config.heartbeatSeconds * 1000,
    nowMs: options.nowMs,
    salt: () => hexOf(randomBytes(16)),
  });
}

/** Makes the folds again from the leaves held; gives the indices of our own urgent records. */
async function replay(parts: {
  readonly store: Store;
  readonly register: Register;
  readonly identity: Identity;
  readonly archive: CosignatureArchive;
}): Promise<readonly number[]> {
  const { store, register, identity, archive } = parts;
  const urgent: number[] = [];
  for (const origin of [identity.origin, ...(identity.peer === null ? [] : [identity.peer.origin])]) {
    for (let index = 0; index < store.size(origin); ) {
      const leaves = await store.leaves(origin, index, { count: replayLeaves, bytes: replayBytes });
      for (const leaf of leaves) {
        register.take(origin, index, leaf);
        if (origin === identity.origin && isUrgent(leaf)) urgent.push(index);
        index += 1;
      }
    }
    for await (const fact of archive.facts(origin)) register.takeCosignature(fact);
  }
  return urgent;
}

async function join(
  opened: Opened,
  parts: {
    readonly centre: Centre;
    readonly scribe: Scribe;
    readonly followed: FollowedLog | undefined;
    readonly urgent: readonly number[];
  },
): Promise<Pick<RunningCentre, 'linkAddress' | 'close'>> {
  const { appender, signer, lists, config } = opened;
  const { centre, scribe, followed, urgent } = parts;
  const line = new Line({
    appender,
    signer,
    ownKeys: lists.own.logKeys,
    askMs: config.askSeconds * 1000,
    changed: (state) => {
      centre.tell({ kind: 'line', line: state });
      if (state === 'open') link?.opened();
    },
    alarm: (refusal) => centre.alarm(refusal),
  });
  const link = followed === undefined ? undefined : await linkOf(opened, { centre, scribe, followed, line, urgent });
  const refuser = link === undefined ? undefined : refuserOf(opened, { centre, scribe, line });
  centre.join({ scribe, line, link, refuser });
  const endpoints = link === undefined ? noEndpoints : await openEndpoints(opened, centre, link);
  return {
    linkAddress: endpoints.address,
    close: async () => {
      await endpoints.close();
      await centre.close();
    },
  };
}

async function linkOf(
  opened: Opened,
  parts: {
    readonly centre: Centre;
    readonly scribe: Scribe;
    readonly followed: FollowedLog;
    readonly line: Line;
    readonly urgent: readonly number[];
  },
): Promise<PeerLink> {
  const { options, config, peerConfig, appender, signer, store, lists } = opened;
  const { centre, scribe, followed, line, urgent } = parts;
  const { origin } = centre.identity;
  const intake = await Intake.open({
    store,
    signer,
    followed,
    budget: peerConfig?.budget ?? { bytesPerDay: 1, recordsPerDay: 1, flashPerHour: 1 },
    owner: {
      nowMs: options.nowMs,
      receipt: (claim, precedence, place) => scribe.receipt(claim, precedence, place),
      append: (work) => scribe.append(work),
      held: (from, leaves) => centre.held(from, leaves),
      heldUrgent: (index, leaf, sounds) => centre.heldUrgent(index, leaf, sounds),
      isReceipted: (index) => receiptBy(centre.register, { log: followed.origin, index }, config.centre) !== undefined,
      keptApart: (index, leaf) => centre.keptApart(index, leaf),
      cosignedTheirs: (checkpoint, cosignature) => centre.cosignedTheirs(checkpoint, cosignature),
      alarm: (refusal) => centre.alarm(refusal),
    },
  });
  const heart = new Heart({
    peer: lists.peer?.logKeys ?? { origin: followed.origin, pairs: [] },
    intervalMs: config.heartbeatSeconds * 1000,
    nowMs: options.nowMs,
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
    sign: (path, nonce) => signer.heartbeat({ origin, path, nonce }),
  });
  const own = new OwnLog({ origin, store, read: appender.read, newest: () => appender.checkpoint });
  return new PeerLink({
    own,
    followed,
    intake,
    heart,
    urgent,
    owner: {
      centre: config.centre,
      peerCentre: peerConfig?.centre ?? '',
      nowMs: options.nowMs,
      lineOpen: () => line.state === 'open',
      greeted: (shown) => line.greeted(shown),
      cosigned: (size, lines) => centre.cosigned(size, lines),
      accused: (evidence) => centre.accused(evidence),
      connection: (lane, connected) => centre.tell({ kind: 'link', lane, connected }),
      alarm: (refusal) => centre.alarm(refusal),
    },
  });
}

function refuserOf(opened: Opened, parts: { readonly centre: Centre; readonly scribe: Scribe; readonly line: Line }): Refuser {
  const { centre, scribe, line } = parts;
  return new Refuser({
    register: centre.register,
    ownOrigin: centre.identity.origin,
    peerOrigin: centre.identity.peer?.origin ?? '',
    nowMs: opened.options.nowMs,
    mayFile: () => line.state === 'open',
    statement: (statement, place) => scribe.statement(statement, place),
    append: (work) => scribe.append(work),
    alarm: (refusal) => centre.alarm(refusal),
  });
}

const noEndpoints = { address: undefined, close: () => Promise.resolve() };

/** Listens, dials, or both: where both sides listen, the one whose name sorts first dials. */
async function openEndpoints(
  opened: Opened,
  centre: Centre,
  link: PeerLink,
): Promise<{ readonly address: string | undefined; close(): Promise<void> }> {
  const { config, peerConfig, keys, lists } = opened;
  const identity: LinkIdentity = { key: keys.linkKeyPem, certificate: certificateOf(keys.linkKeyPem, config.host) };
  const peer: PinnedPeer & EndpointEvents = {
    pins: () => lists.peer?.list.link.map(({ spkiSha256 }) => spkiSha256) ?? [],
    group: peerConfig?.group ?? 'X25519MLKEM768',
    connected: (socket, lane) => link.connected(socket, lane),
    turnedAway: (refusal) => centre.alarm(refusal),
  };
  const server = config.linkListen === undefined ? undefined : await listen(addressOf(config.linkListen), identity, peer);
  const dials = peerConfig?.address !== undefined && (server === undefined || config.centre < peerConfig.centre);
  const address = addressOf(peerConfig?.address ?? ':0');
  const chance = new SeededChance(randomBytes(4).readUInt32LE());
  const diallers = dials
    ? (['next', 'urgent'] as const).map((lane) => new Dialler({ address, identity, peer, lane, chance }))
    : [];
  for (const dialler of diallers) dialler.start();
  return {
    address: server === undefined ? undefined : addressText(server),
    close: () => {
      for (const dialler of diallers) dialler.stop();
      return new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    },
  };
}

function addressText(server: Server): string {
  const address = server.address();
  return typeof address === 'object' && address !== null ? `${address.address}:${address.port}` : '';
}
