import { areasAt } from '#agreement/content.ts';
import { judgeCondition, Timestamp, type Value, valueOfJson } from '#agreement/evaluation.ts';
import type { Instrument } from '#agreement/instrument.ts';
import type { AfterEvent, AfterWindow, BeforeWindow, CountedAct } from '#agreement/instrument-schema.ts';
import { stateAt, windowValue } from '#agreement/judge.ts';
import type { MarginState, Reading } from '#agreement/margin-state.ts';
import { type Matter, type MatterStep, windowOfMatter } from '#agreement/matter.ts';
import { type Provision, readingsOf } from '#agreement/provision.ts';
import { mustAccept } from '#base/refusal.ts';
import { durationOfText, type TimeMs } from '#base/time.ts';

/** One deadline of one matter, computed alike by both sides from the records both hold. */
export interface Margin {
  readonly deadline: string;
  readonly kind: 'before-window' | 'after-event' | 'after-window';
  /** What of the notice this clock is about; empty for a deadline that is not about parts. */
  readonly aspects: readonly string[];
  /** The number of the record that provides; null while nothing does. */
  readonly record: string | null;
  readonly counts: CountedAct;
  readonly state: MarginState;
  /** The moment that the deadline is measured from: the window's opening or end, or the event. */
  readonly anchorMs: TimeMs;
  readonly limitMs: TimeMs;
  /** The instrument's duration: the minimum before, or the most after. */
  readonly allowedMs: number;
  /** Each time that counts, or the time asked about while nothing is provided. Two or more only where they differ in earnest. */
  readonly readings: readonly Reading[];
  /** For a notice before a window: whether the instrument's target is reached by every reading. */
  readonly targetMet: boolean;
}

/** A matter with what is known of how its records arrived. */
export interface MarginQuestion {
  readonly instrument: Instrument;
  readonly matter: Matter;
  /** By record number; a record without an entry is not provided, such as a draft. */
  readonly provisions: ReadonlyMap<string, Provision>;
  /** The time asked about, on the matter's own time line: scenario time in an exercise. */
  readonly nowMs: TimeMs;
}

/** The margins of every deadline that applies, in the instrument's order. */
export function marginsOf(question: MarginQuestion): readonly Margin[] {
  const values = conditionValues(question);
  return question.instrument.deadlines.flatMap((deadline) => {
    // Only a clear `false` sets a deadline aside: one that cannot be decided applies.
    if (judgeCondition(deadline.applies, values).kind === 'false') return [];
    switch (deadline.kind) {
      case 'before-window':
        return marginsBeforeWindow(question, deadline);
      case 'after-event':
        return marginsAfterEvent(question, deadline);
      case 'after-window':
        return marginAfterWindow(question, deadline);
    }
  });
}

/** The state that matters most among some margins, for one lamp beside a matter. */
export function worstOf(margins: readonly Margin[]): MarginState | undefined {
  const order: readonly MarginState[] = ['missed', 'late', 'disputed', 'amber', 'open', 'met'];
  return order.find((state) => margins.some((margin) => margin.state === state));
}

/** One margin for each record that started a clock, naming the aspects it started. */
function marginsBeforeWindow(question: MarginQuestion, deadline: BeforeWindow): readonly Margin[] {
  const window = windowOfMatter(question.instrument, question.matter);
  if (window === undefined) return [];
  const clocks = question.matter.clocks.filter(
    (clock) => clock.deadline === deadline.id && isStated(question.matter, deadline, clock.aspect),
  );
  const starters = [...new Set(clocks.map((clock) => clock.startedBy))];
  return starters.map((number) => {
    const aspects = clocks.filter((clock) => clock.startedBy === number).map((clock) => clock.aspect);
    const allowedMs = lengthOf(deadline.minimum);
    return settle(question, {
      ...common(deadline, number),
      aspects,
      anchorMs: window.opensMs,
      limitMs: window.opensMs - allowedMs,
      allowedMs,
      amberMs: window.opensMs - lengthOf(deadline.amber),
      targetMs: window.opensMs - lengthOf(deadline.target),
    });
  });
}

