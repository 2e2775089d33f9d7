import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { accept } from '#base/refusal.ts';
import { dayMs, durationOfText, hourMs, minuteMs, textOfTime, timeOfText } from '#base/time.ts';

/** A vector without `ms` is refused. */
interface Vector {
  readonly text: string;
  readonly ms?: number;
}
const vectorsOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../spec/vectors/base/${name}.json`, import.meta.url), 'utf8')) as readonly Vector[];

test('times of the one form are read, and all others refused', () => {
  for (const { text, ms } of vectorsOf('time')) {
    const time = timeOfText(text);
    if (ms === undefined) assert.equal(time.ok ? 'accepted' : time.refusal.code, 'time.form', JSON.stringify(text));
    else assert.deepEqual(time, accept(ms), text);
  }
});

test('a time of the years 0 to 9999 reads back as it was written', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (timeMs) => {
      assert.deepEqual(timeOfText(textOfTime(timeMs)), accept(timeMs));
    }),
  );
});

test('any text that is read as a time is the one that would be written', () => {
  const digits = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
  fc.assert(
    fc.property(fc.tuple(digits(13), digits(32), digits(25), digits(61), digits(61)), ([month, day, hour, minute, second]) => {
      const text = `2023-${month}-${day}T${hour}:${minute}:${second}.000Z`;
      const time = timeOfText(text);
      if (time.ok) assert.equal(textOfTime(time.value), text);
      else assert.equal(time.refusal.code, 'time.form');
    }),
    { numRuns: 2_000 },
  );
});

test('durations of days, hours and minutes are exact, and all others refused', () => {
  for (const { text, ms } of vectorsOf('duration')) {
    const duration = durationOfText(text);
    if (ms === undefined) assert.equal(duration.ok ? 'accepted' : duration.refusal.code, 'time.duration', JSON.stringify(text));
    else assert.deepEqual(duration, accept(ms), text);
  }
});

test('a duration is the sum of its parts', () => {
  fc.assert(
    fc.property(fc.nat(9_999), fc.nat(99_999), fc.nat(9_999_999), (days, hours, minutes) => {
      assert.deepEqual(
        durationOfText(`P${days}DT${hours}H${minutes}M`),
        accept(days * dayMs + hours * hourMs + minutes * minuteMs),
      );
    }),
  );
});

test('a refusal quotes no more than forty characters of what it refuses', () => {
  for (const refused of [timeOfText('9'.repeat(10_000)), durationOfText('9'.repeat(10_000))]) {
    assert.ok(!refused.ok && refused.refusal.detail.endsWith(`"${'9'.repeat(40)}"`));
  }
});
