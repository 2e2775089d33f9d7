import type { TimeMs } from '#base/time.ts';
import { textOfTime } from '#base/time.ts';
import type { Identity } from '#centre/desk.ts';
import type { ReceiptClaim } from '#centre/link/intake.ts';
import { type CoreContent, type CoreFormat, coreAgreement, coreFormats, coreVersion } from '#record/core-formats.ts';
import { type DraftRecord, type Precedence, type Reference, recordVersion } from '#record/envelope-schema.ts';

/** What every core record of a centre has in common. */
export interface CoreContext {
  readonly identity: Identity;
  readonly peerCentre: string;
  readonly salt: string;
  /** Scenario time, used in an exercise. */
  readonly dutyTimeMs: TimeMs;
}

export interface CoreStatement<F extends CoreFormat> {
  readonly format: F;
  readonly content: CoreContent<F>;
  readonly role: DraftRecord['originator']['role'];
  readonly precedence: Precedence;
  readonly references: readonly Reference[];
}

/** The draft of a record that the protocol itself calls for, addressed to the other side. */
export function coreDraft<F extends CoreFormat>(context: CoreContext, statement: CoreStatement<F>): DraftRecord {
  const { identity } = context;
  const scenarioAt = textOfTime(context.dutyTimeMs);
  return {
    schema: recordVersion,
    status: identity.status,
    class: coreFormats[statement.format].class,
    precedence: { action: statement.precedence, info: statement.precedence },
    originator: { centre: identity.centre, role: statement.role },
    action: [context.peerCentre],
    info: [],
    basis: { agreement: coreAgreement, version: coreVersion, article: 'record 11', format: statement.format },
    ...(identity.exercise === null ? {} : { exercise: { name: identity.exercise, scenarioAt } }),
    references: statement.references,
    content: statement.content,
    releasability: 'parties',
    salt: context.salt,
  };
}

/** A receipt (A0) as of `nowMs`: bytes and time, never merit. */
export function receiptDraft(
  context: CoreContext,
  claim: ReceiptClaim,
  at: { readonly precedence: Precedence; readonly nowMs: TimeMs },
): DraftRecord {
  const content = { ...claim, receivedAt: textOfTime(at.nowMs) };
  return coreDraft(context, { format: 'RECEIPT', content, role: 'machine', precedence: at.precedence, references: [] });
}