/** An aspect that the notice does not have, such as drop zones, has no clock to show. */
function isStated(matter: Matter, deadline: BeforeWindow, id: string): boolean {
  const aspect = deadline.aspects.find((each) => each.id === id);
  return aspect !== undefined && (aspect.compare !== 'areas' || areasAt(matter.terms, aspect.at).length > 0);
}

function marginsAfterEvent(question: MarginQuestion, deadline: AfterEvent): readonly Margin[] {
  return question.matter.steps.flatMap((step) => {
    const event = step.events.find((each) => each.deadline === deadline.id);
    return event === undefined ? [] : [settle(question, after(deadline, step.number, event.atMs))];
  });
}

function marginAfterWindow(question: MarginQuestion, deadline: AfterWindow): readonly Margin[] {
  const { instrument, matter, nowMs } = question;
  const window = windowOfMatter(instrument, matter);
  if (window === undefined) return [];
  const report: MatterStep | undefined = matter.steps.find((step) => deadline.satisfiedBy.includes(step.format));
  if (report === undefined && !instrument.lifeCycle.awaiting.has(stateAt(instrument, matter, nowMs))) return [];
  return [settle(question, after(deadline, report?.number ?? null, window.closesMs))];
}

interface Limits {
  readonly deadline: string;
  readonly kind: Margin['kind'];
  readonly counts: CountedAct;
  readonly record: string | null;
  readonly aspects: readonly string[];
  readonly anchorMs: TimeMs;
  readonly limitMs: TimeMs;
  readonly allowedMs: number;
  readonly amberMs: TimeMs;
  readonly targetMs: TimeMs;
}

function common(
  deadline: BeforeWindow | AfterEvent | AfterWindow,
  record: string | null,
): Pick<Limits, 'deadline' | 'kind' | 'counts' | 'record'> {
  return { deadline: deadline.id, kind: deadline.kind, counts: deadline.counts, record };
}

function after(deadline: AfterEvent | AfterWindow, record: string | null, anchorMs: TimeMs): Limits {
  const allowedMs = lengthOf(deadline.within);
  const limitMs = anchorMs + allowedMs;
  return {
    ...common(deadline, record),
    aspects: [],
    anchorMs,
    limitMs,
    allowedMs,
    amberMs: limitMs - lengthOf(deadline.amber),
    targetMs: limitMs,
  };
}

function settle({ instrument, provisions, nowMs }: MarginQuestion, limits: Limits): Margin {
  const { amberMs, targetMs, ...shown } = limits;
  const provision = limits.record === null ? undefined : provisions.get(limits.record);
  const { counts, limitMs } = limits;
  const toleranceMs = lengthOf(instrument.text.provision.tolerance);
  const { readings, withheld } = readingsOf(provision, { counts, limitMs, toleranceMs });
  if (readings.length === 0) {
    const state = nowMs > limitMs ? 'missed' : nowMs >= amberMs ? 'amber' : 'open';
    return { ...shown, state, readings: [{ by: 'asked', atMs: nowMs }], targetMet: false };
  }
  const targetMet = readings.every(({ atMs }) => atMs <= targetMs);
  return { ...shown, state: withheld ? 'disputed' : providedState(limits, readings), readings, targetMet };
}

function providedState({ kind, limitMs, anchorMs }: Limits, readings: readonly Reading[]): MarginState {
  const inTime = readings.filter(({ atMs }) => atMs <= limitMs).length;
  if (inTime === readings.length) return 'met';
  if (inTime > 0) return 'disputed';
  return kind === 'before-window' && readings.every(({ atMs }) => atMs >= anchorMs) ? 'missed' : 'late';
}

function conditionValues({ instrument, matter, nowMs }: MarginQuestion): ReadonlyMap<string, Value> {
  const record = new Map<string, Value>([
    ['originator', matter.originator],
    ['status', matter.status],
    ['format', matter.steps.at(-1)?.format ?? ''],
    ['at', new Timestamp(matter.steps.at(-1)?.atMs ?? nowMs)],
  ]);
  const values = new Map<string, Value>([
    ['content', valueOfJson(matter.terms) ?? new Map()],
    ['record', record],
    ['param', instrument.param],
  ]);
  const window = windowValue(instrument, matter.terms);
  return window === undefined ? values : values.set('window', window);
}

function lengthOf(duration: string): number {
  return mustAccept(durationOfText(duration));
}
