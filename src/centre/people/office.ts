import type { Desk } from '#centre/desk.ts';
import { Awaiting } from '#centre/people/awaiting.ts';
import { Drafts, draftAfterFiling } from '#centre/people/drafts.ts';
import { Filings } from '#centre/people/filings.ts';
import { Journal } from '#centre/people/journal.ts';
import type { People } from '#centre/people/people.ts';

/** What the officers of a centre work with. One office for each desk: it owns their drafts, filings and journal in the store. */
export interface Office {
  readonly desk: Desk;
  readonly people: People;
  readonly journal: Journal;
  readonly filings: Filings;
  readonly drafts: Drafts;
  readonly awaiting: Awaiting;
}

/** Opens the office; a release or an acknowledgement that an earlier process left half done is settled first. */
export async function openOffice(desk: Desk, people: People): Promise<Office> {
  const nowMs = (): number => desk.nowMs();
  const journal = await Journal.open(desk.store, nowMs);
  const filings = await Filings.open(desk, journal, draftAfterFiling(desk.store, nowMs));
  const drafts = await Drafts.open(desk, journal, filings);
  return { desk, people, journal, filings, drafts, awaiting: new Awaiting(desk) };
}
