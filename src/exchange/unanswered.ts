import { type Folds, logsAbroad, type Unacceptable } from '#exchange/folds.ts';
import { type Entry, placeKey } from '#exchange/log-view.ts';
import { standingOf } from '#exchange/standing.ts';

/**
 * The unacceptable leaves of the other parties that a log of ours has not yet answered with a refusal; held ones only, by log
 * and index. A refusal that is itself unacceptable is shown but not answered, so that two centres do not refuse each other for ever.
 */
export function unansweredIn(folds: Folds, origin: string): readonly Unacceptable[] {
  const own = folds.log(origin);
  if (own === undefined) return [];
  const found = logsAbroad(folds, origin).flatMap((identity) => {
    const entries = folds.log(identity.origin)?.held.entries ?? [];
    const wrong = folds.wrongRoots().filter(({ place }) => place.log === identity.origin);
    return [...entries.flatMap((entry) => unacceptableOf(folds, identity.origin, entry)), ...wrong];
  });
  return found.filter(({ place }) => own.held.refusals[placeKey(place)] === undefined);
}

function unacceptableOf(folds: Folds, log: string, entry: Entry): readonly Unacceptable[] {
  const { index, id, format, record } = entry;
  if (record === null && (format === 'REFUSAL' || format === 'REFUSAL-COUNT')) return [];
  const judged = standingOf(folds, { log, index });
  return judged?.kind === 'void' || judged?.kind === 'not-understood'
    ? [{ place: { log, index }, id, refusal: judged.refusal }]
    : [];
}
