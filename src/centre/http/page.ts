import { pageMax } from '#base/limits.ts';
import { digits } from '#centre/http/route.ts';

/** Which entries of a list: from a number on, so many at most. */
export const pageSchema = {
  type: 'object',
  properties: { from: digits, limit: digits },
  required: [],
  additionalProperties: false,
} as const;

interface Page {
  readonly from: number;
  readonly limit: number;
}

/** Reads what was asked, within the limit that one answer has. */
export function pageOf(query: { readonly from?: string; readonly limit?: string }, otherwise: Page): Page {
  const limit = query.limit === undefined ? otherwise.limit : Number(query.limit);
  return { from: query.from === undefined ? otherwise.from : Number(query.from), limit: Math.min(Math.max(limit, 1), pageMax) };
}
