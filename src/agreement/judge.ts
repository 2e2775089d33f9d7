import type { Format, Rule } from '#agreement/compile.ts';
import { type Content, inventedOf, inventedTime } from '#agreement/content.ts';
import { judgeCondition, Timestamp, type Value, valueOfJson } from '#agreement/evaluation.ts';
import { checkGeometry } from '#agreement/geometry.ts';
import type { Instrument } from '#agreement/instrument.ts';
import { transition, windowClosed } from '#agreement/life-cycle.ts';
import {
  byCodeUnit,
  changedFields,
  clocksAfter,
  type JudgedRecord,
  type Matter,
  type MatterStep,
  termsAfter,
  timeOfRecord,
  windowOfMatter,
} from '#agreement/matter.ts';
import { checkPrecedence, precedenceOf } from '#agreement/precedence.ts';
import { timeAt, windowOf } from '#agreement/window.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import type { Precedence } from '#record/envelope-schema.ts';
import { faultsOf } from '#record/schema.ts';

/** A record to judge, under the instrument that its basis names, after the matter that it refers to. */
export interface Case {
  readonly record: JudgedRecord;
  readonly instrument: Instrument;
  /** The matter before this record; null when the record refers to none. */
  readonly prior: Matter | null;
}

/** An accepted record: the matter it leaves, and the conditions that could not be decided (they refuse nothing). */
export interface Judgement {
  readonly matter: Matter;
  readonly undecided: readonly { readonly id: string; readonly reason: string }[];
}

/**
 * Judges a record by its agreement alone: format, class, content, areas, life cycle, scope, rules, precedence, in that order.
 * Both centres come to the same answer from the same records; no clock but the originator's own is asked.
 */
export function judgeContent(given: Case): Result<Judgement> {
  const format = checkFormat(given);
  if (!format.ok) return format;
  const content = checkContent(given, format.value);
  if (!content.ok) return content;
  const state = nextState(given, format.value);
  if (!state.ok) return state;
  const terms = termsAfter(format.value.relation, given.prior?.terms, content.value);
  const changes = checkChanges(given, format.value, terms);
  if (!changes.ok) return changes;
  const matter = matterAfter(given, { state: state.value, terms });
  const values = valuesOf(given, terms);
  const undecided = checkRules(given, values);
  if (!undecided.ok) return undecided;
  const precedence = checkPrecedence(given.record, { instrument: given.instrument, format: format.value, values });
  return precedence.ok ? accept({ matter, undecided: undecided.value }) : precedence;
}

/** The least precedence that the instrument asks of a draft now, for the form that its officer fills; undefined for a format unknown here. */
export function leastPrecedence(given: Case): Precedence | undefined {
  const format = given.instrument.formats.get(given.record.basis.format);
  if (format === undefined) return undefined;
  return precedenceOf(format, valuesOf(given, termsAfter(format.relation, given.prior?.terms, given.record.content)));
}

function checkFormat({ record, instrument }: Case): Result<Format> {
  const { agreement, version, article, format: code } = record.basis;
  if (agreement !== instrument.shortName || version !== instrument.hash) {
    return refuse(
      'agreement.unknown',
      `the record names ${agreement} ${version}, not ${instrument.shortName} ${instrument.hash}`,
    );
  }
  const format = instrument.formats.get(code);
  if (format === undefined) return refuse('agreement.format', `${agreement} has no format ${code}`);
  if (format.class !== record.class) {
    return refuse('agreement.format', `${code} is of class ${format.class}, not ${record.class}`, { class: record.class });
  }
  if (format.article !== article) return refuse('agreement.format', `${code} rests on article ${format.article}, not ${article}`);
  const { role } = record.originator;
  const released = role === 'releaser' || (format.preAuthorised && role === 'watch-officer');
  return released ? accept(format) : refuse('agreement.format', `${code} is not released by a ${role}`, { role });
}

function checkContent({ record, instrument }: Case, format: Format): Result<Content> {
  const { content } = record;
  const [fault, ...more] = faultsOf(format.schema, content, '/content');
  if (fault !== undefined) {
    return refuse('agreement.content', `${fault.path} ${fault.reason}`, { path: fault.path, faults: 1 + more.length });
  }
  const invented = inventedOf(content);
  if (invented.length > 0 && record.status !== 'exercise') {
    return refuse(
      'agreement.content',
      `${invented.join(', ')}: only an exercise marks fields as invented, and this is of status ${record.status}`,
    );
  }
  const stray = invented.find((name) => name !== inventedTime && !Object.hasOwn(content, name));
  if (stray !== undefined)
    return refuse('agreement.content', `${stray} is marked as invented but is not in the record`, { field: stray });
  const statesWindow = format.relation === 'opens' || format.relation === 'updates' || format.relation === 'postpones';
  if (statesWindow && windowOf(instrument.text.window, content) === undefined) {
    return refuse('agreement.content', 'the window is not one that opens before it closes', { path: '/content/window' });
  }
  const geometry = checkGeometry(instrument.text.geometry, content);
  return geometry.ok ? accept(content) : geometry;
}

/** The life cycle's answer, after the window's end where the originator speaks after it. */
function nextState({ record, instrument, prior }: Case, format: Format): Result<string> {
  const refers = record.references.some((reference) => reference.relation === format.relation);
  if (prior === null) {
    if (refers)
      return refuse(
        'agreement.reference',
        `the record ${format.relation} a matter that is not known under ${instrument.shortName}`,
      );
    return transition(instrument.lifeCycle, instrument.lifeCycle.initial, format.code);
  }
  const owned = checkReference(record, { prior, format, refers });
  if (!owned.ok) return owned;
  const state = stateAt(instrument, prior, timeOfRecord(record));
  return transition(instrument.lifeCycle, state, format.code);
}

