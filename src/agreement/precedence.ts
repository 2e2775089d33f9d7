import type { Format } from '#agreement/compile.ts';
import { judgeCondition, Timestamp, type Value } from '#agreement/evaluation.ts';
import type { Instrument } from '#agreement/instrument.ts';
import { type JudgedRecord, timeOfRecord } from '#agreement/matter.ts';
import { accept, mustAccept, type Result, refuse } from '#base/refusal.ts';
import { durationOfText } from '#base/time.ts';
import type { Precedence } from '#record/envelope-schema.ts';

const rank: Readonly<Record<Precedence, number>> = { R: 0, P: 1, O: 2, Z: 3 };

/** The least precedence that the instrument asks of a format, by the first of its rules that is true. */
export function precedenceOf(format: Format, values: ReadonlyMap<string, Value>): Precedence {
  return format.precedence.find(({ when }) => judgeCondition(when, values).kind === 'true')?.action ?? 'R';
}

/**
 * A record may say more than the least, but FLASH only where the instrument does: FLASH sounds an alarm. Less than the least is
 * refused, save that a precedence which was right within the instrument's grace before filing stands: officers approve it first.
 */
export function checkPrecedence(
  record: JudgedRecord,
  { instrument, format, values }: { instrument: Instrument; format: Format; values: ReadonlyMap<string, Value> },
): Result<void> {
  const { action, info } = record.precedence;
  const least = precedenceOf(format, values);
  const before = precedenceOf(format, earlier(record, { instrument, values }));
  if (rank[info] > rank[action])
    return refuse('agreement.precedence', `information addressees get ${info}, above the action addressees' ${action}`);
  if (rank[action] < Math.min(rank[least], rank[before])) {
    return refuse('agreement.precedence', `${format.code} asks for precedence ${least} here, not ${action}`, {
      least,
      stated: action,
    });
  }
  if (action === 'Z' && least !== 'Z')
    return refuse('agreement.precedence', `${format.code} does not go as FLASH here; ${least} is enough`, { least });
  return accept(undefined);
}

function earlier(
  record: JudgedRecord,
  { instrument, values }: { instrument: Instrument; values: ReadonlyMap<string, Value> },
): ReadonlyMap<string, Value> {
  const known = values.get('record');
  if (!(known instanceof Map)) return values;
  const graceMs = mustAccept(durationOfText(instrument.text.precedenceGrace));
  const then = new Map<string, Value>(known as ReadonlyMap<string, Value>).set(
    'at',
    new Timestamp(timeOfRecord(record) - graceMs),
  );
  return new Map(values).set('record', then);
}
