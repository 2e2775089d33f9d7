import type { CosignatureArchive } from '#centre/cosignature-archive.ts';
import type { Identity } from '#centre/desk.ts';
import type { FoldKeeper } from '#centre/folds/fold-keeper.ts';
import type { FollowedLog } from '#centre/link/followed-log.ts';
import { silentCollection } from '#centre/link/intake.ts';
import { urgentKey } from '#centre/link/urgent-leaf.ts';
import { isFlash } from '#centre/own-growth.ts';
import type { Store } from '#centre/store/store.ts';
import type { World } from '#centre/world.ts';
import { readLeaf } from '#exchange/acceptance.ts';
import type { UrgentLeaves } from '#exchange/delivery.ts';
import { receiptedTo } from '#exchange/receipt-book.ts';
import type { Register } from '#exchange/register.ts';
import { eachRow, indexKey, indexOfKey } from '#exchange/shelf.ts';
import { nameNow } from '#log/succession.ts';

/** Leaves read from the store at a time while the folds are made again. */
const replayLeaves = 500;
const replayBytes = 4_194_304;
const pageEntries = 1_000;
/** So many leaves take seconds: whoever waits is told, and told again after as many. */
const tellLeaves = 50_000;

export interface ReplayParts {
  readonly store: Store;
  readonly register: Register;
  readonly keeper: FoldKeeper;
  readonly identity: Identity;
  readonly archive: CosignatureArchive;
  readonly followed: FollowedLog | undefined;
  readonly world: World;
}

/** Takes up the folds where they were kept, from the leaves held beyond; gives our own urgent records that may have to be sent. */
export async function replay(parts: ReplayParts): Promise<UrgentLeaves> {
  const { register, keeper, identity, followed } = parts;
  await takeLeaves(parts);
  if (identity.peer !== null) await takeFacts(parts, identity.origin, identity.peer.centre);
  if (followed !== undefined) {
    for (const { index, leaf } of followed.resumed) register.takeUrgent(followed.origin, index, leaf);
    await takeFacts(parts, followed.origin, identity.centre);
    await takeSilent(parts, followed.origin, null);
  }
  keeper.taken();
  return await unreceiptedUrgent(parts);
}

/** Both logs side by side, so that few receipts wait for the leaves that they speak of. */
async function takeLeaves(parts: ReplayParts): Promise<void> {
  const { store, register, keeper, identity, followed, world } = parts;
  const origins = [identity.origin, ...(followed === undefined ? [] : [followed.origin])];
  const left = (origin: string): number => store.size(origin) - sizeIn(register, origin);
  const all = origins.reduce((sum, origin) => sum + left(origin), 0);
  for (let taken = 0; taken < all; ) {
    const [origin = ''] = origins.toSorted((a, b) => left(b) / store.size(b) - left(a) / store.size(a) || left(b) - left(a));
    let index = sizeIn(register, origin);
    const leaves = await store.leaves(origin, index, { count: replayLeaves, bytes: replayBytes });
    await takeSilent(parts, origin, index + leaves.length);
    for (const leaf of leaves) {
      register.take(origin, index, leaf);
      keeper.taken();
      index += 1;
    }
    if (Math.floor((taken + leaves.length) / tellLeaves) > Math.floor(taken / tellLeaves))
      process.stderr.write(`making the folds again: ${taken + leaves.length} of ${all} leaves\n`);
    taken += leaves.length;
    await world.turn();
  }
}

/** Cosignatures of one witness grow with their log, so the folds lack only the newest; of a log under this name and those before it. */
async function takeFacts({ register, identity, archive }: ReplayParts, origin: string, witness: string): Promise<void> {
  const { successions } = identity;
  const former = successions.map(({ from }) => from).filter((name) => nameNow(name, successions) === origin);
  const from = register.cosignedTo(origin, witness);
  for (const name of [...former, origin]) for await (const fact of archive.facts(name, from)) register.takeCosignature(fact);
}

/** What the other side receipted it holds; of the rest it says so itself, when it is connected. */
async function unreceiptedUrgent({ store, register, identity }: ReplayParts): Promise<UrgentLeaves> {
  const { origin, peer } = identity;
  const own = register.log(origin)?.held;
  if (own === undefined || peer === null) return { urgent: [], flash: [] };
  const from = receiptedTo(register.log(peer.origin)?.held.receipts, origin);
  const urgent = [...eachRow(own.urgent, { from: indexKey(from), to: '~' })].map(({ key }) => indexOfKey(key));
  const flash: number[] = [];
  for (const index of urgent) {
    const bytes = await store.leaf(origin, index);
    if (bytes !== undefined && isFlash(readLeaf({ index, bytes }))) flash.push(index);
  }
  return { urgent, flash };
}

/** Which FLASH sounded no alarm, of those that the folds have not taken, up to a leaf. */
async function takeSilent({ store, register }: ReplayParts, log: string, toIndex: number | null): Promise<void> {
  const to = toIndex === null ? null : urgentKey(toIndex);
  for (let from = urgentKey(sizeIn(register, log)); ; ) {
    const page = await store.documents(silentCollection(log), { from, to, limit: pageEntries });
    for (const { key } of page) register.takeWithoutAlarm({ log, index: Number(key) });
    const last = page.at(-1);
    if (last === undefined || page.length < pageEntries) return;
    from = `${last.key}!`;
  }
}

function sizeIn(register: Register, origin: string): number {
  return register.log(origin)?.held.size ?? 0;
}