function checkReference(
  record: JudgedRecord,
  { prior, format, refers }: { prior: Matter; format: Format; refers: boolean },
): Result<void> {
  if (format.relation !== 'opens' && !refers) {
    return refuse('agreement.reference', `${format.code} must refer to its matter with the relation ${format.relation}`);
  }
  if (prior.originator !== record.originator.centre) {
    return refuse('agreement.reference', `${record.originator.centre} speaks to a matter of ${prior.originator}`, {
      opening: prior.opening,
    });
  }
  if (prior.status !== record.status) {
    return refuse('agreement.reference', `a record of status ${record.status} speaks to a matter of status ${prior.status}`);
  }
  if (prior.version !== record.basis.version) {
    return refuse('agreement.reference', `the matter was opened under version ${prior.version} of the agreement`);
  }
  return accept(undefined);
}

/** The state of a matter at a time: as its last record left it, or as the end of its window did. */
export function stateAt(instrument: Instrument, matter: Matter, atMs: number): string {
  const window = windowOfMatter(instrument, matter);
  if (window === undefined || atMs <= window.closesMs) return matter.state;
  const closed = transition(instrument.lifeCycle, matter.state, windowClosed);
  return closed.ok ? closed.value : matter.state;
}

function checkChanges({ record, prior }: Case, format: Format, terms: Content): Result<void> {
  const listed: unknown = record.content['changes'];
  if (format.relation !== 'updates' || !Array.isArray(listed) || prior === null) return accept(undefined);
  const stated = listed.filter((each) => typeof each === 'string').sort(byCodeUnit);
  const actual = changedFields(prior.terms, terms);
  if (stated.join() === actual.join()) return accept(undefined);
  return refuse(
    'agreement.content',
    `the record says that ${stated.join(', ') || 'nothing'} changes; what changes is ${actual.join(', ') || 'nothing'}`,
  );
}

function matterAfter({ record, instrument, prior }: Case, next: { state: string; terms: Content }): Matter {
  const { number } = record;
  const step = { number, format: record.basis.format, atMs: timeOfRecord(record), events: eventsIn(record, instrument) };
  return {
    opening: prior?.opening ?? number,
    originator: record.originator.centre,
    status: record.status,
    version: record.basis.version,
    state: next.state,
    terms: next.terms,
    steps: [...(prior?.steps ?? []), step],
    clocks: clocksAfter(instrument, prior ?? undefined, { terms: next.terms, number }),
  };
}

function eventsIn(record: JudgedRecord, instrument: Instrument): MatterStep['events'] {
  return instrument.deadlines.flatMap((deadline) => {
    if (deadline.kind !== 'after-event' || deadline.format !== record.basis.format) return [];
    const atMs = timeAt(record.content, deadline.event);
    return atMs === undefined ? [] : [{ deadline: deadline.id, atMs }];
  });
}

function checkRules({ record, instrument }: Case, values: ReadonlyMap<string, Value>): Result<Judgement['undecided']> {
  const { format } = record.basis;
  const inScope = instrument.scope
    .filter((rule) => rule.formats.includes(format))
    .map((rule) => ({ rule, verdict: judgeCondition(rule.when, values) }));
  const open = inScope.flatMap(({ rule, verdict }) =>
    verdict.kind === 'undecided' ? [{ id: rule.id, reason: verdict.reason }] : [],
  );
  const covered = inScope.length === 0 || inScope.some(({ verdict }) => verdict.kind === 'true');
  if (!covered && open.length === 0) {
    return refuse('agreement.scope', `no rule of scope covers the record: ${inScope.map(({ rule }) => rule.id).join(', ')}`);
  }
  return judgeRules(instrument.rules, { format, values, undecided: covered ? [] : open });
}

function judgeRules(
  rules: readonly Rule[],
  { format, values, undecided }: { format: string; values: ReadonlyMap<string, Value>; undecided: Judgement['undecided'] },
): Result<Judgement['undecided']> {
  const open = [...undecided];
  for (const rule of rules.filter(({ formats }) => formats.includes(format))) {
    const verdict = judgeCondition(rule.when, values);
    if (verdict.kind === 'false')
      return refuse('agreement.content', `the rule ${rule.id} does not hold: ${rule.when.source}`, { rule: rule.id });
    if (verdict.kind === 'undecided') open.push({ id: rule.id, reason: verdict.reason });
  }
  return accept(open);
}

/** The variables of `spec/agreement.md` 4. What there is not, such as `prior` for an opening record, is missing, not empty. */
function valuesOf({ record, instrument, prior }: Case, terms: Content): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>([
    ['content', valueOfJson(record.content) ?? new Map()],
    [
      'record',
      new Map<string, Value>([
        ['originator', record.originator.centre],
        ['status', record.status],
        ['format', record.basis.format],
        ['at', new Timestamp(timeOfRecord(record))],
      ]),
    ],
    ['param', instrument.param],
  ]);
  const window = windowValue(instrument, terms);
  if (window !== undefined) values.set('window', window);
  if (prior !== null) {
    const before = new Map<string, Value>([
      ['content', valueOfJson(prior.terms) ?? new Map()],
      ['state', prior.state],
    ]);
    const closing = windowValue(instrument, prior.terms);
    if (closing !== undefined) before.set('window', closing);
    values.set('prior', before);
  }
  return values;
}

export function windowValue(instrument: Instrument, terms: Content): Value | undefined {
  const window = windowOf(instrument.text.window, terms);
  if (window === undefined) return undefined;
  return new Map<string, Value>([
    ['opens', new Timestamp(window.opensMs)],
    ['closes', new Timestamp(window.closesMs)],
  ]);
}
