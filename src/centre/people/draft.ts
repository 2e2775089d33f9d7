import { accept, type Result, refuse } from '#base/refusal.ts';
import type { Filed } from '#centre/desk.ts';
import type { DraftInput } from '#centre/people/draft-input.ts';
import { hasRole, type Officer } from '#centre/people/officer.ts';
import type { DraftRecord } from '#record/envelope-schema.ts';

export const draftStates = ['drafted', 'verified', 'returned', 'released', 'withdrawn'] as const;
export type DraftState = (typeof draftStates)[number];

/** A statement in preparation (`spec/officers.md` 4). Its hash is that of the record as the officers approve it. */
export interface Draft {
  readonly schema: 'anshin.draft-file/1';
  readonly id: number;
  readonly state: DraftState;
  readonly input: DraftInput;
  readonly record: DraftRecord;
  readonly hash: string;
  /** Everyone who wrote any version of it: none of them verifies or releases it for the others. */
  readonly authors: readonly string[];
  readonly verified: Approval | null;
  readonly returned: { readonly by: string; readonly at: string; readonly reason: string } | null;
  readonly released: (Approval & Omit<Filed, 'record'> & { readonly number: string }) | null;
  readonly changedAt: string;
}

export interface Approval {
  readonly by: string;
  readonly at: string;
  readonly hash: string;
}

/** Who does something to a draft, when (as the record writes times), and the hash that they saw. */
export interface ApprovalStep {
  readonly officer: Officer;
  readonly at: string;
  readonly hash: string;
}

/** Whether a watch officer releases this alone: the agreement marks the format, and there is no free text. */
export function isReleasedAlone(draft: Pick<Draft, 'record'>): boolean {
  return draft.record.originator.role === 'watch-officer';
}

/** What an edit leaves: the new version, unverified, whoever verified the old one. */
export function edited(
  draft: Draft,
  next: Pick<Draft, 'input' | 'record' | 'hash' | 'changedAt'>,
  author: Officer,
): Result<Draft> {
  const open = checkState(draft, ['drafted', 'verified', 'returned'], 'changed');
  if (!open.ok) return open;
  const authors = draft.authors.includes(author.id) ? draft.authors : [...draft.authors, author.id];
  return accept({ ...draft, ...next, state: 'drafted', authors, verified: null, returned: null });
}

export function verified(draft: Draft, step: ApprovalStep): Result<Draft> {
  const open = checkState(draft, ['drafted'], 'verified');
  if (!open.ok) return open;
  const seen = checkSeen(draft, step);
  if (!seen.ok) return seen;
  const other = checkOtherPerson(draft, step.officer, 'verifies');
  if (!other.ok) return other;
  return accept({ ...draft, state: 'verified', verified: approvalOf(step), changedAt: step.at });
}

/** Whether an officer may release a draft now: verified and by another person, or by a watch officer alone where that is marked. */
export function checkRelease(draft: Draft, step: ApprovalStep): Result<void> {
  if (draft.state === 'released') return refuseReleased(draft);
  const alone = isReleasedAlone(draft);
  const open = checkState(draft, alone ? ['drafted', 'verified'] : ['verified'], 'released');
  if (!open.ok) return open;
  const seen = checkSeen(draft, step);
  if (!seen.ok) return seen;
  if (alone) {
    if (hasRole(step.officer, ['watch-officer'])) return accept(undefined);
    return refuse('people.role', `draft ${draft.id} goes out in the name of the watch officer, who releases it`, {
      draft: draft.id,
    });
  }
  if (!hasRole(step.officer, ['releaser'])) {
    return refuse('people.role', `draft ${draft.id} is released by a releaser: its format is not one for a watch officer alone`, {
      draft: draft.id,
    });
  }
  return checkOtherPerson(draft, step.officer, 'releases');
}

export function released(draft: Draft, step: Approval, filed: Omit<Filed, 'record'> & { readonly number: string }): Draft {
  const { origin, index, id, number } = filed;
  return { ...draft, state: 'released', released: { ...step, origin, index, id, number }, changedAt: step.at };
}

export function returned(
  draft: Draft,
  step: { readonly officer: Officer; readonly at: string; readonly reason: string },
): Result<Draft> {
  const open = checkState(draft, ['drafted', 'verified'], 'returned');
  if (!open.ok) return open;
  const { officer, at, reason } = step;
  return accept({ ...draft, state: 'returned', verified: null, returned: { by: officer.id, at, reason }, changedAt: at });
}

export function withdrawn(draft: Draft, step: { readonly officer: Officer; readonly at: string }): Result<Draft> {
  const open = checkState(draft, ['drafted', 'verified', 'returned'], 'withdrawn');
  if (!open.ok) return open;
  if (hasRole(step.officer, ['drafter']) || draft.authors.includes(step.officer.id)) {
    return accept({ ...draft, state: 'withdrawn', verified: null, changedAt: step.at });
  }
  return refuse('people.role', `a watch officer withdraws their own drafts only, and draft ${draft.id} is not`, {
    draft: draft.id,
  });
}

function checkState(draft: Draft, allowed: readonly DraftState[], deed: string): Result<void> {
  if (allowed.includes(draft.state)) return accept(undefined);
  const detail = `draft ${draft.id} is ${draft.state}; it can be ${deed} when it is ${allowed.join(' or ')}`;
  return refuse('draft.state', detail, { draft: draft.id, state: draft.state });
}

function checkSeen(draft: Draft, { hash }: ApprovalStep): Result<void> {
  if (hash === draft.hash) return accept(undefined);
  const detail = `draft ${draft.id} is no longer what you saw: read it again, and confirm its hash as it is now`;
  return refuse('draft.hash', detail, { draft: draft.id, seen: hash, hash: draft.hash });
}

function checkOtherPerson(draft: Draft, officer: Officer, deed: string): Result<void> {
  if (!draft.authors.includes(officer.id)) return accept(undefined);
  const detail = `${officer.id} wrote draft ${draft.id}, or a version of it; another person ${deed} it`;
  return refuse('people.same-person', detail, { draft: draft.id, officer: officer.id });
}

function refuseReleased(draft: Draft): Result<never> {
  const { origin, index, number } = draft.released ?? { origin: '', index: -1, number: '' };
  return refuse('draft.state', `draft ${draft.id} is released already, as ${number}`, { draft: draft.id, origin, index, number });
}

function approvalOf({ officer, at, hash }: ApprovalStep): Approval {
  return { by: officer.id, at, hash };
}
