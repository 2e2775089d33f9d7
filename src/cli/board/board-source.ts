import type { Instrument } from '#agreement/instrument.ts';
import { pathsOf, readCentreConfig } from '#centre/config.ts';
import { agreementsFolder, loadInstruments } from '#centre/instruments.ts';
import { readKeyLists } from '#centre/key-lists.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import type { Store } from '#centre/store/store.ts';
import { shippedInstruments } from '#cli/board/catalogue.ts';
import type { CentreClient } from '#cli/officer/centre-client.ts';
import { foldLeaves, type LeafSource } from '#cli/store/fold-leaves.ts';
import { taken } from '#cli/terminal/report.ts';
import type { LogIdentity } from '#exchange/log-view.ts';
import { recordFacts } from '#exchange/record-facts.ts';
import type { HeldLog, RecordFact } from '#ledger/board.ts';
import type { Succession } from '#log/succession.ts';
import type { Status } from '#record/envelope-schema.ts';

/** What a board is made of: the facts of both logs as one centre holds them. */
export interface BoardFacts {
  readonly centre: string;
  readonly facts: readonly RecordFact[];
  readonly held: readonly HeldLog[];
  /** The time that the board is of: real, or the scenario's. */
  readonly timeMs: number;
}

const leavesAtOnce = { count: 1_000, bytes: 4_194_304 };
const requestsAtOnce = 16;

interface StateAnswer {
  readonly identity: {
    readonly centre: string;
    readonly origin: string;
    readonly status: Status;
    readonly peer: { readonly centre: string; readonly origin: string } | null;
    readonly successions: readonly Succession[];
  };
  readonly held: readonly HeldLog[];
}

/** Reads every leaf of both logs from a running centre, and makes the folds here: nothing is taken on its word but the bytes. */
export async function factsOfRunning(client: CentreClient, nowMs: number): Promise<BoardFacts> {
  const { identity, held } = await client.get<StateAnswer>('/v1/state');
  const { centre, origin, status, peer, successions } = identity;
  const parties = [centre, ...(peer === null ? [] : [peer.centre])].toSorted();
  const logs = [
    { name: 'own', identity: { origin, owner: centre, status, parties, successions } },
    ...(peer === null
      ? []
      : [{ name: 'theirs', identity: { origin: peer.origin, owner: peer.centre, status, parties, successions } }]),
  ];
  const sources = logs.map(({ name, identity: each }): LeafSource => {
    const size = held.find((log) => log.origin === each.origin)?.size ?? 0;
    return { identity: each, leaves: () => leavesOver(client, name, size) };
  });
  return await factsOf({ centre, sources, instruments: await shippedInstruments(), timeMs: nowMs });
}

async function* leavesOver(client: CentreClient, log: string, size: number): AsyncGenerator<readonly Uint8Array[]> {
  for (let from = 0; from < size; from += requestsAtOnce) {
    const indices = Array.from({ length: Math.min(requestsAtOnce, size - from) }, (_, offset) => from + offset);
    yield await Promise.all(indices.map((index) => client.bytes(`/v1/records/${log}/${index}/bytes`)));
  }
}

/** Reads a centre's store that no process has open. */
export async function factsOfStore(directory: string, nowMs: number): Promise<BoardFacts> {
  const config = taken(await readCentreConfig(directory));
  const identities = await identitiesOf(directory);
  const instruments = taken(await loadInstruments(agreementsFolder, config.agreements));
  const store = taken(await openSqliteStore(pathsOf(directory).store));
  try {
    const sources = identities.map((identity) => sourceIn(store, identity));
    return await factsOf({ centre: config.centre, sources, instruments, timeMs: nowMs });
  } finally {
    await store.close();
  }
}

/** The two logs of a centre's circle, its own first. */
export async function identitiesOf(directory: string): Promise<readonly LogIdentity[]> {
  const { own, peer, successions } = taken(await readKeyLists(directory));
  const lists = [own, ...(peer === undefined ? [] : [peer])];
  const parties = lists.map(({ list }) => list.centre).toSorted();
  return lists.map(({ list }) => ({ origin: list.origin, owner: list.centre, status: list.status, parties, successions }));
}

export function sourceIn(store: Store, identity: LogIdentity): LeafSource {
  return { identity, leaves: () => leavesIn(store, identity.origin) };
}

async function* leavesIn(store: Store, origin: string): AsyncGenerator<readonly Uint8Array[]> {
  for (let from = 0; from < store.size(origin); ) {
    const leaves = await store.leaves(origin, from, leavesAtOnce);
    yield leaves;
    from += leaves.length;
  }
}

async function factsOf(parts: {
  readonly centre: string;
  readonly sources: readonly LeafSource[];
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly timeMs: number;
}): Promise<BoardFacts> {
  const { register } = await foldLeaves(parts.sources, parts.instruments);
  return { centre: parts.centre, facts: recordFacts(register, parts.centre), held: register.held(), timeMs: parts.timeMs };
}
