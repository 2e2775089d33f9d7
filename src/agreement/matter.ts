import { containsArea } from '#agreement/area.ts';
import { areasAt, type Content, valueAt } from '#agreement/content.ts';
import type { Instrument } from '#agreement/instrument.ts';
import type { Aspect } from '#agreement/instrument-schema.ts';
import { type Window, windowOf } from '#agreement/window.ts';
import { mustAccept } from '#base/refusal.ts';
import { type TimeMs, timeOfText } from '#base/time.ts';
import { canonicalText } from '#record/canonical.ts';
import type { RecordEnvelope } from '#record/envelope-schema.ts';

/** The part of a record that an agreement judges; a draft with a provisional number and filing time will do. */
export type JudgedRecord = Pick<
  RecordEnvelope,
  'number' | 'status' | 'class' | 'precedence' | 'originator' | 'basis' | 'filedAt' | 'references' | 'content'
> & { readonly exercise?: NonNullable<RecordEnvelope['exercise']> };

/** One accepted record of a matter. */
export interface MatterStep {
  readonly number: string;
  readonly format: string;
  /** When the originator says it spoke: scenario time in an exercise, else filing time. */
  readonly atMs: TimeMs;
  /** The events that it reports and that deadlines are measured from: the id of the deadline, and the time stated. */
  readonly events: readonly { readonly deadline: string; readonly atMs: TimeMs }[];
}

/** Which record started the clock for one aspect of one deadline. */
export interface AspectClock {
  readonly deadline: string;
  readonly aspect: string;
  readonly startedBy: string;
}

/**
 * A matter: one notification and all that refers to it, as accepted records made it. Plain data, so that a fold may keep it in a
 * snapshot. `judgeContent` makes the next one; nobody else changes it.
 */
export interface Matter {
  /** The number of the record that opened it. */
  readonly opening: string;
  readonly originator: string;
  readonly status: RecordEnvelope['status'];
  readonly version: string;
  readonly state: string;
  /** What is announced now: the opening content with every later change. */
  readonly terms: Content;
  readonly steps: readonly MatterStep[];
  readonly clocks: readonly AspectClock[];
}

/** When the originator says the record was made: the scenario's time in an exercise, the filing time otherwise. */
export function timeOfRecord(record: Pick<JudgedRecord, 'filedAt' | 'exercise'>): TimeMs {
  return mustAccept(timeOfText(record.exercise?.scenarioAt ?? record.filedAt));
}

/** The window announced now; undefined only for a matter opened by a report, without a notification. */
export function windowOfMatter(instrument: Instrument, matter: Matter): Window | undefined {
  return windowOf(instrument.text.window, matter.terms);
}

/** The terms that a record would leave: a new notice or an update states them whole, a postponement only what it moves. */
export function termsAfter(relation: string, prior: Content | undefined, content: Content): Content {
  if (prior === undefined || relation === 'opens' || relation === 'updates') return content;
  if (relation !== 'postpones') return prior;
  const moved = Object.entries(content).filter(([key]) => key !== 'invented' && Object.hasOwn(prior, key));
  return { ...prior, ...Object.fromEntries(moved) };
}

/** The fields whose values differ between two contents, in alphabetical order. */
export function changedFields(before: Content, after: Content): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...keys].filter((key) => key !== 'invented' && key !== 'changes' && !isSame(before[key], after[key]));
  return changed.sort(byCodeUnit);
}

export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Restarts the clock of each aspect that a record widens, moves or advances; narrowing leaves the clock as it was. */
export function clocksAfter(
  instrument: Instrument,
  prior: Matter | undefined,
  next: { terms: Content; number: string },
): readonly AspectClock[] {
  return instrument.deadlines.flatMap((deadline) => {
    if (deadline.kind !== 'before-window') return [];
    return deadline.aspects.map((aspect): AspectClock => {
      const running = prior?.clocks.find((clock) => clock.deadline === deadline.id && clock.aspect === aspect.id);
      const keeps =
        running !== undefined && prior !== undefined && isWithin(instrument, aspect, { before: prior.terms, after: next.terms });
      return { deadline: deadline.id, aspect: aspect.id, startedBy: keeps ? running.startedBy : next.number };
    });
  });
}

/** Whether what is announced now lies within what was announced before, in one aspect. */
function isWithin(instrument: Instrument, aspect: Aspect, { before, after }: { before: Content; after: Content }): boolean {
  switch (aspect.compare) {
    case 'value':
      return isSame(valueAt(before, aspect.at), valueAt(after, aspect.at));
    case 'areas': {
      const old = areasAt(before, aspect.at);
      return areasAt(after, aspect.at).every((area) => old.some((each) => containsArea(each, area)));
    }
    case 'window': {
      const old = windowOf(instrument.text.window, before);
      const now = windowOf(instrument.text.window, after);
      return old !== undefined && now !== undefined && old.opensMs <= now.opensMs && now.closesMs <= old.closesMs;
    }
  }
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return mustAccept(canonicalText(a)) === mustAccept(canonicalText(b));
}
