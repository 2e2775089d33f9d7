import { accept, type Result, refuse } from '#base/refusal.ts';

/** Milliseconds since 1970-01-01T00:00Z. */
export type TimeMs = number;

const instantPattern = /^\d{4}-\d{2}-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const durationPattern = /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,7})M)?)?$/;

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Reads the one form of time on the record: `2024-09-25T00:44:00.000Z`. */
export function timeOfText(text: string): Result<TimeMs> {
  const day = instantPattern.exec(text)?.[1];
  const timeMs = day === undefined ? Number.NaN : Date.parse(text);
  // An engine may carry 30 February over into March.
  if (Number.isNaN(timeMs) || new Date(timeMs).getUTCDate() !== Number(day)) {
    return refuse('time.form', `expected a time such as 2024-09-25T00:44:00.000Z, got ${JSON.stringify(text.slice(0, 40))}`);
  }
  return accept(timeMs);
}

export function textOfTime(timeMs: TimeMs): string {
  return new Date(timeMs).toISOString();
}

/** Reads an exact ISO 8601 duration of days (of 24 h), hours and minutes, such as `P4D` or `PT24H`, in milliseconds. */
export function durationOfText(text: string): Result<number> {
  const parts = durationPattern.exec(text);
  if (parts === null || text.endsWith('P') || text.endsWith('T')) {
    return refuse(
      'time.duration',
      `expected a duration in days, hours and minutes such as PT24H, got ${JSON.stringify(text.slice(0, 40))}`,
    );
  }
  const [days, hours, minutes] = [parts[1], parts[2], parts[3]].map((digits) => Number(digits ?? 0));
  return accept((days ?? 0) * dayMs + (hours ?? 0) * hourMs + (minutes ?? 0) * minuteMs);
}
