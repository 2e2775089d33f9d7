import { accept, type Result, refuse } from '#base/refusal.ts';
import type { KeyList, SuccessionReason } from '#log/key-list-schema.ts';
import { keepsWitnessKey, type VerifiedKeyList } from '#log/keys.ts';
import type { LogKeys, PeerWitness } from '#log/policy.ts';

// A log that goes on under a new name and new keys (`spec/keys.md` 4): the newer list names the older log, its last size and its
// root, and so ends it.

/** Checks that a list opens the log that goes on from that of an older list; each is verified against its own offline keys. */
export function checkSuccession(older: VerifiedKeyList, newer: VerifiedKeyList): Result<void> {
  const [before, after] = [older.list, newer.list];
  const refused = (why: string) =>
    refuse('key.succession', `the log ${after.origin} does not succeed ${before.origin}: ${why}`, {
      origin: after.origin,
      serial: after.serial,
      predecessor: before.origin,
      predecessorSerial: before.serial,
    });
  if (after.succeeds === undefined) return refused('its list names no log before it');
  if (after.succeeds.origin !== before.origin) return refused(`its list names ${after.succeeds.origin}`);
  if (after.centre !== before.centre) return refused('it is of another centre');
  if (after.serial <= before.serial) return refused('its serial is not higher');
  if (!keepsOffline(before, after)) return refused('its offline keys are others, and it is no new pairing');
  const known = [...before.log, ...before.witness].flatMap(({ ed25519, mldsa44 }) => [ed25519, mldsa44]);
  const fresh = [...after.log, ...after.witness.filter(({ until }) => until === undefined)];
  if (fresh.some(({ ed25519, mldsa44 }) => known.includes(ed25519) || known.includes(mldsa44)))
    return refused('it keeps an older key');
  const ended = after.witness.filter(({ until }) => until !== undefined);
  if (!before.witness.every((key) => ended.some((kept) => keepsWitnessKey(key, kept)))) {
    return refused('it does not say how far an older witness key is good');
  }
  return accept(undefined);
}

/** Offline keys change with a new pairing alone: otherwise anybody's list, in another's name, would end a log. */
function keepsOffline({ offline: before }: KeyList, { offline: after, succeeds }: KeyList): boolean {
  if (succeeds?.reason === 'new-pairing') return true;
  return before.ed25519 === after.ed25519 && before.mldsa44 === after.mldsa44;
}

/** What the lists at hand say together of one log. */
export interface StandingKeys {
  readonly keyList: VerifiedKeyList;
  /** The keys, good for no size beyond the one at which a successor ends the log. */
  readonly logKeys: LogKeys;
  /** None where a successor speaks for the centre: its list has the older witness keys, and how far each is good. */
  readonly witness: PeerWitness | null;
  /** Why the log ended, if a successor's list is at hand. */
  readonly ended: { readonly by: string; readonly size: number; readonly reason: SuccessionReason } | null;
}

/**
 * Of several lists for one log the highest serial counts, and what a successor ends is ended. Refused as `key.succession`: two
 * successors of one log, or one that does not fit it.
 */
export function standingKeys(keyLists: readonly VerifiedKeyList[]): Result<ReadonlyMap<string, StandingKeys>> {
  const newest = new Map<string, VerifiedKeyList>();
  for (const keyList of keyLists) {
    const known = newest.get(keyList.list.origin);
    if (known === undefined || known.list.serial < keyList.list.serial) newest.set(keyList.list.origin, keyList);
  }
  const standing = new Map<string, StandingKeys>();
  for (const keyList of newest.values()) {
    const { origin } = keyList.list;
    const [next, other] = [...newest.values()].filter(({ list }) => list.succeeds?.origin === origin);
    if (other !== undefined) return refuse('key.succession', `two lists at hand succeed ${origin}`, { origin });
    const fits = next === undefined ? accept(undefined) : checkSuccession(keyList, next);
    if (!fits.ok) return fits;
    standing.set(origin, standingOf(keyList, next));
  }
  return accept(standing);
}

function standingOf(keyList: VerifiedKeyList, next: VerifiedKeyList | undefined): StandingKeys {
  const { logKeys, witness } = keyList;
  const succeeds = next?.list.succeeds;
  if (next === undefined || succeeds === undefined) return { keyList, logKeys, witness, ended: null };
  const { size, reason } = succeeds;
  const pairs = logKeys.pairs.map((pair) => ({ ...pair, toSize: Math.min(pair.toSize ?? size, size) }));
  return { keyList, logKeys: { ...logKeys, pairs }, witness: null, ended: { by: next.list.origin, size, reason } };
}

/** One log goes on from another, with its leaves below `size`, whose tree has `root` (lower-case hexadecimal). */
export interface Succession {
  readonly from: string;
  readonly to: string;
  readonly size: number;
  readonly root: string;
}

/** What key lists say, in one order whoever has them: the folds keep it. */
export function successionsOf(keyLists: readonly VerifiedKeyList[]): readonly Succession[] {
  const bySource = new Map<string, Succession>();
  for (const { list } of keyLists) {
    if (list.succeeds === undefined) continue;
    const { origin: from, size, root } = list.succeeds;
    bySource.set(from, { from, to: list.origin, size, root });
  }
  return [...bySource.values()].toSorted((a, b) => (a.from < b.from ? -1 : 1));
}

interface LeafPlace {
  readonly log: string;
  readonly index: number;
}

/** A place under the newest name of its log; one that was not taken over keeps its old name, under which nothing is here. */
export function placeNow<P extends LeafPlace>(place: P, successions: readonly Succession[]): P {
  const next = successions.find(({ from, size }) => from === place.log && place.index < size);
  return next === undefined ? place : placeNow({ ...place, log: next.to }, successions);
}

/** The newest name of a log. */
export function nameNow(log: string, successions: readonly Succession[]): string {
  const next = successions.find(({ from }) => from === log);
  return next === undefined ? log : nameNow(next.to, successions);
}
