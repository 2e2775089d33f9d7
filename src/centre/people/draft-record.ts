import type { Instrument } from '#agreement/instrument.ts';
import { judgeContent } from '#agreement/judge.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { textOfTime } from '#base/time.ts';
import type { Desk } from '#centre/desk.ts';
import type { DraftInput } from '#centre/people/draft-input.ts';
import { logNameOf, originOf } from '#centre/people/log-name.ts';
import { hasRole, type Officer } from '#centre/people/officer.ts';
import { inForceFromMs } from '#exchange/standing.ts';
import { matterOf } from '#exchange/verdict.ts';
import { canonicalText } from '#record/canonical.ts';
import { coreAgreement, coreFormats, coreVersion } from '#record/core-formats.ts';
import { idOf } from '#record/envelope.ts';
import { type DraftRecord, type Precedence, type RecordClass, type Reference, recordVersion } from '#record/envelope-schema.ts';

/** The protocol's own formats that officers draft; machines and single acts of an officer file the others. */
const draftedCoreFormats = ['ADOPT', 'ORDERWIRE', 'TEST'] as const;

/** What a draft rests on: an instrument's format, or one of the protocol's own. */
interface Ground {
  readonly class: RecordClass;
  readonly preAuthorised: boolean;
  readonly basis: DraftRecord['basis'];
  readonly instrument: Instrument | null;
}

/**
 * Makes the record of what an officer gave, as it will be logged but for number and filing time. In an exercise it carries the
 * scenario time of this moment: each edit brings it up. Refused when no record can hold it, whatever its content says.
 */
export async function recordOfInput(desk: Desk, input: DraftInput, author: Officer): Promise<Result<DraftRecord>> {
  const ground = groundOf(desk, input);
  if (!ground.ok) return ground;
  const role = roleOf(ground.value, input, author);
  if (!role.ok) return role;
  const references = await referencesOf(desk, input);
  if (!references.ok) return references;
  const { identity } = desk;
  const action = input.action ?? (identity.peer === null ? [] : [identity.peer.centre]);
  const draft: DraftRecord = {
    schema: recordVersion,
    status: identity.status,
    class: ground.value.class,
    precedence: { action: 'R', info: 'R' },
    originator: { centre: identity.centre, role: role.value },
    action,
    info: input.info ?? [],
    basis: ground.value.basis,
    ...(input.effectiveAt === undefined ? {} : { effectiveAt: input.effectiveAt }),
    ...(input.replyBy === undefined ? {} : { replyBy: input.replyBy }),
    ...scenarioOf(desk),
    references: references.value,
    content: input.content,
    ...(input.narrative === undefined ? {} : { narrative: input.narrative }),
    releasability: input.releasability ?? 'parties',
    salt: desk.salt(),
  };
  const writable = canonicalText(draft);
  if (!writable.ok) return writable;
  const precedence = input.precedence ?? leastPrecedence(desk, draft, ground.value.instrument);
  return accept({ ...draft, precedence: { action: precedence, info: precedence } });
}

/** The scenario's part of an envelope at this moment; nothing outside an exercise. */
function scenarioOf(desk: Desk): Pick<DraftRecord, 'exercise'> {
  const { exercise } = desk.identity;
  return exercise === null ? {} : { exercise: { name: exercise, scenarioAt: textOfTime(desk.dutyTimeMs()) } };
}

/** The instrument that a draft's basis names; undefined for the protocol's own formats. */
export function instrumentOf(desk: Desk, { basis }: Pick<DraftRecord, 'basis'>): Instrument | undefined {
  return desk.register.instruments(basis);
}

function groundOf(desk: Desk, { agreement, format }: DraftInput): Result<Ground> {
  if (agreement === coreAgreement || agreement === coreVersion) return coreGround(format);
  const instrument = findInstrument(desk, agreement);
  if (!instrument.ok) return instrument;
  const { shortName, hash, formats } = instrument.value;
  const known = formats.get(format);
  if (known === undefined) {
    return refuse('agreement.format', `${shortName} has no format ${format}; it has ${[...formats.keys()].join(', ')}`);
  }
  const basis = { agreement: shortName, version: hash, article: known.article, format };
  return accept({ class: known.class, preAuthorised: known.preAuthorised, basis, instrument: instrument.value });
}

