import { accept, type Result, refuse } from '#base/refusal.ts';
import type { KnownRecord } from '#record/envelope.ts';

/** A log, and the centre whose it is. */
export interface OwnedLog {
  readonly origin: string;
  readonly owner: string;
}

/** Checks that a record speaks for the owner of the log in which it stands, and in the status of that log. */
export function checkSpeaker({ record }: KnownRecord, { origin, owner }: OwnedLog): Result<void> {
  if (record.originator.centre !== owner) {
    return refuse('record.originator', `a record by ${record.originator.centre} in the log of ${owner}`);
  }
  if (!origin.endsWith(`/${record.status}`)) {
    return refuse('record.status', `a record of status ${record.status} in the log ${origin}`);
  }
  return accept(undefined);
}
