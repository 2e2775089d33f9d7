import type { Instrument } from '#agreement/instrument.ts';
import type { Language } from '#agreement/instrument-schema.ts';
import type { Margin } from '#agreement/margin.ts';
import { marginText, stateText } from '#agreement/margin-text.ts';
import { coreTexts } from '#agreement/text/core-texts.ts';
import { fillText } from '#agreement/texts.ts';
import { type TimeMs, textOfTime } from '#base/time.ts';
import { type StandingWords, standingWords } from '#centre/concern/standing-words.ts';
import type { AddresseeReading } from '#exchange/addressee.ts';
import type { CosignatureFact } from '#exchange/cosigned.ts';
import type { Judgement } from '#exchange/log-view.ts';
import type { MatterReading } from '#exchange/matter.ts';
import type { RecordEnvelope } from '#record/envelope-schema.ts';

/** What is known of one record here, as the folds read it. */
export interface StandingFacts {
  readonly standing: Judgement | undefined;
  /** Null for bytes that are no record. */
  readonly record: RecordEnvelope | null;
  /** Empty for what awaits no receipt. */
  readonly addressees: readonly AddresseeReading[];
  /** The first cosignature of each addressee that covers it. */
  readonly cosigned: readonly CosignatureFact[];
  readonly refusals: readonly { readonly centre: string; readonly code: string }[];
  /** The deadlines of its matter, if it begins one, with the agreement whose words they are in. */
  readonly due: MatterReading['due'];
  readonly instrument: Instrument | undefined;
}

/** How a record stands, a sentence each: what its rules say, what each addressee said of it, and every deadline with its margins. */
export function standingLines(facts: StandingFacts, language: Language): readonly string[] {
  const words = standingWords[language];
  const party = (centre: string): string => coreTexts[language].party[centre] ?? centre;
  const deadlineLine = (margin: Margin, centre: string): string => {
    const margins = facts.instrument === undefined ? '—' : marginText(margin, facts.instrument, language);
    return fillText(words.deadline, { party: party(centre), state: stateText(margin, language), margin: margins });
  };
  const cosigned = facts.cosigned.map(({ witness, timeMs }) =>
    fillText(words.cosigned, { party: party(witness), ...at(timeMs) }),
  );
  return [
    words.title,
    ...(facts.standing === undefined ? [] : [judgementLine(facts.standing, words)]),
    ...(facts.record === null ? [] : [filedLine(facts.record, party(facts.record.originator.centre), words)]),
    ...cosigned,
    ...facts.addressees.flatMap((each) => addresseeLines(each, party(each.centre), { words, language })),
    ...facts.refusals.map(({ centre, code }) => fillText(words.refused, { party: party(centre), code })),
    ...facts.due.flatMap(({ centre, margins }) => margins.map((margin) => deadlineLine(margin, centre))),
  ];
}

function filedLine({ filedAt }: RecordEnvelope, party: string, words: StandingWords): string {
  return fillText(words.filed, { party, time: filedAt });
}

function judgementLine(standing: Judgement, words: StandingWords): string {
  const refusal = 'refusal' in standing ? { detail: standing.refusal.detail, code: standing.refusal.code } : {};
  return fillText(words.judgement[standing.kind], refusal);
}

function addresseeLines(
  { receipt, notDelivered, withheld, rungs }: AddresseeReading,
  party: string,
  { words, language }: { readonly words: StandingWords; readonly language: Language },
): readonly string[] {
  const { code } = coreTexts[language];
  const said = rungs.map(({ rung, last }) =>
    fillText(words.rung, { party, rung: code[rung] ?? rung, outcome: code[last.outcome] ?? last.outcome, ...at(last.filedAtMs) }),
  );
  if (withheld !== null) {
    const due = textOfTime(withheld.dueMs);
    return [fillText(words.withheld, { party, due, ...at(withheld.cosignature.timeMs) }), ...said];
  }
  if (receipt === null) return [fillText(notDelivered === null ? words.noReceipt : words.notDelivered, { party }), ...said];
  const received = fillText(words.received, { party, at: String(receipt.at), ...at(receipt.receivedAtMs) });
  return [received, ...(receipt.proved ? [] : [words.unproved]), ...said];
}

function at(timeMs: TimeMs): { readonly time: string } {
  return { time: textOfTime(timeMs) };
}
