import type { Instrument } from '#agreement/instrument.ts';
import type { Language } from '#agreement/instrument-schema.ts';
import { type Margin, marginsOf } from '#agreement/margin.ts';
import { marginText, stateText } from '#agreement/margin-text.ts';
import type { Matter } from '#agreement/matter.ts';
import { languages } from '#agreement/render.ts';
import { scenarioAgeMaxMs } from '#base/limits.ts';
import { assert, type Refusal, refuse } from '#base/refusal.ts';
import { minuteMs, textOfTime, timeOfText } from '#base/time.ts';
import type { Desk } from '#centre/desk.ts';
import { instrumentOf, isInForce } from '#centre/people/draft-record.ts';
import { checkCore } from '#exchange/core-acceptance.ts';
import { judgeStep } from '#exchange/matter-step.ts';
import { coreAgreement, coreFormats, isCoreFormat } from '#record/core-formats.ts';
import { type KnownRecord, sealRecord } from '#record/envelope.ts';
import type { DraftRecord } from '#record/envelope-schema.ts';
import { faultsOf, type ObjectSchema, type SchemaFault } from '#record/schema.ts';

/** What the machine makes of a draft at one moment, by the rules that both sides judge the record by (`spec/officers.md` 4). */
export interface DraftCheck {
  /** The moment, on the time line that deadlines count in. */
  readonly at: string;
  /** Whether it may be verified and released: no fault and no refusal. A late deadline refuses nothing. */
  readonly passes: boolean;
  /** What the format's schema finds, field by field. */
  readonly faults: readonly SchemaFault[];
  /** What the envelope, the agreement's scope, rules and life cycle, or the scenario time refuse. */
  readonly refusals: readonly Refusal[];
  /** Whether both sides have adopted the agreement with effect by now; null for the protocol's own formats. */
  readonly inForce: boolean | null;
  /** The state in which the record would leave its matter; null where it was refused, or has no life cycle. */
  readonly state: string | null;
  /** The deadlines that this record is to meet, as they would stand if it were provided now. */
  readonly margins: readonly DraftMargin[];
}

export interface DraftMargin {
  readonly deadline: string;
  readonly state: Margin['state'];
  readonly limitAt: string;
  readonly targetMet: boolean;
  readonly text: Readonly<Record<Language, { readonly state: string; readonly margin: string }>>;
}

/** A serial that no series reaches soon, for a record that is only tried. */
const trialSerial = 999_999_999;

/** Tries a draft: seals it as it would be sealed now, and judges it as the next record of our log. Files nothing. */
export function checkDraft(desk: Desk, draft: DraftRecord): DraftCheck {
  const sealed = sealRecord(draft, { serial: trialSerial, filedAtMs: desk.nowMs() });
  const faults = contentFaults(desk, draft);
  const judged = sealed.ok ? judgeSealed(desk, sealed.value) : { refusal: sealed.refusal, matter: null };
  // A fault of the content is told field by field; the refusal would tell the first of them again.
  const isTold = faults.length > 0 && judged.refusal?.code === 'agreement.content';
  const instrument = instrumentOf(desk, draft) ?? null;
  const inForce = instrument === null ? null : isInForce(desk, instrument);
  const found = [isTold ? null : judged.refusal, inForce === false ? notInForce(draft) : null, staleness(desk, draft)];
  const refusals = found.filter((each) => each !== null);
  return {
    at: textOfTime(desk.dutyTimeMs()),
    passes: faults.length === 0 && refusals.length === 0,
    faults,
    refusals,
    inForce,
    state: judged.matter?.state ?? null,
    margins: instrument === null || judged.matter === null ? [] : draftMargins(desk, instrument, judged.matter),
  };
}

/** The refusal of a step that needs a draft without fault. */
export function refuseUnsound(draft: { readonly id: number }, check: DraftCheck) {
  const [fault] = check.faults;
  const [refusal] = check.refusals;
  const first = fault === undefined ? `${refusal?.detail} (${refusal?.code})` : `${fault.path} ${fault.reason}`;
  const detail = `the machine check finds ${check.faults.length + check.refusals.length} fault(s) in draft ${draft.id}; the first: ${first}`;
  return refuse('draft.check', detail, { draft: draft.id, faults: check.faults.length, refusals: check.refusals.length });
}

function contentFaults(desk: Desk, { basis, content }: DraftRecord): readonly SchemaFault[] {
  if (basis.agreement === coreAgreement) {
    if (!isCoreFormat(basis.format)) return [];
    const schema: ObjectSchema = coreFormats[basis.format].schema;
    return faultsOf(schema, content, '/content');
  }
  const format = desk.register.instruments(basis)?.formats.get(basis.format);
  return format === undefined ? [] : faultsOf(format.schema, content, '/content');
}

function judgeSealed(desk: Desk, known: KnownRecord): { readonly refusal: Refusal | null; readonly matter: Matter | null } {
  const log = desk.register.log(desk.identity.origin);
  assert(log !== undefined, 'the register holds our own log');
  const leaf = { index: log.held.size, known };
  if (known.record.basis.agreement === coreAgreement) {
    const checked = checkCore(log.held, leaf);
    return { refusal: checked.ok ? null : checked.refusal, matter: null };
  }
  const { judgement, matter } = judgeStep(log, leaf, desk.register.instruments);
  const isRefused = judgement.kind === 'void' || judgement.kind === 'not-understood';
  return { refusal: isRefused ? judgement.refusal : null, matter };
}

/** A record under an agreement that is not in force when it arrives is void. */
function notInForce({ basis }: DraftRecord): Refusal {
  const detail = `${basis.agreement} of this version is not in force between the parties: both sides adopt it first`;
  return refuse('agreement.not-in-force', detail, { agreement: basis.agreement, version: basis.version }).refusal;
}

/** Approval takes time and the scenario's clock goes on, or is set on: a record of an exercise may not speak from long ago. */
function staleness(desk: Desk, { exercise }: DraftRecord): Refusal | null {
  const at = exercise === undefined ? undefined : timeOfText(exercise.scenarioAt);
  if (at === undefined || !at.ok) return null;
  const behindMs = desk.dutyTimeMs() - at.value;
  if (behindMs <= scenarioAgeMaxMs) return null;
  const minutes = Math.floor(behindMs / minuteMs);
  const detail = `the draft was last edited ${minutes} minutes of scenario time ago; save it again, and it takes the scenario's time`;
  return refuse('record.scenario', detail, { behindMs }).refusal;
}

/** Those that this record starts or answers: earlier records of the matter have deadlines of their own. */
function draftMargins(desk: Desk, instrument: Instrument, matter: Matter): readonly DraftMargin[] {
  const number = matter.steps.at(-1)?.number ?? null;
  const margins = marginsOf({ instrument, matter, provisions: new Map(), nowMs: desk.dutyTimeMs() });
  return margins
    .filter(({ record }) => record === number)
    .map((margin) => ({
      deadline: margin.deadline,
      state: margin.state,
      limitAt: textOfTime(margin.limitMs),
      targetMet: margin.targetMet,
      text: textsOf(margin, instrument),
    }));
}

function textsOf(margin: Margin, instrument: Instrument): DraftMargin['text'] {
  const entries = languages.map((language) => [
    language,
    { state: stateText(margin, language), margin: marginText(margin, instrument, language) },
  ]);
  return Object.fromEntries(entries) as DraftMargin['text'];
}
