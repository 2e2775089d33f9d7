import { hexOf } from '#base/bytes.ts';
import type { CosignatureArchive } from '#centre/cosignature-archive.ts';
import type { Identity } from '#centre/desk.ts';
import type { FollowedLog } from '#centre/link/followed-log.ts';
import { silentCollection } from '#centre/link/intake.ts';
import type { Opened } from '#centre/opened.ts';
import { isUrgent } from '#centre/own-growth.ts';
import type { Store } from '#centre/store/store.ts';
import { readLeaf } from '#exchange/acceptance.ts';
import type { CosignatureFact } from '#exchange/cosigned.ts';
import { Register } from '#exchange/register.ts';
import { nameNow } from '#log/succession.ts';
import { rootAt } from '#log/tree.ts';

/** Leaves read from the store at a time while the folds are made again. */
const replayLeaves = 1_000;
const replayBytes = 4_194_304;

/** The folds of a centre's circle, empty; `replay` fills them. */
export function registerOf(opened: Opened, identity: Identity, followed: FollowedLog | undefined): Register {
  const parties = [identity.centre, ...(identity.peer === null ? [] : [identity.peer.centre])].toSorted();
  const { status, successions } = identity;
  const own = { origin: identity.origin, owner: identity.centre, status, parties, successions };
  const theirs =
    identity.peer === null ? [] : [{ origin: identity.peer.origin, owner: identity.peer.centre, status, parties, successions }];
  const byHash = opened.instruments;
  return new Register({
    logs: [own, ...theirs],
    instruments: ({ agreement, version }) => {
      const instrument = byHash.get(version);
      return instrument?.shortName === agreement ? instrument : undefined;
    },
    rootAt: (log, size) => {
      const read = log === identity.origin ? opened.appender.read : followed?.read;
      return read === undefined ? '' : hexOf(rootAt(size, read));
    },
  });
}

/** Makes the folds again from the leaves held; gives the indices of our own urgent records. */
export async function replay(parts: {
  readonly store: Store;
  readonly register: Register;
  readonly identity: Identity;
  readonly archive: CosignatureArchive;
  readonly followed: FollowedLog | undefined;
}): Promise<readonly number[]> {
  const { store, register, identity, archive, followed } = parts;
  const urgent: number[] = [];
  for await (const { index, leaf } of leavesOf(store, identity.origin)) {
    const read = readLeaf({ index, bytes: leaf });
    register.takeRead(identity.origin, read);
    if (isUrgent(read)) urgent.push(index);
  }
  for await (const fact of factsOf(archive, identity, identity.origin)) register.takeCosignature(fact);
  if (followed === undefined) return urgent;
  for await (const { index, leaf } of leavesOf(store, followed.origin)) register.take(followed.origin, index, leaf);
  for (const { index, leaf } of followed.resumed) register.takeUrgent(followed.origin, index, leaf);
  for await (const fact of factsOf(archive, identity, followed.origin)) register.takeCosignature(fact);
  for await (const index of silentOf(store, followed.origin)) register.takeWithoutAlarm({ log: followed.origin, index });
  return urgent;
}

/** Of a log under this name and those before it. */
async function* factsOf(archive: CosignatureArchive, { successions }: Identity, origin: string): AsyncGenerator<CosignatureFact> {
  const former = successions.map(({ from }) => from).filter((name) => nameNow(name, successions) === origin);
  for (const name of [...former, origin]) yield* archive.facts(name);
}

async function* silentOf(store: Store, origin: string): AsyncGenerator<number> {
  for (let from = ''; ; ) {
    const page = await store.documents(silentCollection(origin), { from, to: null, limit: replayLeaves });
    for (const { key } of page) yield Number(key);
    const last = page.at(-1);
    if (last === undefined || page.length < replayLeaves) return;
    from = `${last.key}!`;
  }
}

async function* leavesOf(store: Store, origin: string): AsyncGenerator<{ readonly index: number; readonly leaf: Uint8Array }> {
  let index = 0;
  while (index < store.size(origin)) {
    for (const leaf of await store.leaves(origin, index, { count: replayLeaves, bytes: replayBytes })) {
      yield { index, leaf };
      index += 1;
    }
  }
}
