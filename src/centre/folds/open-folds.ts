import { hexOf } from '#base/bytes.ts';
import type { Refusal } from '#base/refusal.ts';
import { pathsOf } from '#centre/config.ts';
import type { Identity } from '#centre/desk.ts';
import { FoldKeeper } from '#centre/folds/fold-keeper.ts';
import { rulesMark } from '#centre/folds/fold-marks.ts';
import type { FollowedLog } from '#centre/link/followed-log.ts';
import type { Opened } from '#centre/opened.ts';
import { Register } from '#exchange/register.ts';
import { rootAt } from '#log/tree.ts';

/** The folds of a centre's circle as they were kept, or empty; `replay` fills them. */
export function openFolds(
  opened: Opened,
  parts: { readonly identity: Identity; readonly followed: FollowedLog | undefined; readonly alarm: (refusal: Refusal) => void },
): { readonly register: Register; readonly keeper: FoldKeeper } {
  const { identity, followed, alarm } = parts;
  const logs = logsOf(identity);
  const byHash = opened.instruments;
  const rootOf = (log: string, size: number): string => {
    const read = log === identity.origin ? opened.appender.read : followed?.read;
    return read === undefined ? '' : hexOf(rootAt(size, read));
  };
  const keeper = new FoldKeeper({
    path: pathsOf(opened.options.directory).folds,
    rules: rulesMark({ instruments: byHash.keys(), logs }),
    world: opened.world,
    holds: ({ origin, size, root }) => size <= opened.store.size(origin) && (size === 0 || rootOf(origin, size) === root),
    alarm,
  });
  const register = new Register({
    logs,
    instruments: ({ agreement, version }) => {
      const instrument = byHash.get(version);
      return instrument?.shortName === agreement ? instrument : undefined;
    },
    rootAt: rootOf,
    shelves: keeper.shelves,
  });
  keeper.begin(() => register.held().map(({ origin, size }) => ({ origin, size, root: size === 0 ? '' : rootOf(origin, size) })));
  return { register, keeper };
}

function logsOf({ centre, origin, status, peer, successions }: Identity) {
  const parties = [centre, ...(peer === null ? [] : [peer.centre])].toSorted();
  const own = { origin, owner: centre, status, parties, successions };
  return peer === null ? [own] : [own, { origin: peer.origin, owner: peer.centre, status, parties, successions }];
}
