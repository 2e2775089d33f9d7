import { type Content, valueAt } from '#agreement/content.ts';
import type { InstrumentText } from '#agreement/instrument-schema.ts';
import { mustAccept } from '#base/refusal.ts';
import { durationOfText, type TimeMs, timeOfText } from '#base/time.ts';

/** When the thing notified may happen: from `opensMs` up to `closesMs`. */
export interface Window {
  readonly opensMs: TimeMs;
  readonly closesMs: TimeMs;
}

/**
 * Reads the window out of a content. A bare date counts from 00:00Z of that day, for as long as the instrument says. Undefined
 * where there is none to read: absent, no such day, or not opening before it closes.
 */
export function windowOf(rule: InstrumentText['window'], content: Content): Window | undefined {
  const opensMs = rule.kind === 'explicit' ? timeAt(content, rule.opens) : dateAt(content, rule.date);
  if (opensMs === undefined) return undefined;
  const closesMs = rule.kind === 'explicit' ? timeAt(content, rule.closes) : opensMs + mustAccept(durationOfText(rule.validity));
  return closesMs === undefined || closesMs <= opensMs ? undefined : { opensMs, closesMs };
}

export function timeAt(content: Content, pointer: string): TimeMs | undefined {
  const value = valueAt(content, pointer);
  if (typeof value !== 'string') return undefined;
  const time = timeOfText(value);
  return time.ok ? time.value : undefined;
}

function dateAt(content: Content, pointer: string): TimeMs | undefined {
  const value = valueAt(content, pointer);
  if (typeof value !== 'string') return undefined;
  const time = timeOfText(`${value}T00:00:00.000Z`);
  return time.ok ? time.value : undefined;
}
