import { equalBytes, hexOf } from '#base/bytes.ts';
import { proofHashesMax } from '#base/limits.ts';
import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import { sha256 } from '#crypto/engine.ts';

// The Merkle tree of RFC 6962, section 2.1, with the verification procedures of RFC 9162, sections 2.1.3.2 and 2.1.4.2.
// Sizes and indices are safe integers beyond 32 bits, so they are halved by division and never by bit operations.

export const hashBytes = 32;

/** Gives the hash of the complete subtree of `2 ** level` leaves that begins at leaf `index * 2 ** level`. */
export type NodeReader = (level: number, index: number) => Uint8Array;

/** A complete subtree, by its place and hash. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

/** All that is needed to append: the complete subtrees that make up the tree, largest (leftmost) first. */
export interface Frontier {
  readonly size: number;
  readonly nodes: readonly Uint8Array[];
}

/** The root of a tree of no leaves: the hash of no bytes. */
export const emptyRoot: Uint8Array = sha256(new Uint8Array());

export const emptyFrontier: Frontier = { size: 0, nodes: [] };

export function hashLeaf(leaf: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + leaf.length);
  input.set(leaf, 1);
  return sha256(input);
}

export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + left.length + right.length);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + left.length);
  return sha256(input);
}

/** Appends leaves; `nodes` are the subtrees completed by them, each leaf and parent once, children before parents. */
export function append(
  frontier: Frontier,
  leafHashes: readonly Uint8Array[],
): { readonly frontier: Frontier; readonly nodes: readonly TreeNode[] } {
  assert(isSize(frontier.size + leafHashes.length), 'a tree has at most 2^53 - 1 leaves');
  const edge = [...frontier.nodes];
  const nodes: TreeNode[] = [];
  let size = frontier.size;
  for (const leafHash of leafHashes) {
    let node: TreeNode = { level: 0, index: size, hash: leafHash };
    nodes.push(node);
    while (node.index % 2 === 1) {
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash: hashNode(take(edge.pop()), node.hash) };
      nodes.push(node);
    }
    edge.push(node.hash);
    size += 1;
  }
  return { frontier: { size, nodes: edge }, nodes };
}

export function rootOf(frontier: Frontier): Uint8Array {
  const last = frontier.nodes.at(-1);
  if (last === undefined) return emptyRoot;
  return frontier.nodes.slice(0, -1).reduceRight((right, left) => hashNode(left, right), last);
}

export function frontierAt(size: number, read: NodeReader): Frontier {
  assert(isSize(size), 'a size is a safe integer');
  return { size, nodes: completeSubtrees(0, size).map(({ level, index }) => read(level, index)) };
}

export function rootAt(size: number, read: NodeReader): Uint8Array {
  return rootOf(frontierAt(size, read));
}

/** PATH of RFC 6962, 2.1.1: from the leaf's sibling up to the child of the root. */
export function inclusionProof(index: number, size: number, read: NodeReader): Uint8Array[] {
  assert(isSize(size) && isSize(index) && index < size, 'the leaf is in the tree');
  const proof: Uint8Array[] = [];
  let range: Range = { start: 0, end: size };
  while (range.end - range.start > 1) {
    const [left, right] = halvesOf(range);
    const inLeft = index < left.end;
    proof.push(rangeRoot(inLeft ? right : left, read));
    range = inLeft ? left : right;
  }
  return proof.toReversed();
}

/** PROOF of RFC 6962, 2.1.2; empty from a tree of no leaves and between equal sizes. */
export function consistencyProof(from: number, to: number, read: NodeReader): Uint8Array[] {
  assert(isSize(from) && isSize(to) && from <= to, 'the older tree is not larger');
  if (from === 0 || from === to) return [];
  const nodes = consistencyNodes(from, to, read);
  // The verifier has the older root already when it is a subtree of the newer tree by itself.
  return isPowerOfTwo(from) ? nodes.slice(1) : nodes;
}

/** The nodes of which both roots are made: a consistency proof that does not lean on the older root. 0 < from < to. */
export function consistencyNodes(from: number, to: number, read: NodeReader): Uint8Array[] {
  assert(isSize(from) && isSize(to) && from > 0 && from < to, 'the older tree is smaller and not empty');
  const nodes: Uint8Array[] = [];
  let range: Range = { start: 0, end: to };
  while (range.end !== from) {
    const [left, right] = halvesOf(range);
    const inLeft = from <= left.end;
    nodes.push(rangeRoot(inLeft ? right : left, read));
    range = inLeft ? left : right;
  }
  return [rangeRoot(range, read), ...nodes.toReversed()];
}

