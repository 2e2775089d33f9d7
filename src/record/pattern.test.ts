import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { patternFault } from '#record/pattern.ts';

const vectors: readonly { readonly pattern: string; readonly accepted: boolean; readonly why?: string }[] = JSON.parse(
  readFileSync(new URL('../../spec/vectors/record/pattern.json', import.meta.url), 'utf8'),
);

test('patterns of the subset are accepted, and all others refused', () => {
  for (const { pattern, accepted, why } of vectors) {
    assert.equal(patternFault(pattern) === undefined, accepted, `${pattern}: ${why ?? patternFault(pattern)}`);
  }
});

test('half of a surrogate pair is no pattern', () => {
  assert.equal(patternFault('^\ud83d$'), 'is not a regular expression');
});

test('each refusal says what is wrong', () => {
  const reasons = new Set(vectors.map(({ pattern }) => patternFault(pattern)));
  assert.equal(reasons.size, 13);
});

/** Patterns over few characters, so that most are ambiguous and many would run away. */
const { pattern: patterns } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  pattern: fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('')),
  piece: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc
      .tuple(fc.constantFrom('a', 'b', '[ab]', '[^a]', '[^b]'), fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,3}', '{2,}'))
      .map((parts) => parts.join('')),
    fc
      .tuple(
        fc.array(tie('pattern'), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', '?', '*', '+', '{2}', '{0,40}', '{1,}'),
      )
      .map(([branches, repeat]) => `(?:${branches.join('|')})${repeat}`),
  ),
}));

test('no accepted pattern runs away on any text', () => {
  let accepted = 0;
  fc.assert(
    fc.property(patterns, fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 }), (body, seed) => {
      const source = `^${body}$`;
      if (patternFault(source) !== undefined) return;
      accepted += 1;
      const regExp = new RegExp(source, 'u');
      const startedMs = performance.now();
      for (const unit of [seed, 'a', 'b', 'ab']) {
        const text = unit.repeat(4_096);
        for (const ending of ['', 'c', 'a', 'b', '\n']) regExp.test(text + ending);
      }
      assert.ok(performance.now() - startedMs < 500, source);
    }),
    { numRuns: 3_000 },
  );
  assert.ok(accepted > 100, `only ${accepted} patterns were accepted`);
});

test('the longest pattern in the subset is judged, and runs, at once', () => {
  const startedMs = performance.now();
  assert.equal(patternFault(`^${'(?:'.repeat(40)}a${')'.repeat(40)}[b-y]{1,4000}z$`), undefined);
  assert.equal(new RegExp('^[b-y]{1,4000}z$', 'u').test('b'.repeat(16_384)), false);
  assert.ok(performance.now() - startedMs < 500);
});
