import { hexOf } from '#base/bytes.ts';
import { accept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { type TimeMs, timeOfText } from '#base/time.ts';
import { Centre, type PeerParts } from '#centre/centre.ts';
import { type CentreConfig, ownOriginOf } from '#centre/config.ts';
import { CosignatureArchive } from '#centre/cosignature-archive.ts';
import type { Identity } from '#centre/desk.ts';
import type { FoldKeeper } from '#centre/folds/fold-keeper.ts';
import { openFolds } from '#centre/folds/open-folds.ts';
import { Line } from '#centre/line.ts';
import type { LinkSocket } from '#centre/link/connection.ts';
import { type Endpoints, openEndpoints } from '#centre/link/endpoints.ts';
import { FollowedLog } from '#centre/link/followed-log.ts';
import { Heart } from '#centre/link/heart.ts';
import { Intake } from '#centre/link/intake.ts';
import { OwnLog } from '#centre/link/own-log.ts';
import { PeerLink } from '#centre/link/peer-link.ts';
import { MachineDuties } from '#centre/machine-duties.ts';
import { type Opened, type OpenOptions, openParts } from '#centre/opened.ts';
import { Proofs } from '#centre/proofs.ts';
import { Refuser } from '#centre/refuser.ts';
import { replay } from '#centre/replay.ts';
import { ScenarioClock } from '#centre/scenario.ts';
import { Scribe } from '#centre/scribe.ts';
import { StoreRefusal } from '#centre/store/store.ts';
import type { Lane, UrgentLeaves } from '#exchange/delivery.ts';
import { receiptBy } from '#exchange/folds.ts';
import type { Register } from '#exchange/register.ts';
import type { Shelves } from '#exchange/shelf.ts';

export interface RunningCentre {
  readonly centre: Centre;
  readonly config: CentreConfig;
  /** Where the link listens, if it does. */
  readonly linkAddress: string | undefined;
  close(): Promise<void>;
}

/** Opens a centre's directory and sets it to work: its log, its folds, its link. The officers' interface is opened by the caller. */
export async function openCentre(options: OpenOptions): Promise<Result<RunningCentre>> {
  const opened = await openParts(options);
  if (!opened.ok) return opened;
  try {
    return accept(await runCentre(opened.value, openEndpoints));
  } catch (error) {
    await opened.value.store.close();
    await opened.value.signer.close();
    // What the folds read at the start may be damaged.
    if (error instanceof StoreRefusal) return { ok: false, refusal: error.refusal };
    throw error;
  }
}

/** How a centre comes by its connections to the other side. */
export type Connect = (
  opened: Opened,
  events: { connected(socket: LinkSocket, lane: Lane): void; turnedAway(refusal: Refusal): void },
) => Promise<Endpoints>;

/** Sets a centre to work whose parts are open. */
export async function runCentre(opened: Opened, connect: Connect): Promise<RunningCentre> {
  const { config, store, appender, world } = opened;
  const identity = identityOf(opened);
  const { followed, unfollowed } = await follow(opened);
  const { register, keeper } = openFolds(opened, { identity, followed, alarm: (refusal) => centre.alarm(refusal) });
  const archive = new CosignatureArchive({
    store,
    after: world.after,
    failed: (error) => centre.alarm(refuse('store.full', `a cosignature could not be kept: ${String(error)}`).refusal),
  });
  const centre: Centre = await assemble(opened, { identity, register, keeper, followed, unfollowed, archive });
  const urgent = await replay({ store, register, keeper, identity, archive, followed, world }).catch((error: unknown) => {
    keeper.close();
    throw error;
  });
  const entered = appender.checkpoint.size;
  const scribe = new Scribe({
    identity,
    appender,
    entered,
    filedAtMs: latestFilingMs(register, identity.origin),
    nowMs: opened.options.nowMs,
    dutyTimeMs: () => centre.dutyTimeMs(),
    salt: () => centre.salt(),
    grown: (leaf) => centre.grown(leaf),
    alarm: (refusal) => centre.alarm(refusal),
  });
  const joined = await join(opened, { centre, scribe, followed, urgent, connect, shelves: keeper.shelves });
  return { centre, config, ...joined };
}

/**
 * Takes up the other side's log. Where the store has not the tree of it that we cosigned, that log is not followed and not shown;
 * our own is as it was, and the officers are told.
 */
async function follow({
  lists,
  store,
  signer,
}: Opened): Promise<{ readonly followed: FollowedLog | undefined; readonly unfollowed: Refusal | undefined }> {
  if (lists.peer === undefined) return { followed: undefined, unfollowed: undefined };
  try {
    return { followed: await FollowedLog.open(store, lists.peer.logKeys, signer.anchor()), unfollowed: undefined };
  } catch (error) {
    if (error instanceof StoreRefusal) return { followed: undefined, unfollowed: error.refusal };
    throw error;
  }
}

function latestFilingMs(register: Register, origin: string): TimeMs {
  const filedAt = timeOfText(register.log(origin)?.held.filedAt ?? '');
  return filedAt.ok ? filedAt.value : 0;
}

function identityOf({ config, lists }: Opened): Identity {
  const { centre, host, circle, status } = config;
  const peer = lists.peer === undefined ? null : { centre: lists.peer.list.centre, origin: lists.peer.list.origin };
  return {
    centre,
    host,
    circle,
    status,
    exercise: config.exercise ?? null,
    origin: ownOriginOf(config),
    peer,
    successions: lists.successions,
  };
}

async function assemble(
  opened: Opened,
  parts: {
    readonly identity: Identity;
    readonly register: Register;
    readonly keeper: FoldKeeper;
    readonly followed: FollowedLog | undefined;
    readonly unfollowed: Refusal | undefined;
    readonly archive: CosignatureArchive;
  },
): Promise<Centre> {
  const { options, config, lists, store, world } = opened;
  const { identity, register, keeper, followed, unfollowed, archive } = parts;
  const proofs = new Proofs(store, lists.notes);
  await proofs.open([identity.origin, ...(followed === undefined ? [] : [followed.origin])]);
  const peer: PeerParts | undefined =
    lists.peer === undefined || followed === undefined
      ? undefined
      : { centre: lists.peer.list.centre, logKeys: lists.peer.logKeys, witness: lists.peer.witness, followed };
  const centre: Centre = new Centre({
    directory: options.directory,
    identity,
    store,
    signer: opened.signer,
    appender: opened.appender,
    register,
    keeper,
    instruments: opened.instruments,
    scenario: await ScenarioClock.open(store, (error) =>
      centre.alarm(refuse('store.full', `the scenario time could not be kept: ${String(error)}`).refusal),
    ),
    proofs,
    archive,
    ownKeys: lists.own.logKeys,
    peer,
    unfollowed,
    heartbeatMs: config.heartbeatSeconds * 1000,
    nowMs: options.nowMs,
    salt: () => hexOf(world.randomBytes(16)),
    steadyMs: world.steadyMs,
  });
  return centre;
}

async function join(
  opened: Opened,
  parts: {
    readonly centre: Centre;
    readonly scribe: Scribe;
    readonly followed: FollowedLog | undefined;
    readonly urgent: UrgentLeaves;
    readonly connect: Connect;
    readonly shelves: Shelves;
  },
): Promise<Pick<RunningCentre, 'linkAddress' | 'close'>> {
  const { appender, signer, lists, config } = opened;
  const { centre, scribe, followed, urgent, connect, shelves } = parts;
  const line = new Line({
    appender,
    signer,
    ownKeys: lists.own.logKeys,
    beginning: lists.own.list.succeeds === undefined ? 0 : lists.own.list.succeeds.size + 1,
    askMs: config.askSeconds * 1000,
    world: opened.world,
    changed: (state) => {
      centre.tell({ kind: 'line', line: state });
      if (state === 'open') link?.opened();
    },
    alarm: (refusal) => centre.alarm(refusal),
  });
  const link = followed === undefined ? undefined : await linkOf(opened, { centre, scribe, followed, line, urgent });
  const refuser = link === undefined ? undefined : refuserOf(opened, { centre, scribe, line, shelves });
  const duties =
    link === undefined || refuser === undefined || followed === undefined
      ? undefined
      : new MachineDuties({
          followed,
          signer,
          scribe,
          link,
          refuser,
          nowMs: opened.options.nowMs,
          world: opened.world,
          lineOpen: () => line.state === 'open',
          alarm: (refusal) => centre.alarm(refusal),
        });
  centre.join({ scribe, line, link, refuser, duties });
  const endpoints =
    link === undefined
      ? undefined
      : await connect(opened, {
          connected: (socket, lane) => link.connected(socket, lane),
          turnedAway: (refusal) => centre.alarm(refusal),
        });
  return {
    linkAddress: endpoints?.address,
    close: async () => {
      const unconnected = endpoints?.close();
      await centre.close();
      await unconnected;
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
    readonly urgent: UrgentLeaves;
  },
): Promise<PeerLink> {
  const { options, config, peerConfig, appender, signer, store } = opened;
  const { centre, scribe, followed, line, urgent } = parts;
  const { origin } = centre.identity;
  const intake = await Intake.open({
    store,
    signer,
    followed,
    reserve: opened.reserve,
    turn: opened.world.turn,
    budget: peerConfig?.budget ?? { bytesPerDay: 1, recordsPerDay: 1, flashPerHour: 1 },
    owner: {
      nowMs: options.nowMs,
      receipt: (claim, precedence, place) => scribe.receipt(claim, precedence, place),
      append: (work) => scribe.append(work),
      held: (stretch) => centre.held(stretch),
      heldUrgent: (index, leaf, sounds) => centre.heldUrgent(index, leaf, sounds),
      isKnownUrgent: (index) => centre.isKnownUrgent(index),
      isReceipted: (index) => receiptBy(centre.register, { log: followed.origin, index }, config.centre) !== undefined,
      keptApart: (index, leaf) => centre.keptApart(index, leaf),
      cosignedTheirs: (checkpoint, cosignature) => centre.cosignedTheirs(checkpoint, cosignature),
      alarm: (refusal) => centre.alarm(refusal),
    },
  });
  const heart = heartOf(opened, origin, followed.origin);
  const own = new OwnLog({ origin, store, read: appender.read, newest: () => appender.checkpoint });
  return new PeerLink({
    own,
    followed,
    intake,
    heart,
    world: opened.world,
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

function heartOf({ options, config, signer, lists, world }: Opened, origin: string, theirs: string): Heart {
  return new Heart({
    peer: lists.peer?.logKeys ?? { origin: theirs, pairs: [] },
    intervalMs: config.heartbeatSeconds * 1000,
    nowMs: options.nowMs,
    world,
    sign: (path, nonce) => signer.heartbeat({ origin, path, nonce }),
  });
}

function refuserOf(
  opened: Opened,
  parts: { readonly centre: Centre; readonly scribe: Scribe; readonly line: Line; readonly shelves: Shelves },
): Refuser {
  const { centre, scribe, line, shelves } = parts;
  return new Refuser({
    register: centre.register,
    shelves,
    ownOrigin: centre.identity.origin,
    peerOrigin: centre.identity.peer?.origin ?? '',
    nowMs: opened.options.nowMs,
    turn: opened.world.turn,
    mayFile: () => line.state === 'open',
    statement: (statement, place) => scribe.statement(statement, place),
    append: (work) => scribe.append(work),
    alarm: (refusal) => centre.alarm(refusal),
  });
}
