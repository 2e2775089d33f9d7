import type { LifeCycle } from '#agreement/instrument-schema.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';

/** The event that no record makes: the window has closed. Every instrument's life cycle answers it. */
export const windowClosed = 'WINDOW-CLOSED';

/** A life cycle whose every state answers every event. Only `compileLifeCycle` makes one. */
export interface TotalLifeCycle {
  readonly initial: string;
  readonly states: readonly string[];
  readonly events: readonly string[];
  readonly awaiting: ReadonlySet<string>;
  readonly steps: ReadonlyMap<string, Step>;
}

type Step = { readonly outcome: 'moves'; readonly to: string } | { readonly outcome: 'refused'; readonly because: string };

/**
 * Checks that the table is total: one answer, and one only, for each state and event, and no name that is not declared.
 * Returns what is wrong, or the life cycle.
 */
export function compileLifeCycle(
  table: LifeCycle,
  formats: readonly string[],
): { readonly cycle: TotalLifeCycle; readonly reasons: readonly string[] } {
  const events = [...formats, windowClosed];
  const states = new Set(table.states);
  const steps = new Map<string, Step>();
  const reasons: string[] = [];
  for (const each of table.transitions) {
    const key = keyOf(each.from, each.on);
    if (!states.has(each.from)) reasons.push(`transition from ${each.from}, which is not a state`);
    if (!events.includes(each.on)) reasons.push(`transition on ${each.on}, which is not a format`);
    if (each.outcome === 'moves' && !states.has(each.to)) reasons.push(`transition to ${each.to}, which is not a state`);
    if (steps.has(key)) reasons.push(`two transitions for ${key}`);
    steps.set(key, each.outcome === 'moves' ? { outcome: 'moves', to: each.to } : { outcome: 'refused', because: each.because });
  }
  for (const state of table.states) {
    for (const event of events) if (!steps.has(keyOf(state, event))) reasons.push(`no transition for ${keyOf(state, event)}`);
    if (steps.get(keyOf(state, windowClosed))?.outcome === 'refused')
      reasons.push(`state ${state} refuses ${windowClosed}, which time alone brings`);
  }
  const undeclared = [table.initial, ...table.awaiting].filter((state) => !states.has(state));
  reasons.push(...undeclared.map((state) => `${state} is not a state`));
  return { cycle: { initial: table.initial, states: table.states, events, awaiting: new Set(table.awaiting), steps }, reasons };
}

/** The state after an event, or the refusal that the table gives. Total: every state answers every event. */
export function transition(cycle: TotalLifeCycle, state: string, event: string): Result<string> {
  const step = cycle.steps.get(keyOf(state, event));
  if (step === undefined) return refuse('agreement.life-cycle', `${event} is not an event of this life cycle`, { state, event });
  if (step.outcome === 'moves') return accept(step.to);
  return refuse('agreement.life-cycle', `${event} is not possible in the state ${state}: ${step.because}`, {
    state,
    event,
    because: step.because,
  });
}

function keyOf(state: string, event: string): string {
  return `${state} × ${event}`;
}
