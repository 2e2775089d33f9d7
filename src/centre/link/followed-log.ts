import { bytesOfHex, equalBytes } from '#base/bytes.ts';
import { deliveryBytesMax, headsAheadMax } from '#base/limits.ts';
import { accept, assert, mustAccept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import type { RefusalCode } from '#base/refusal-codes.ts';
import { OwnLog } from '#centre/link/own-log.ts';
import { parseUrgentLeaf, type UrgentLeaf, urgentCollection, urgentKey, writeUrgentLeaf } from '#centre/link/urgent-leaf.ts';
import type { Anchor } from '#centre/signer/anchor.ts';
import { type Batch, type Store, StoreRefusal, type TileWrite } from '#centre/store/store.ts';
import {
  type Following,
  followNext,
  followUrgent,
  type NextDelivery,
  type UrgentDelivery,
  verifyApart,
} from '#exchange/follow.ts';
import type { Message } from '#exchange/message.ts';
import { type ForkEvidence, forkEvidence, formatFork, verifyFork } from '#log/fork.ts';
import { formatNote } from '#log/note.ts';
import { type LogKeys, type VerifiedCheckpoint, verifyCheckpoint } from '#log/policy.ts';
import { TileTree, tilesAfterAppend } from '#log/tiles.ts';
import { append, consistencyProof, frontierAt, hashBytes, hashLeaf, type NodeReader, rootAt, type TreeNode } from '#log/tree.ts';

/** Tiles of one log kept expanded in memory, at 17 kB each. */
const tilesKept = 64;

/** What an urgent leaf is refused with if it stands in another history than the one followed. */
const contradicting: readonly RefusalCode[] = ['log.fork', 'proof.consistency', 'link.leaf-differs'];

/** A stretch of the other side's log that is authentic and waits to be stored. */
interface Arrival {
  readonly to: number;
  readonly leaves: readonly Uint8Array[];
  readonly nodes: readonly TreeNode[];
  readonly checkpoint: VerifiedCheckpoint;
  /** Of what came with it. */
  readonly bytes: number;
}

/** What is to be stored, receipted and cosigned together. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly leaves: readonly Uint8Array[];
  readonly checkpoint: VerifiedCheckpoint;
  readonly batch: Batch;
}

/**
 * The other side's log as it arrives: checks it, keeps what waits for the disk, and turns it into writes. Owner of the tree of what
 * arrived, which runs ahead of the tree of what is stored.
 */
export class FollowedLog {
  readonly origin: string;
  readonly #store: Store;
  readonly #tree: TileTree;
  #following: Following;
  #arrivals: Arrival[] = [];
  readonly #arrivedNodes = new Map<string, Uint8Array>();
  readonly #storingNodes = new Map<string, Uint8Array>();
  readonly #pendingUrgent = new Map<number, { readonly delivery: UrgentDelivery; readonly checkpoint: VerifiedCheckpoint }>();
  readonly #storedUrgent = new Set<number>();
  #resumed: readonly UrgentLeaf[] = [];
  /** What was verified beyond what is stored, by size and by index: losing a connection must not make us forget what was signed. */
  readonly #heads = new Map<number, VerifiedCheckpoint>();
  readonly #urgentHashes = new Map<number, Uint8Array>();

  private constructor(store: Store, following: Following) {
    this.origin = following.log.origin;
    this.#store = store;
    this.#tree = new TileTree((level, index) => store.tile(this.origin, level, index), tilesKept);
    this.#following = following;
  }

  /** Takes up a followed log where the store left it. */
  static async open(store: Store, log: LogKeys, anchor: Anchor): Promise<FollowedLog> {
    const tree = new TileTree((level, index) => store.tile(log.origin, level, index), tilesKept);
    const frontier = frontierAt(store.size(log.origin), tree.read);
    const entry = anchor.followed.find(({ origin }) => origin === log.origin);
    const anchored = entry === undefined ? null : { size: entry.size, root: mustAccept(bytesOfHex(entry.root, hashBytes)) };
    const followed = new FollowedLog(store, { log, frontier, ahead: [], urgent: new Map(), anchored });
    if (anchored !== null && anchored.size <= frontier.size && !equalBytes(rootAt(anchored.size, tree.read), anchored.root)) {
      throw new StoreRefusal(
        refuse(
          'store.damaged',
          `the store has not the tree of ${log.origin} that we cosigned at size ${anchored.size}, so that log is neither followed nor ` +
            'shown: keep a copy; anshin check names what is wrong; restore the newest backup, then start again',
          { origin: log.origin, size: anchored.size },
        ),
      );
    }
    for (const { value } of await store.documents(urgentCollection(log.origin), {
      from: urgentKey(frontier.size),
      to: null,
      limit: 1000,
    })) {
      // What cannot be read comes again in its turn.
      const stored = parseUrgentLeaf(value);
      if (stored.ok) followed.#resume(stored.value);
    }
    return followed;
  }

  /** Urgent leaves that the store had at the start. */
  get resumed(): readonly UrgentLeaf[] {
    return this.#resumed;
  }

  /** The keys of its owner. */
  get keys(): LogKeys {
    return this.#following.log;
  }

  /** Leaves stored here, without a gap. */
  get held(): number {
    return this.#store.size(this.origin);
  }

  /** The size of the newest checkpoint that is proved consistent. */
  get verified(): number {
    const { ahead, frontier } = this.#following;
    return Math.max(frontier.size, ahead.at(-1)?.size ?? 0);
  }

  /** Indices of urgent leaves beyond what is held. */
  get urgentHeld(): readonly number[] {
    return [...this.#storedUrgent].filter((index) => index >= this.held).toSorted((a, b) => a - b);
  }

  /** Bytes of deliveries that arrived and are not yet being stored. */
  get waitingBytes(): number {
    return this.#arrivals.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The end of what has arrived authentic. */
  get arrivedTo(): number {
    return this.#following.frontier.size;
  }

  readonly read: NodeReader = (level, index) => {
    const key = `${level}/${index}`;
    return this.#arrivedNodes.get(key) ?? this.#storingNodes.get(key) ?? this.#tree.read(level, index);
  };

  /** Checks leaves whose place the reducer has approved. */
  arrive(delivery: NextDelivery): Result<VerifiedCheckpoint> {
    assert(delivery.from <= this.arrivedTo, 'the reducer refuses a gap');
    const followed = followNext(this.#following, delivery);
    if (!followed.ok) return followed;
    const { following, checkpoint, leaves, nodes } = followed.value;
    this.#following = following;
    for (const node of nodes) this.#arrivedNodes.set(`${node.level}/${node.index}`, node.hash);
    this.#arrivals.push({ to: following.frontier.size, leaves, nodes, checkpoint, bytes: bytesOf(delivery) });
    this.#remember(checkpoint);
    return accept(checkpoint);
  }

  arriveUrgent(delivery: UrgentDelivery): Result<VerifiedCheckpoint> {
    const followed = followUrgent(this.#following, delivery, this.read);
    if (!followed.ok) return followed;
    this.#following = followed.value.following;
    this.#pendingUrgent.set(delivery.index, { delivery, checkpoint: followed.value.checkpoint });
    this.#urgentHashes.set(delivery.index, hashLeaf(delivery.leaf));
    this.#remember(followed.value.checkpoint);
    return accept(followed.value.checkpoint);
  }

  /** Takes everything that arrived below `to` as one stretch to be stored. */
  stretch(to: number): Stretch {
    const arrivals = this.#arrivals.filter((arrival) => arrival.to <= to);
    const last = arrivals.at(-1);
    assert(last !== undefined && last.to === to, 'a stretch ends where a delivery ended');
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.to > to);
    const from = this.held;
    const leaves = arrivals.flatMap((arrival) => arrival.leaves);
    assert(from + leaves.length === to, 'a stretch begins where the store ends');
    const nodes = arrivals.flatMap((arrival) => arrival.nodes);
    for (const node of nodes) {
      const key = `${node.level}/${node.index}`;
      this.#arrivedNodes.delete(key);
      this.#storingNodes.set(key, node.hash);
    }
    const tiles = tilesAfterAppend(nodes, (level, index) => this.#store.tile(this.origin, level, index));
    const reached = [...this.#storedUrgent].filter((index) => index < to);
    const documents = reached.map((index) => ({ collection: urgentCollection(this.origin), key: urgentKey(index), value: null }));
    const batch: Batch = {
      leaves: [{ log: this.origin, from, records: leaves }],
      tiles: tiles.map((tile): TileWrite => ({ log: this.origin, ...tile })),
      documents,
    };
    return { from, to, leaves, checkpoint: last.checkpoint, batch };
  }

  /** An urgent leaf as a write. */
  urgentBatch(index: number): {
    readonly leaf: Uint8Array;
    readonly checkpoint: VerifiedCheckpoint;
    readonly batch: Batch;
    readonly delivery: UrgentDelivery;
  } {
    const pending = this.#pendingUrgent.get(index);
    assert(pending !== undefined, 'an urgent leaf is stored after it arrived');
    const { delivery, checkpoint } = pending;
    const value = writeUrgentLeaf({ index, leaf: delivery.leaf, checkpoint: formatNote(checkpoint.note) });
    const documents = index < this.held ? [] : [{ collection: urgentCollection(this.origin), key: urgentKey(index), value }];
    return { leaf: delivery.leaf, checkpoint, delivery, batch: { leaves: [], tiles: [], documents } };
  }

  urgentStored(index: number): void {
    this.#pendingUrgent.delete(index);
    if (index >= this.held) this.#storedUrgent.add(index);
  }

  /** After a store, done or failed: the nodes of the stretch are in tiles now, or nowhere. */
  stored(): void {
    this.#storingNodes.clear();
    for (const size of this.#heads.keys()) if (size <= this.held) this.#heads.delete(size);
    for (const index of this.#urgentHashes.keys()) if (index < this.held) this.#urgentHashes.delete(index);
    for (const index of this.#storedUrgent) if (index < this.held) this.#storedUrgent.delete(index);
  }

  /** We cosigned this: whatever comes must agree with it for good. */
  cosigned({ size, root }: VerifiedCheckpoint): void {
    this.#following = { ...this.#following, anchored: { size, root } };
  }

  /** Consistency between two sizes, neither beyond what arrived. */
  consistency(from: number, to: number): readonly Uint8Array[] {
    return consistencyProof(from, to, this.read);
  }

  /** Forgets what arrived beyond `end`, the end of what is held or being stored; it will be sent again. */
  reset(end: number): void {
    this.#arrivals = [];
    this.#arrivedNodes.clear();
    const ahead = [...this.#heads.values()].filter(({ size }) => size > end).toSorted((a, b) => a.size - b.size);
    const urgent = new Map([...this.#urgentHashes].filter(([index]) => index >= end));
    this.#following = { ...this.#following, frontier: frontierAt(end, this.read), ahead, urgent };
  }

  /** Forgets an urgent leaf that could not be stored. */
  urgentFailed(index: number): void {
    this.#pendingUrgent.delete(index);
    this.#urgentHashes.delete(index);
    this.#following = { ...this.#following, urgent: new Map(this.#urgentHashes) };
  }

  /** A peer that signs a checkpoint for every leaf fills no memory: of those beyond what is held the newest are kept. */
  #remember(checkpoint: VerifiedCheckpoint): void {
    if (checkpoint.size > this.held) this.#heads.set(checkpoint.size, checkpoint);
    const [oldest] = this.#heads.keys();
    if (this.#heads.size > headsAheadMax && oldest !== undefined) this.#heads.delete(oldest);
  }

  /** Evidence for a delivery that contradicts a checkpoint verified earlier, if the delivery reaches its checkpoint. */
  evidenceAgainst(delivery: NextDelivery): Uint8Array | undefined {
    const later = verifyCheckpoint(delivery.checkpoint, this.#following.log);
    if (!later.ok) return undefined;
    const leaves = delivery.leaves.slice(this.arrivedTo - delivery.from).map(hashLeaf);
    const grown = append(this.#following.frontier, leaves);
    if (grown.frontier.size !== later.value.size) return undefined;
    const nodes = new Map(grown.nodes.map((node) => [`${node.level}/${node.index}`, node.hash]));
    const read: NodeReader = (level, index) => nodes.get(`${level}/${index}`) ?? this.read(level, index);
    return this.#following.ahead
      .filter((head) => head.size <= later.value.size)
      .map((head) => this.#shown(forkEvidence(head, later.value, read)))
      .find((evidence) => evidence !== undefined);
  }

  /**
   * Evidence for a checkpoint that contradicts one of the same size, verified ahead or held in full (`complete`), or the tree of
   * the one that is held in full.
   */
  evidenceIn(note: Uint8Array, complete: Uint8Array | undefined): Uint8Array | undefined {
    const other = verifyCheckpoint(note, this.#following.log);
    const held = complete === undefined ? undefined : verifyCheckpoint(complete, this.#following.log);
    if (!other.ok) return undefined;
    const twin = this.#heads.get(other.value.size);
    const shown = twin === undefined ? undefined : this.#shown(forkEvidence(twin, other.value, this.read));
    if (shown !== undefined || held === undefined || !held.ok || held.value.size < other.value.size) return shown;
    return this.#shown(forkEvidence(other.value, held.value, this.read));
  }

  /** Leaves as a delivery to their owner, who lost them; `note` is the newest checkpoint of which every leaf is held. */
  async giveBack(from: number, note: Uint8Array): Promise<Message | undefined> {
    const checkpoint = verifyCheckpoint(note, this.#following.log);
    if (!checkpoint.ok || from >= checkpoint.value.size) return undefined;
    const { size } = checkpoint.value;
    const source = new OwnLog({ origin: this.origin, store: this.#store, read: this.read, newest: () => ({ size, note }) });
    return (await source.next(from, deliveryBytesMax)).message;
  }

  /** Whether the owner logged an urgent leaf that was refused, in another history: such a FLASH is kept apart, and still sounds. */
  isApart(delivery: UrgentDelivery, { code }: Refusal): boolean {
    return contradicting.includes(code) && verifyApart(this.#following.log, delivery).ok;
  }

  #shown(evidence: ForkEvidence): Uint8Array | undefined {
    return verifyFork(evidence, this.#following.log).ok ? formatFork(evidence) : undefined;
  }

  #resume(stored: UrgentLeaf): void {
    const verified = verifyCheckpoint(stored.checkpoint, this.#following.log);
    if (!verified.ok) return;
    const checkpoint = verified.value;
    this.#resumed = [...this.#resumed, stored];
    const { ahead, urgent } = this.#following;
    this.#storedUrgent.add(stored.index);
    this.#urgentHashes.set(stored.index, hashLeaf(stored.leaf));
    this.#remember(checkpoint);
    const others = ahead.filter(({ size }) => size !== checkpoint.size);
    this.#following = {
      ...this.#following,
      ahead: [...others, checkpoint].toSorted((a, b) => a.size - b.size),
      urgent: new Map(urgent).set(stored.index, hashLeaf(stored.leaf)),
    };
  }
}

function bytesOf({ checkpoint, leaves }: NextDelivery): number {
  return leaves.reduce((sum, leaf) => sum + leaf.length, checkpoint.length);
}
