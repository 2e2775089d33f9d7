import { readFile } from 'node:fs/promises';
import { equalBytes, hexOf } from '#base/bytes.ts';
import { checkpointCollection } from '#centre/append.ts';
import { pathsOf, readCentreConfig } from '#centre/config.ts';
import { agreementsFolder, loadInstruments } from '#centre/instruments.ts';
import { readKeyLists } from '#centre/key-lists.ts';
import type { Anchor, Anchored } from '#centre/signer/anchor.ts';
import { slotsOf } from '#centre/signer/anchor-file.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import { type Store, StoreRefusal } from '#centre/store/store.ts';
import { identitiesOf, sourceIn } from '#cli/board/board-source.ts';
import { type Folded, foldLeaves } from '#cli/store/fold-leaves.ts';
import type { MemoryTree } from '#cli/store/memory-tree.ts';
import { Refused, taken } from '#cli/terminal/report.ts';
import type { Judgement, LogIdentity } from '#exchange/log-view.ts';
import type { VerifiedKeyList } from '#log/keys.ts';
import { verifyCheckpoint } from '#log/policy.ts';

/** What was found in one log. */
export interface LogFindings {
  readonly origin: string;
  readonly owner: string;
  readonly size: number;
  readonly root: string;
  /** Leaves that we cosigned and that are not here yet: the other side sends them when the line opens. */
  readonly awaited: number;
  /** Signed checkpoints whose signatures and roots were checked against the leaves. */
  readonly checkpoints: number;
  readonly judged: Readonly<Record<Judgement['kind'], number>>;
}

export interface StoreFindings {
  readonly centre: string;
  readonly logs: readonly LogFindings[];
  /** A sentence for each fault; none if all is well. */
  readonly faults: readonly string[];
}

const faultsMax = 100;

/** Checks a whole store that no process has open: file, leaves, tiles, roots, anchor, records, receipts. */
export async function checkStore(directory: string): Promise<StoreFindings> {
  const config = taken(await readCentreConfig(directory));
  const lists = taken(await readKeyLists(directory));
  const keyLists = [lists.own, ...(lists.peer === undefined ? [] : [lists.peer])];
  const instruments = taken(await loadInstruments(agreementsFolder, config.agreements));
  const anchor = await readAnchor(pathsOf(directory).anchor);
  const store = taken(await openSqliteStore(pathsOf(directory).store));
  try {
    const faults = [...(await store.check())];
    const identities = await identitiesOf(directory);
    if (faults.length > 0) return { centre: config.centre, logs: [], faults };
    const names = [...identities.map(({ origin }) => origin), ...lists.successions.map(({ from }) => from)];
    const stray = store.logs().filter((log) => !names.includes(log));
    faults.push(...stray.map((log) => `the store holds ${log}, a log of nobody in this circle`));
    const folded = await foldLeaves(
      identities.map((identity) => sourceIn(store, identity)),
      instruments,
    );
    const logs: LogFindings[] = [];
    for (const identity of identities) logs.push(await checkLog({ store, anchor, keyLists, folded }, identity, faults));
    return { centre: config.centre, logs, faults: faults.slice(0, faultsMax) };
  } catch (error) {
    if (error instanceof StoreRefusal) throw new Refused(error);
    throw error;
  } finally {
    await store.close();
  }
}

interface Held {
  readonly store: Store;
  readonly anchor: Anchor | undefined;
  readonly keyLists: readonly VerifiedKeyList[];
  readonly folded: Folded;
}

async function checkLog(held: Held, identity: LogIdentity, faults: string[]): Promise<LogFindings> {
  const { store, anchor, folded } = held;
  const { origin, owner } = identity;
  const tree = folded.trees.get(origin);
  if (tree === undefined) throw new Error(`no tree was made of ${origin}`);
  faults.push(...tileFaults(store, origin, tree));
  const own = anchor?.own.find((each) => each.origin === origin);
  const entry = own ?? anchor?.followed.find((each) => each.origin === origin);
  const awaited = own === undefined ? Math.max(0, (entry?.size ?? 0) - tree.size) : 0;
  if (entry === undefined)
    faults.push(`${origin}: the anchor does not name this log, so it cannot be told whether the store went back`);
  else if (awaited === 0) faults.push(...anchorFaults(entry, tree));
  const checkpoints = await checkCheckpoints(held, origin, faults);
  return { origin, owner, size: tree.size, root: hexOf(tree.root), awaited, checkpoints, judged: judgedIn(held, origin, faults) };
}

function tileFaults(store: Store, origin: string, tree: MemoryTree): readonly string[] {
  return tree
    .tiles()
    .filter(({ level, index, bytes }) => {
      const stored = store.tile(origin, level, index);
      return stored === undefined || !equalBytes(stored, bytes);
    })
    .map(({ level, index }) => `${origin}: tile ${level}/${index} is not that of the leaves (anshin rebuild makes it again)`);
}

function anchorFaults({ origin, size, root }: Anchored, tree: MemoryTree): readonly string[] {
  if (size > tree.size) return [`${origin}: ${size} leaves were signed, and the store has ${tree.size}: run anshin recover`];
  if (hexOf(tree.rootAt(size)) === root) return [];
  return [`${origin}: the anchor has another root for ${size} leaves than the store`];
}

async function checkCheckpoints({ store, keyLists, folded }: Held, origin: string, faults: string[]): Promise<number> {
  const keys = keyLists.find(({ list }) => list.origin === origin)?.logKeys;
  const tree = folded.trees.get(origin);
  let checked = 0;
  for (const collection of [checkpointCollection, 'cosigned', 'followed-checkpoint', 'complete-checkpoint']) {
    const note = await store.document(collection, origin);
    if (note === undefined || keys === undefined || tree === undefined) continue;
    const verified = verifyCheckpoint(note, keys);
    if (!verified.ok) faults.push(`${origin}: the ${collection} does not hold: ${verified.refusal.detail}`);
    else if (verified.value.size <= tree.size && !equalBytes(tree.rootAt(verified.value.size), verified.value.root)) {
      faults.push(`${origin}: the ${collection} of ${verified.value.size} leaves has another root than the leaves`);
    } else checked += 1;
  }
  return checked;
}

/** Every record is parsed and judged by the rules that both sides share; a receipt of a root that no leaves have is a fault. */
function judgedIn({ folded, store }: Held, origin: string, faults: string[]): LogFindings['judged'] {
  const { register } = folded;
  const judged = { accepted: 0, void: 0, 'not-understood': 0, pending: 0 };
  for (let index = 0; index < store.size(origin); index += 1) {
    const kind = register.standing(origin, index)?.kind;
    if (kind !== undefined) judged[kind] += 1;
    const wrong = register.wrongRoot({ log: origin, index });
    if (wrong !== undefined) faults.push(`receipt at leaf ${index} of ${origin}: ${wrong.detail}`);
  }
  return judged;
}

async function readAnchor(path: string): Promise<Anchor | undefined> {
  const file = await readFile(path).catch(() => undefined);
  const slots = file === undefined ? [] : slotsOf(file);
  return slots.toSorted((a, b) => b.sequence - a.sequence)[0]?.anchor;
}
