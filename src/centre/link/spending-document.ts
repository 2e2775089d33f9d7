import type { DocumentWrite, Store } from '#centre/store/store.ts';
import { nothingSpent, type Spending } from '#exchange/budget.ts';
import { canonicalBytes, parseCanonical } from '#record/canonical.ts';
import { faultsOf, type Static } from '#record/schema.ts';

const count = { type: 'integer', minimum: 0 } as const;
const schema = {
  type: 'object',
  properties: { dayFromMs: count, bytes: count, records: count, hourFromMs: count, flashes: count },
  required: ['dayFromMs', 'bytes', 'records', 'hourFromMs', 'flashes'],
  additionalProperties: false,
} as const;
const collection = 'spending';

/** What the other side has sent of its budget, kept so that a restart gives none of it again. */
export async function readSpending(store: Store, origin: string): Promise<Spending> {
  const bytes = await store.document(collection, origin);
  const value = bytes === undefined ? undefined : parseCanonical(bytes, 1_000);
  if (value === undefined || !value.ok || faultsOf(schema, value.value).length > 0) return nothingSpent;
  return value.value as unknown as Static<typeof schema>;
}

export function spendingWrite(origin: string, spending: Spending): DocumentWrite {
  return { collection, key: origin, value: canonicalBytes({ ...spending }) };
}