/** Whether a leaf stands at an index of the tree with this root. */
export interface InclusionClaim {
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

export function verifyInclusion(claim: InclusionClaim): Result<void> {
  const { index, size, root, leafHash, proof } = claim;
  const refused = (why: string) =>
    refuse('proof.inclusion', `leaf ${index} is not shown to be in the tree of ${size} leaves: ${why}`, {
      index,
      size,
      root: hexOf(root),
      leafHash: hexOf(leafHash),
    });
  if (!isSize(size) || !isSize(index) || index >= size) return refused('the index is not below the size');
  if (!areHashes([root, leafHash, ...proof])) return refused('a hash has not 32 bytes');
  if (proof.length > proofHashesMax) return refused('the proof is too long');
  let place = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of proof) {
    if (last === 0) return refused('the proof is too long');
    const isRight = place % 2 === 1 || place === last;
    hash = isRight ? hashNode(sibling, hash) : hashNode(hash, sibling);
    if (isRight) while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    [place, last] = [half(place), half(last)];
  }
  if (last !== 0) return refused('the proof is too short');
  return equalBytes(hash, root) ? accept(undefined) : refused('the proof gives another root');
}

/** Whether the tree of `from` leaves is the beginning of the tree of `to` leaves. */
export interface ConsistencyClaim {
  readonly from: number;
  readonly fromRoot: Uint8Array;
  readonly to: number;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

export function verifyConsistency(claim: ConsistencyClaim): Result<void> {
  const { from, fromRoot, to, toRoot, proof } = claim;
  const refused = (why: string) =>
    refuse('proof.consistency', `the tree of ${from} leaves is not shown to begin the tree of ${to}: ${why}`, {
      from,
      fromRoot: hexOf(fromRoot),
      to,
      toRoot: hexOf(toRoot),
    });
  if (!isSize(from) || !isSize(to) || from > to) return refused('the older size is not at most the newer');
  if (!areHashes([fromRoot, toRoot, ...proof])) return refused('a hash has not 32 bytes');
  if (proof.length > proofHashesMax) return refused('the proof is too long');
  if (from === 0 && !equalBytes(fromRoot, emptyRoot)) return refused('the older root is not that of an empty tree');
  if (to === 0 && !equalBytes(toRoot, emptyRoot)) return refused('the newer root is not that of an empty tree');
  if (from === to && !equalBytes(fromRoot, toRoot)) return refused('one size has two roots');
  if (from === 0 || from === to) return proof.length === 0 ? accept(undefined) : refused('the proof is not empty');
  const roots = rootsOfNodes(from, to, isPowerOfTwo(from) ? [fromRoot, ...proof] : proof);
  if (roots === undefined) return refused('the proof has the wrong length');
  if (!equalBytes(roots.fromRoot, fromRoot)) return refused('the proof gives another older root');
  return equalBytes(roots.toRoot, toRoot) ? accept(undefined) : refused('the proof gives another newer root');
}

/**
 * The two roots that such nodes give (RFC 9162, 2.1.4.2, steps 3 to 6), or nothing if their number does not fit the sizes.
 * Hostile input, but for 0 < from < to.
 */
export function rootsOfNodes(
  from: number,
  to: number,
  nodes: readonly Uint8Array[],
): { readonly fromRoot: Uint8Array; readonly toRoot: Uint8Array } | undefined {
  // Nodes of other lengths could be cut so that they hash to the same root and give another for the smaller size.
  if (!areHashes(nodes)) return undefined;
  let place = from - 1;
  let last = to - 1;
  while (place % 2 === 1) [place, last] = [half(place), half(last)];
  const [seed, ...rest] = nodes;
  if (seed === undefined) return undefined;
  let fromRoot = seed;
  let toRoot = seed;
  for (const sibling of rest) {
    if (last === 0) return undefined;
    if (place % 2 === 1 || place === last) {
      fromRoot = hashNode(sibling, fromRoot);
      toRoot = hashNode(sibling, toRoot);
      while (place % 2 === 0 && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      toRoot = hashNode(toRoot, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 ? { fromRoot, toRoot } : undefined;
}

/** Leaves from `start` up to but not including `end`; `start` is a multiple of the power of two at or above the length. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** Splits at the largest power of two below the length, as RFC 6962 does. */
function halvesOf({ start, end }: Range): readonly [Range, Range] {
  const middle = start + largestPowerUpTo(end - start - 1);
  return [
    { start, end: middle },
    { start: middle, end },
  ];
}

function rangeRoot({ start, end }: Range, read: NodeReader): Uint8Array {
  return rootOf({ size: end - start, nodes: completeSubtrees(start, end).map(({ level, index }) => read(level, index)) });
}

/** The complete subtrees that a range is made of, largest first. */
function completeSubtrees(start: number, end: number): readonly { readonly level: number; readonly index: number }[] {
  const subtrees = [];
  for (let next = start; next < end; ) {
    const leaves = largestPowerUpTo(end - next);
    subtrees.push({ level: Math.log2(leaves), index: next / leaves });
    next += leaves;
  }
  return subtrees;
}

function largestPowerUpTo(count: number): number {
  let power = 1;
  while (power * 2 <= count) power *= 2;
  return power;
}

function isPowerOfTwo(count: number): boolean {
  return largestPowerUpTo(count) === count;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === hashBytes);
}

function take(node: Uint8Array | undefined): Uint8Array {
  assert(node !== undefined, 'the frontier has a subtree for each bit of its size');
  return node;
}
