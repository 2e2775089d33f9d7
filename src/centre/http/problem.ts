import type { Refusal } from '#base/refusal.ts';
import type { RefusalCode } from '#base/refusal-codes.ts';
import type { SchemaFault } from '#record/schema.ts';

/** A refusal as problem details (RFC 9457), with our own members after the standard ones (`spec/officers.md` 5). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: RefusalCode;
  readonly clause: string;
  readonly evidence: Refusal['evidence'];
  /** Field by field, where the request or a draft's content is at fault. */
  readonly faults?: readonly SchemaFault[];
}

const statuses: Partial<Record<RefusalCode, number>> = {
  'request.form': 400,
  'people.token': 401,
  'people.role': 403,
  'people.same-person': 403,
  'draft.alone': 403,
  'draft.unknown': 404,
  'request.unknown': 404,
  'draft.state': 409,
  'draft.hash': 409,
  'request.repeat': 409,
  'acknowledgement.again': 409,
  'store.moved': 409,
  'request.size': 413,
  'request.media': 415,
  'request.host': 421,
  'request.streams': 429,
  'request.failed': 500,
  'people.file': 503,
  'link.opening': 503,
  'config.missing': 503,
  'store.full': 507,
};

/** By the part of a code before the dot. */
const titles: Readonly<Record<string, string>> = {
  people: 'Not for this officer',
  draft: 'The draft does not allow it',
  acknowledgement: 'Not to be acknowledged',
  request: 'The request cannot be answered',
  record: 'No record can say this',
  text: 'The text cannot go on the record',
  time: 'Not a time of the record',
  agreement: 'The agreement does not allow it',
  signer: 'The signer does not sign',
  store: 'The store does not take it',
};

/** The HTTP status of a refusal: the caller's fault unless the centre itself cannot serve. */
function statusOf(code: RefusalCode): number {
  const own = statuses[code];
  if (own !== undefined) return own;
  return code.startsWith('store.') || code.startsWith('signer.') ? 503 : 422;
}

export function problemOf(refusal: Refusal, instance: string, faults: readonly SchemaFault[]): Problem {
  const { code, clause, detail, evidence } = refusal;
  const title = titles[code.split('.')[0] ?? ''] ?? 'Refused';
  const problem = { type: `urn:anshin:refusal:${code}`, title, status: statusOf(code), detail, instance, code, clause, evidence };
  return faults.length === 0 ? problem : { ...problem, faults };
}