function coreGround(format: string): Result<Ground> {
  const known = draftedCoreFormats.find((each) => each === format);
  if (known === undefined) {
    const detail = `officers draft the core formats ${draftedCoreFormats.join(', ')}; ${format} is not one of them`;
    return refuse('agreement.format', detail);
  }
  const basis = { agreement: coreAgreement, version: coreVersion, article: 'record 11', format: known };
  return accept({ class: coreFormats[known].class, preAuthorised: false, basis, instrument: null });
}

/** By hash, or by short name: then the one version known here, or the one in force. */
function findInstrument(desk: Desk, name: string): Result<Instrument> {
  const all = [...desk.instruments.values()];
  const byHash = all.find(({ hash }) => hash === name);
  if (byHash !== undefined) return accept(byHash);
  const named = all.filter(({ shortName }) => shortName === name);
  const inForce = named.filter((each) => isInForce(desk, each));
  const [only, ...others] = named.length === 1 ? named : inForce;
  if (only !== undefined && others.length === 0) return accept(only);
  if (named.length === 0) {
    const known = [...new Set(all.map(({ shortName }) => shortName))].join(', ');
    return refuse('agreement.unknown', `the agreement ${name} is not known here; known are ${known || 'none'}`);
  }
  return refuse('agreement.unknown', `${named.length} versions of ${name} are known here: name one by its hash`, {
    versions: named.length,
  });
}

/** Whether both sides have adopted an instrument with effect from now or before. */
export function isInForce(desk: Desk, { shortName, hash }: Instrument): boolean {
  const fromMs = inForceFromMs(desk.register, desk.identity.origin, { agreement: shortName, version: hash });
  return fromMs !== undefined && fromMs <= desk.dutyTimeMs();
}

/** In whose name a draft goes out. A watch officer alone gives coded fields of marked formats, and no free text. */
function roleOf(ground: Ground, input: DraftInput, author: Officer): Result<'releaser' | 'watch-officer'> {
  const isWatching = hasRole(author, ['watch-officer']);
  if (isWatching && ground.preAuthorised && input.narrative === undefined) return accept('watch-officer');
  if (hasRole(author, ['drafter'])) return accept('releaser');
  const detail = ground.preAuthorised
    ? 'a watch officer alone sends coded fields only: without the narrative, or through a drafter'
    : `a watch officer alone drafts only formats that the agreement marks pre-authorised, and ${input.format} is not`;
  return refuse('draft.alone', detail, { format: input.format });
}

async function referencesOf(desk: Desk, input: DraftInput): Promise<Result<readonly Reference[]>> {
  const references: Reference[] = [];
  for (const { relation, log, index } of input.references ?? []) {
    const origin = originOf(desk.identity, log);
    if (!origin.ok) return origin;
    const leaf = await desk.store.leaf(origin.value, index);
    if (leaf === undefined)
      return refuse('request.unknown', `leaf ${index} of ${origin.value} is not here to refer to`, { index });
    references.push({ relation, log: origin.value, index, id: idOf(leaf) });
  }
  return accept(references);
}

/** Asks the agreement with the lowest precedence: where that is too low, its refusal says what is the least. */
function leastPrecedence(desk: Desk, draft: DraftRecord, instrument: Instrument | null): Precedence {
  if (instrument === null) return 'R';
  const record = { ...draft, number: 'draft', filedAt: textOfTime(desk.nowMs()) };
  const judged = judgeContent({ record, instrument, prior: priorOf(desk, draft) });
  const least = judged.ok ? undefined : judged.refusal.evidence['least'];
  return least === 'P' || least === 'O' || least === 'Z' ? least : 'R';
}

function priorOf(desk: Desk, draft: DraftRecord) {
  const own = desk.register.log(desk.identity.origin);
  const before = draft.references.find(({ log }) => logNameOf(desk.identity, log) === 'own');
  const entry = before === undefined ? undefined : desk.register.entry(before.log, before.index);
  return own === undefined || entry === undefined ? null : (matterOf(own, entry.root) ?? null);
}
