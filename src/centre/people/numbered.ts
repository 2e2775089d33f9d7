import type { Store } from '#centre/store/store.ts';

const digits = 10;

/** The key of the document with that number, from 1 on; keys sort as numbers do. */
export function numberedKey(number: number): string {
  return String(number).padStart(digits, '0');
}

/** The greatest number in a collection whose documents are numbered from 1 without gaps; 0 if it is empty. */
export async function lastNumber(store: Store, collection: string): Promise<number> {
  const isThere = async (number: number): Promise<boolean> =>
    (await store.document(collection, numberedKey(number))) !== undefined;
  let beyond = 1;
  while (await isThere(beyond)) beyond *= 2;
  let last = Math.floor(beyond / 2);
  while (beyond - last > 1) {
    const middle = Math.floor((last + beyond) / 2);
    if (await isThere(middle)) last = middle;
    else beyond = middle;
  }
  return last;
}
