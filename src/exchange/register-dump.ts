import type { LogView } from '#exchange/log-view.ts';
import { allKeys, eachRow, type Row, type Shelf } from '#exchange/shelf.ts';

/** Everything on some shelves as plain data, in the order of keys. */
export function dumpOfShelves(
  shelves: Readonly<Record<string, Shelf<unknown>>>,
): Readonly<Record<string, readonly Row<unknown>[]>> {
  return Object.fromEntries(Object.entries(shelves).map(([name, shelf]) => [name, [...eachRow(shelf, allKeys)]]));
}

/** A log's view as plain data. */
export function dumpOfView(view: LogView): unknown {
  const { origin, owner, status, parties, successions, size, filedAt, serials, receipts, ...shelves } = view;
  return {
    identity: { origin, owner, status, parties, successions },
    reached: { size, filedAt },
    ...dumpOfShelves(shelves),
    serials: dumpOfShelves({ ...serials }),
    receipts: dumpOfShelves({ ...receipts }),
  };
}
