import { bytesOfText, concatBytes, equalBytes } from '#base/bytes.ts';
import type { Chance } from '#base/chance.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { nextOf, urgentOf } from '#centre/link/message-parts.ts';
import { type FollowedNext, type Following, followNext, followUrgent, verifyApart } from '#exchange/follow.ts';
import { encodeFrame, type Message, parseFrameBody } from '#exchange/message.ts';
import { type VerifiedCheckpoint, verifyCheckpoint } from '#log/policy.ts';
import { frontierAt, hashLeaf, rootAt } from '#log/tree.ts';
import { Broken, type Target } from '#test/rival/hunt.ts';
import { byteMutations, type Mutation, oneOf } from '#test/rival/mutation.ts';
import { cn, first, histories, historySize, isSigned, known } from '#test/rival/world.ts';

// Deliveries by somebody who holds the link key, the log keys, and three histories signed with them; what he sends reaches the
// decision whether it is authentic by the way that the link takes.

/** How far a follower has come, for each of which the same deliveries are judged. */
interface Scene {
  readonly name: string;
  readonly following: Following;
  readonly held: number;
}

const { logKeys } = cn.keyList;

async function head(history: number, size: number): Promise<VerifiedCheckpoint> {
  return mustAccept(verifyCheckpoint(await (histories[history] ?? first).note(size), logKeys));
}

function sceneAt(name: string, held: number, more: Partial<Following> = {}): Scene {
  const following = {
    log: logKeys,
    frontier: frontierAt(held, first.read),
    ahead: [],
    urgent: new Map(),
    anchored: null,
    ...more,
  };
  return { name, held, following };
}

const scenes: readonly Scene[] = [
  sceneAt('nothing held', 0),
  sceneAt('37 leaves held', 37),
  sceneAt('30 held, 45 and 50 verified, leaf 35 urgent', 30, {
    ahead: [await head(0, 45), await head(0, 50)],
    urgent: new Map([[35, hashLeaf(first.leaves[35] ?? new Uint8Array())]]),
  }),
  sceneAt('10 held, 45 verified of another history', 10, { ahead: [await head(2, 45)] }),
  sceneAt('12 held, leaf 35 urgent', 12, { urgent: new Map([[35, hashLeaf(first.leaves[35] ?? new Uint8Array())]]) }),
  sceneAt('15 held after a restore, 25 cosigned', 15, { anchored: { size: 25, root: rootAt(25, first.read) } }),
];

const parts = [0, 10, 15, 20, 25, 30, 35, 37, 40, 45, 50, historySize];

const nextSeeds = await Promise.all(
  histories.flatMap((history) =>
    parts.slice(0, -1).flatMap((from, position) =>
      [parts[position + 1] ?? historySize, historySize].map(async (to) => {
        const size = Math.max(to, oneSize(from + to));
        return encodeFrame(await history.next({ from, to, size })).subarray(4);
      }),
    ),
  ),
);
const urgentSeeds = await Promise.all(
  histories.flatMap((history) =>
    [12, 22, 35, 41, 59].flatMap((index) =>
      parts
        .filter((base) => base <= historySize)
        .map(async (base) => {
          const size = Math.max(index + 1, base, oneSize(index + base));
          return encodeFrame(await history.urgent({ index, base, size })).subarray(4);
        }),
    ),
  ),
);

/** Checkpoints of a few sizes are enough: each costs a pair of signatures. */
function oneSize(of: number): number {
  return parts[of % parts.length] ?? historySize;
}

/** Puts a message together in another way: parts of others, hashes moved, numbers changed. */
const reassembled: Mutation = (bytes, chance, others) => {
  const message = parseFrameBody(bytes);
  const other = parseFrameBody(oneOf(others, chance));
  if (!message.ok || !other.ok || message.value.attachments.length === 0) return bytes;
  return encodeFrame(changed(message.value, other.value, chance)).subarray(4);
};

function changed(message: Message, other: Message, chance: Chance): Message {
  const { header, attachments } = message;
  const at = chance.below(attachments.length);
  const part = attachments[at] ?? new Uint8Array();
  const foreign = other.attachments[Math.min(at, other.attachments.length - 1)] ?? part;
  switch (chance.below(8)) {
    case 0:
      return { header, attachments: attachments.with(at, foreign) };
    case 1:
      return { header, attachments: attachments.toSpliced(at, 1) };
    case 2:
      return { header, attachments: attachments.toSpliced(at, 0, foreign) };
    case 3:
      return { header: other.header, attachments };
    case 4:
      return { header, attachments: attachments.with(at, swappedHashes(part, chance)) };
    case 5:
      return { header: renumbered(header, chance), attachments };
    case 6:
      return { header, attachments: attachments.with(at, bytesOfText(`{"record":${chance.below(historySize)}}`)) };
    default:
      return { header, attachments: attachments.with(at, oneOf(byteMutations, chance)(part, chance, [foreign])) };
  }
}

function swappedHashes(joined: Uint8Array, chance: Chance): Uint8Array {
  const count = Math.floor(joined.length / 32);
  if (count === 0) return chance.bytes(32);
  const hashes = Array.from({ length: count }, (_, at) => joined.subarray(32 * at, 32 * at + 32));
  const at = chance.below(count);
  const kind = chance.below(4);
  if (kind === 0) return concatBytes(...hashes.toSpliced(at, 1));
  if (kind === 1) return concatBytes(...hashes.toSpliced(at, 0, hashes[chance.below(count)] ?? chance.bytes(32)));
  if (kind === 2) return concatBytes(...hashes.with(at, chance.bytes(32)));
  return concatBytes(...hashes.toReversed());
}

