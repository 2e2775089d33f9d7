import { base64Of, equalBytes } from '#base/bytes.ts';
import { headsAheadMax, urgentAheadMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { type LogKeys, type VerifiedCheckpoint, verifyCheckpoint } from '#log/policy.ts';
import {
  append,
  type Frontier,
  hashLeaf,
  type NodeReader,
  rootAt,
  rootOf,
  type TreeNode,
  verifyConsistency,
  verifyInclusion,
} from '#log/tree.ts';

/**
 * What is known of the other side's log: the tree of all leaves that came in order, and what was verified ahead of it. Whether a
 * delivery is *authentic* is decided here and nowhere else (`spec/link.md` 4); whether a record is acceptable is not asked.
 */
export interface Following {
  readonly log: LogKeys;
  readonly frontier: Frontier;
  /** Verified checkpoints larger than the frontier, ascending: the tree must give their roots when it reaches them. */
  readonly ahead: readonly VerifiedCheckpoint[];
  /** Hashes of the urgent leaves beyond the frontier, by index. */
  readonly urgent: ReadonlyMap<number, Uint8Array>;
  /** What we cosigned last, by the anchor: a store that was restored must come to this tree again, and to no other. */
  readonly anchored: TreeHead | null;
}

/** A size of the log and the root that it must have. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Leaves in order, the first at `from`, under a checkpoint at least as large as their end. */
export interface NextDelivery {
  readonly from: number;
  readonly leaves: readonly Uint8Array[];
  readonly checkpoint: Uint8Array;
  /** Consistency from the end of the leaves to the checkpoint; empty where they are one. */
  readonly proof: readonly Uint8Array[];
}

/** One leaf ahead of its turn, with its inclusion, and consistency from a checkpoint of size `base` that we have verified. */
export interface UrgentDelivery {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly inclusion: readonly Uint8Array[];
  readonly base: number;
  readonly consistency: readonly Uint8Array[];
  readonly checkpoint: Uint8Array;
}

export interface FollowedNext {
  readonly following: Following;
  readonly checkpoint: VerifiedCheckpoint;
  /** The leaves that are new here, the first at the size of the frontier before. */
  readonly leaves: readonly Uint8Array[];
  readonly nodes: readonly TreeNode[];
}

/** Checks leaves that came in order. The caller has seen that `from` is not beyond the frontier and their end is. Hostile input. */
export function followNext(following: Following, delivery: NextDelivery): Result<FollowedNext> {
  const checkpoint = verifyCheckpoint(delivery.checkpoint, following.log);
  if (!checkpoint.ok) return checkpoint;
  const leaves = delivery.leaves.slice(following.frontier.size - delivery.from);
  const hashes = leaves.map(hashLeaf);
  const { frontier, nodes, contradicted } = grow(following, hashes);
  const consistent = verifyConsistency({
    from: frontier.size,
    fromRoot: rootOf(frontier),
    to: checkpoint.value.size,
    toRoot: checkpoint.value.root,
    proof: delivery.proof,
  });
  if (!consistent.ok) return consistent;
  // Only now is it the owner who says so, and not somebody on the way.
  const same = checkUrgent(following, hashes);
  if (!same.ok) return same;
  if (contradicted !== undefined) {
    return refuse('log.fork', `the leaves up to ${contradicted.size} do not give the root that the owner signed for that size`, {
      size: contradicted.size,
    });
  }
  const twin = headsOf(following).find((head) => head.size === checkpoint.value.size);
  if (twin !== undefined && !equalBytes(twin.root, checkpoint.value.root)) return forked(checkpoint.value, twin.root);
  const followed = {
    ...following,
    frontier,
    ahead: withHead(following.ahead, checkpoint.value, frontier.size),
    urgent: beyond(following, frontier.size),
  };
  return accept({ following: followed, checkpoint: checkpoint.value, leaves, nodes });
}

/** Checks one leaf ahead of its turn. `read` gives the nodes of all leaves that are held. Hostile input. */
export function followUrgent(
  following: Following,
  delivery: UrgentDelivery,
  read: NodeReader,
): Result<{ readonly following: Following; readonly checkpoint: VerifiedCheckpoint }> {
  if (following.urgent.size >= urgentAheadMax) {
    return refuse('link.range', `${urgentAheadMax} urgent leaves already wait for those before them`, { index: delivery.index });
  }
  const included = verifyApart(following.log, delivery);
  if (!included.ok) return included;
  const { checkpoint, leafHash } = included.value;
  const baseRoot = rootOfBase(following, delivery.base, read);
  if (baseRoot === undefined) {
    return refuse('proof.consistency', `consistency is shown from size ${delivery.base}, which was not verified here`, {
      base: delivery.base,
    });
  }
  const consistent = verifyConsistency({
    from: delivery.base,
    fromRoot: baseRoot,
    to: checkpoint.size,
    toRoot: checkpoint.root,
    proof: delivery.consistency,
  });
  if (!consistent.ok) return consistent;
  const known = rootOfBase(following, checkpoint.size, read);
  if (known !== undefined && !equalBytes(known, checkpoint.root)) return forked(checkpoint, known);
  const ahead = withHead(following.ahead, checkpoint, following.frontier.size);
  return accept({
    following: { ...following, ahead, urgent: new Map(following.urgent).set(delivery.index, leafHash) },
    checkpoint,
  });
}

/** Checks that the owner logged a leaf, and nothing about which of its histories the leaf stands in. Hostile input. */
export function verifyApart(
  log: LogKeys,
  delivery: Pick<UrgentDelivery, 'checkpoint' | 'index' | 'inclusion' | 'leaf'>,
): Result<{ readonly checkpoint: VerifiedCheckpoint; readonly leafHash: Uint8Array }> {
  const checkpoint = verifyCheckpoint(delivery.checkpoint, log);
  if (!checkpoint.ok) return checkpoint;
  const leafHash = hashLeaf(delivery.leaf);
  const { size, root } = checkpoint.value;
  const included = verifyInclusion({ index: delivery.index, size, root, leafHash, proof: delivery.inclusion });
  return included.ok ? accept({ checkpoint: checkpoint.value, leafHash }) : included;
}

/** Grows the tree leaf by leaf to each size that was verified ahead, where the roots must agree; gives the first where they do not. */
function grow(
  following: Following,
  hashes: readonly Uint8Array[],
): { readonly frontier: Frontier; readonly nodes: readonly TreeNode[]; readonly contradicted: TreeHead | undefined } {
  const nodes: TreeNode[] = [];
  const end = following.frontier.size + hashes.length;
  let contradicted: TreeHead | undefined;
  let { frontier } = following;
  for (const head of headsOf(following).filter(({ size }) => size > following.frontier.size && size <= end)) {
    const stretch = append(frontier, hashes.slice(frontier.size - following.frontier.size, head.size - following.frontier.size));
    nodes.push(...stretch.nodes);
    frontier = stretch.frontier;
    if (!equalBytes(rootOf(frontier), head.root)) contradicted ??= head;
  }
  const rest = append(frontier, hashes.slice(frontier.size - following.frontier.size));
  return { frontier: rest.frontier, nodes: [...nodes, ...rest.nodes], contradicted };
}

/** Everything that the tree must agree with, in the order of sizes. */
function headsOf({ ahead, anchored }: Following): readonly TreeHead[] {
  return anchored === null ? ahead : [...ahead, anchored].toSorted((a, b) => a.size - b.size);
}

function checkUrgent(following: Following, hashes: readonly Uint8Array[]): Result<void> {
  for (const [index, urgent] of following.urgent) {
    const hash = hashes[index - following.frontier.size];
    if (hash !== undefined && !equalBytes(hash, urgent)) {
      return refuse('link.leaf-differs', `leaf ${index} is not the one that came by the urgent lane`, { index });
    }
  }
  return accept(undefined);
}

function rootOfBase(following: Following, base: number, read: NodeReader): Uint8Array | undefined {
  const head = headsOf(following).find(({ size }) => size === base);
  if (head !== undefined) return head.root;
  return base <= following.frontier.size ? rootAt(base, read) : undefined;
}

function withHead(ahead: readonly VerifiedCheckpoint[], head: VerifiedCheckpoint, held: number): readonly VerifiedCheckpoint[] {
  const others = ahead.filter(({ size }) => size > held && size !== head.size);
  return head.size > held ? [...others, head].toSorted((a, b) => a.size - b.size).slice(-headsAheadMax) : others;
}

function beyond(following: Following, held: number): ReadonlyMap<number, Uint8Array> {
  return new Map([...following.urgent].filter(([index]) => index >= held));
}

function forked(checkpoint: VerifiedCheckpoint, known: Uint8Array) {
  const evidence = { size: checkpoint.size, root: base64Of(known), other: base64Of(checkpoint.root) };
  return refuse('log.fork', `the owner signed two roots for size ${checkpoint.size}`, evidence);
}
