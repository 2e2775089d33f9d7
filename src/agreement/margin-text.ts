import type { Instrument } from '#agreement/instrument.ts';
import type { Language } from '#agreement/instrument-schema.ts';
import type { Margin } from '#agreement/margin.ts';
import { coreTexts } from '#agreement/text/core-texts.ts';
import { fillText, type Texts, textOf } from '#agreement/texts.ts';
import { hourMs, minuteMs } from '#base/time.ts';

/** A margin in words, from the instrument's own texts: `27 h 14 min before the window; minimum 24 h`. */
export function marginText(margin: Margin, instrument: Instrument, language: Language): string {
  const texts = instrument.texts.get(language) ?? new Map<string, string>();
  const core = coreTexts[language];
  const parts = margin.readings.map(({ by, atMs }) => {
    const words = readingText({ margin, atMs, texts, language });
    return margin.readings.length === 1 ? words : fillText(core.reading[by], { margin: words });
  });
  const limit = fillText(textOf(texts, `deadline.${margin.deadline}.limit`), { limit: durationText(margin.allowedMs, language) });
  return `${parts.join(core.punctuation.semicolon)}${core.punctuation.semicolon}${limit}`;
}

/** The state's own word, with its margin: what a console shows beside a lamp. */
export function stateText(margin: Margin, language: Language): string {
  return coreTexts[language].marginState[margin.state];
}

/**
 * Hours and minutes, whole; `roundedUp` where a longer time is the less favourable one, so that no margin is shown larger, and no
 * delay smaller, than it is.
 */
export function durationText(lengthMs: number, language: Language, roundedUp = false): string {
  const core = coreTexts[language].duration;
  const minutes = roundedUp ? Math.ceil(lengthMs / minuteMs) : Math.floor(lengthMs / minuteMs);
  const hours = Math.floor((minutes * minuteMs) / hourMs);
  const rest = minutes - hours * 60;
  if (hours === 0) return fillText(core.minutes, { minutes: String(rest) });
  if (rest === 0) return fillText(core.hours, { hours: String(hours) });
  return fillText(core.hoursMinutes, { hours: String(hours), minutes: String(rest) });
}

function readingText({
  margin,
  atMs,
  texts,
  language,
}: {
  margin: Margin;
  atMs: number;
  texts: Texts;
  language: Language;
}): string {
  const aheadMs = margin.anchorMs - atMs;
  const isBefore = aheadMs > 0 || (aheadMs === 0 && margin.kind === 'before-window');
  const text = textOf(texts, `deadline.${margin.deadline}.${isBefore ? 'before' : 'after'}`);
  return fillText(text, { margin: durationText(Math.abs(aheadMs), language, !isBefore) });
}
