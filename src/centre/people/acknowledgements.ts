import { accept, type Result, refuse } from '#base/refusal.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import type { Desk, Filed } from '#centre/desk.ts';
import { checkDraft } from '#centre/people/draft-check.ts';
import type { Filings } from '#centre/people/filings.ts';
import { hasRole, type Officer, type Role } from '#centre/people/officer.ts';
import { addresseesOf, type PlacedRecord } from '#exchange/addressee.ts';
import { type Place, precedenceFor } from '#exchange/log-view.ts';
import { asksAcknowledgement } from '#exchange/unacknowledged.ts';
import type { CoreContent } from '#record/core-formats.ts';
import type { DraftRecord, Precedence } from '#record/envelope-schema.ts';

/** What an officer says of a record of the other side. */
export interface AcknowledgementAsk {
  readonly place: Place;
  readonly rung: CoreContent<'ACK'>['rung'];
  readonly outcome: CoreContent<'ACK'>['outcome'];
  readonly reason: string | null;
}

const acts = { begun: 'acknowledging', done: 'acknowledged', failed: 'not-acknowledged' } as const;

/** The officer on watch says that a person has it, and what became of it; A4 speaks for the authority, so a releaser says it. */
function roleForRung(rung: AcknowledgementAsk['rung']): Extract<Role, 'watch-officer' | 'releaser'> {
  return rung === 'A4' ? 'releaser' : 'watch-officer';
}

/**
 * Files one rung of the ladder for a record of the other side (`spec/officers.md` 7). Each outcome of a rung is said once: saying
 * it again is refused with `acknowledgement.again`, unless it repeats a request under its key.
 */
export async function acknowledge(
  at: { readonly desk: Desk; readonly filings: Filings },
  ask: AcknowledgementAsk,
  by: { readonly officer: Officer; readonly key: string | null },
): Promise<Result<Filed>> {
  const { desk, filings } = at;
  const role = roleForRung(ask.rung);
  if (!hasRole(by.officer, [role])) return refuse('people.role', `${ask.rung} is said by a ${role}`, { rung: ask.rung });
  const { place, rung, outcome } = ask;
  const thing = `acknowledgement ${place.log} ${place.index} ${rung} ${outcome}`;
  const request = ask.reason ?? '';
  const repeated = await filings.repeated({ thing, officer: by.officer.id, key: by.key, request });
  if (repeated !== undefined) return repeated;
  const subject = subjectOf(desk, place);
  if (!subject.ok) return subject;
  const said = saidBefore(desk, subject.value, ask);
  if (!said.ok) return said;
  const draft = draftOf(desk, subject.value, { ask, role });
  const [refusal] = checkDraft(desk, draft).refusals;
  if (refusal !== undefined) return { ok: false, refusal };
  return await filings.file({ thing, officer: by.officer.id, key: by.key, request, draft, acts });
}

function subjectOf(desk: Desk, place: Place): Result<PlacedRecord> {
  const { identity, register } = desk;
  const evidence = { log: place.log, index: place.index };
  if (place.log === identity.origin) {
    return refuse('acknowledgement.record', 'a centre acknowledges the records of the other side, not its own', evidence);
  }
  const standing = register.standing(place.log, place.index);
  if (standing === undefined) return refuse('request.unknown', `leaf ${place.index} of ${place.log} is not here`, evidence);
  if (standing.kind === 'void' || standing.kind === 'not-understood') {
    const detail = `the record is ${standing.kind} (${standing.refusal.code}): a logged refusal answers it, not an acknowledgement`;
    return refuse('acknowledgement.record', detail, evidence);
  }
  const entry = register.entry(place.log, place.index);
  const subject = entry === undefined || entry.record === null ? undefined : { place, id: entry.id, record: entry.record };
  if (subject !== undefined && asksAcknowledgement(subject.record, identity.centre)) return accept(subject);
  const detail = 'this is a step of the protocol, or not addressed to this centre: no person acknowledges it';
  return refuse('acknowledgement.record', detail, evidence);
}

function saidBefore(desk: Desk, subject: PlacedRecord, { rung, outcome }: AcknowledgementAsk): Result<void> {
  const at = { realMs: desk.nowMs(), scenarioMs: desk.dutyTimeMs() };
  const own = addresseesOf(desk.register, subject, at).find(({ centre }) => centre === desk.identity.centre);
  const last = own?.rungs.find((each) => each.rung === rung)?.last;
  if (last === undefined || last.outcome !== outcome) return accept(undefined);
  const detail = `${subject.record.number} has ${rung} (${outcome}) by this centre already, at index ${last.index} of our log`;
  return refuse('acknowledgement.again', detail, { log: last.log, index: last.index });
}

function draftOf(
  desk: Desk,
  { place, id, record }: PlacedRecord,
  { ask, role }: { readonly ask: AcknowledgementAsk; readonly role: DraftRecord['originator']['role'] },
): DraftRecord {
  const { identity } = desk;
  const { rung, outcome, reason } = ask;
  const context = { identity, peerCentre: record.originator.centre, salt: desk.salt(), dutyTimeMs: desk.dutyTimeMs() };
  return coreDraft(context, {
    format: 'ACK',
    content: { rung, log: place.log, index: place.index, outcome, ...(reason === null ? {} : { reason }) },
    role,
    precedence: answerPrecedence(precedenceFor(record, identity.centre) ?? 'R'),
    references: [{ relation: 'acknowledges', log: place.log, index: place.index, id }],
  });
}

/** An answer goes as its record came, but for FLASH, which sounds an alarm. */
function answerPrecedence(precedence: Precedence): Precedence {
  return precedence === 'Z' ? 'O' : precedence;
}