function renumbered(header: Message['header'], chance: Chance): Message['header'] {
  const number = chance.below(4) === 0 ? oneOf([0, 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1], chance) : chance.below(historySize + 2);
  if (header.kind === 'next') return { kind: 'next', from: number };
  if (header.kind === 'urgent') return chance.below(2) === 0 ? { ...header, index: number } : { ...header, base: number };
  return header;
}

/** What decides; the tests put worse ones in their place. */
export interface Followers {
  readonly next: typeof followNext;
  readonly urgent: typeof followUrgent;
}

/** The targets of one pair of deciders. */
export function followTargets(followers: Followers): readonly Target[] {
  return scenes.map((scene) => ({
    name: `delivery, ${scene.name}`,
    weight: 6,
    seeds: [...nextSeeds, ...urgentSeeds],
    mutations: [reassembled, reassembled, reassembled, ...byteMutations],
    read: (bytes) => {
      const message = parseFrameBody(bytes);
      if (!message.ok) return false;
      const { header, attachments } = message.value;
      if (header.kind === 'next') return readNext(scene, followers, nextOf(header.from, attachments));
      return header.kind === 'urgent' && readUrgent(scene, followers, urgentOf(header, attachments));
    },
  }));
}

export const deliveryTargets: readonly Target[] = followTargets({ next: followNext, urgent: followUrgent });

function readNext({ following, held }: Scene, { next }: Followers, delivery: ReturnType<typeof nextOf>): boolean {
  if (!delivery.ok) return false;
  const { from, leaves, checkpoint } = delivery.value;
  // The reducer takes neither a gap nor what is here already.
  if (from > held || from + leaves.length <= held) return false;
  const followed: Result<FollowedNext> = next(following, delivery.value);
  if (!followed.ok) return false;
  if (!isSigned(checkpoint)) throw new Broken('leaves under a checkpoint that nobody signed');
  const { size, root } = followed.value.checkpoint;
  const all = [...first.leaves.slice(0, held), ...followed.value.leaves];
  const among = known.beginningWith(all).filter((history) => known.hasRoot(history, size, root));
  const [history] = among;
  if (history === undefined)
    throw new Broken(`${all.length} leaves are the beginning of no history under the root of ${size} leaves`);
  const heads = following.anchored === null ? following.ahead : [...following.ahead, following.anchored];
  for (const each of heads) {
    const due = each.size <= all.length || each.size === size;
    if (due && !among.some((one) => known.hasRoot(one, each.size, each.root)))
      throw new Broken(`another root stands for ${each.size} leaves`);
  }
  for (const [index, hash] of following.urgent) {
    const leaf = all[index];
    if (leaf !== undefined && !equalBytes(hashLeaf(leaf), hash))
      throw new Broken(`leaf ${index} is another than came by the urgent lane`);
  }
  if (followed.value.following.frontier.size !== all.length) throw new Broken('the tree has not grown by the leaves');
  return true;
}

function readUrgent({ following, held }: Scene, { urgent }: Followers, delivery: ReturnType<typeof urgentOf>): boolean {
  if (!delivery.ok) return false;
  const { index, leaf, base, checkpoint } = delivery.value;
  const apart = verifyApart(following.log, delivery.value);
  if (apart.ok) assertIncluded({ index, leaf, checkpoint }, apart.value.checkpoint);
  const followed = urgent(following, delivery.value, first.read);
  if (!followed.ok) return apart.ok;
  const { size, root } = followed.value.checkpoint;
  const among = assertIncluded({ index, leaf, checkpoint }, followed.value.checkpoint);
  const heads = following.anchored === null ? following.ahead : [...following.ahead, following.anchored];
  const baseRoot = heads.find((each) => each.size === base)?.root ?? (base <= held ? rootAt(base, first.read) : undefined);
  if (baseRoot === undefined) throw new Broken(`the base ${base} was never verified here`);
  // The empty tree is the beginning of every history.
  const continuing = among.filter((history) => base === 0 || known.hasRoot(history, base, baseRoot));
  if (continuing.length === 0) throw new Broken(`no history leads from ${base} to ${size} leaves and has leaf ${index}`);
  const twin = heads.find((each) => each.size === size)?.root ?? (size <= held ? rootAt(size, first.read) : undefined);
  if (twin !== undefined && !equalBytes(twin, root)) throw new Broken(`a second root for ${size} leaves`);
  return true;
}

function assertIncluded(
  { index, leaf, checkpoint }: { readonly index: number; readonly leaf: Uint8Array; readonly checkpoint: Uint8Array },
  { size, root }: VerifiedCheckpoint,
): readonly number[] {
  if (!isSigned(checkpoint)) throw new Broken('a leaf under a checkpoint that nobody signed');
  const among = known.having(leaf, index).filter((history) => index < size && known.hasRoot(history, size, root));
  if (among.length === 0) throw new Broken(`no history has this leaf at ${index} under the root of ${size} leaves`);
  return among;
}
