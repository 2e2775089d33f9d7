import { type Folds, logsAbroad, type Unacceptable } from '#exchange/folds.ts';
import { type Entry, entryAt, type Place, placeKey } from '#exchange/log-view.ts';
import { standingOf } from '#exchange/standing.ts';

/**
 * The unacceptable leaves of the other parties that a log of ours has not yet answered with a refusal; held ones only, by log
 * and index. Reads every kept entry: for a start or a rebuild. While leaves come in, `unansweredAt` asks of each.
 */
export function unansweredIn(folds: Folds, origin: string): readonly Unacceptable[] {
  return logsAbroad(folds, origin).flatMap((identity) => {
    const entries = folds.log(identity.origin)?.held.entries ?? [];
    const wrong = folds.wrongRoots().filter(({ place }) => place.log === identity.origin);
    const found = entries.map(({ index }) => unansweredAt(folds, origin, { log: identity.origin, index }));
    return [...found.filter((each) => each !== undefined), ...wrong.filter(({ place }) => !isAnswered(folds, origin, place))];
  });
}

/**
 * What a log of ours has to refuse at a place in another's; undefined if nothing, or if it did. A refusal that is itself
 * unacceptable is shown but not answered, so that two centres do not refuse each other for ever.
 */
export function unansweredAt(folds: Folds, origin: string, place: Place): Unacceptable | undefined {
  const entry = entryAt(folds.log(place.log)?.held, place.index);
  if (entry === undefined || isRefusal(entry) || isAnswered(folds, origin, place)) return undefined;
  const judged = standingOf(folds, place);
  if (judged?.kind !== 'void' && judged?.kind !== 'not-understood') return undefined;
  return { place, id: entry.id, refusal: judged.refusal };
}

/** The record of a void core leaf is not kept, so a format beside no record is a core format. */
function isRefusal({ record, format }: Entry): boolean {
  return record === null && (format === 'REFUSAL' || format === 'REFUSAL-COUNT');
}

function isAnswered(folds: Folds, origin: string, place: Place): boolean {
  return folds.log(origin)?.held.refusals[placeKey(place)] !== undefined;
}
