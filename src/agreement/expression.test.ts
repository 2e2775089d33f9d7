import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { evaluate, judgeCondition, type Value, valueOfJson } from '#agreement/evaluation.ts';
import { parseExpression } from '#agreement/expression.ts';
import { expressionNodesMax } from '#base/limits.ts';
import { mustAccept } from '#base/refusal.ts';

interface ExpressionVectors {
  readonly names: readonly string[];
  readonly listLengths: Readonly<Record<string, number>>;
  readonly values: Readonly<Record<string, unknown>>;
  readonly decided: readonly { readonly expr: string; readonly value: unknown }[];
  readonly undecided: readonly string[];
  readonly refused: readonly string[];
}
interface Conformance {
  readonly agree: readonly { readonly name: string; readonly expr: string; readonly expect: unknown }[];
  readonly undecided: readonly { readonly name: string; readonly expr: string }[];
}
const vectors = JSON.parse(readFileSync('spec/vectors/agreement/expression.json', 'utf8')) as ExpressionVectors;
const conformance = JSON.parse(readFileSync('spec/vectors/agreement/cel-conformance.json', 'utf8')) as Conformance;

const vocabulary = { names: vectors.names, lengths: new Map(Object.entries(vectors.listLengths)) };
const values = new Map(Object.entries(vectors.values).map(([name, json]): [string, Value] => [name, valueOfJson(json) ?? false]));
const bare = { names: [], lengths: new Map<string, number>() };

test('expressions of the subset are decided', () => {
  for (const { expr, value } of vectors.decided) {
    const outcome = evaluate(mustAccept(parseExpression(expr, vocabulary)), values);
    assert.equal(outcome.kind === 'decided' ? outcome.value : outcome.reason, value, expr);
  }
});

test('an error is undecided, never false', () => {
  for (const expr of vectors.undecided) {
    assert.equal(evaluate(mustAccept(parseExpression(expr, vocabulary)), values).kind, 'undecided', expr);
  }
});

test('what the subset does not list is refused when the agreement is checked', () => {
  for (const expr of vectors.refused) {
    const parsed = parseExpression(expr, vocabulary);
    assert.equal(parsed.ok ? 'parsed' : parsed.refusal.code, 'agreement.expression', expr);
  }
});

test('the conformance tests of CEL that lie in the subset hold, or are undecided where listed', () => {
  for (const { name, expr, expect } of conformance.agree) {
    const outcome = evaluate(mustAccept(parseExpression(expr, bare)), new Map());
    assert.equal(outcome.kind === 'decided' ? outcome.value : 'error', expect, `${name}: ${expr}`);
  }
  for (const { name, expr } of conformance.undecided) {
    assert.equal(evaluate(mustAccept(parseExpression(expr, bare)), new Map()).kind, 'undecided', `${name}: ${expr}`);
  }
});

test('an expression that could cost more than the limit is refused, and none costs more than its bound', () => {
  const test = Array.from({ length: 5 }, (_, index) => `s.from > ${index}`).join(' && ');
  assert.ok(parseExpression(`param.sectors.all(s, ${test})`, vocabulary).ok);
  const costly = parseExpression(`content.list.all(s, ${test})`, vocabulary);
  assert.equal(costly.ok || costly.refusal.evidence['costMax'], 1 + 2 + 64 * 24);
  assert.ok(!parseExpression(`${'('.repeat(400)}true${')'.repeat(400)}`, bare).ok);
  const list = fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 64 });
  fc.assert(
    fc.property(list, fc.integer({ min: -9, max: 9 }), (items, limit) => {
      const expression = mustAccept(
        parseExpression(`content.list.all(n, n * 2 > ${limit}) || content.list.exists(n, n == ${limit})`, vocabulary),
      );
      const outcome = evaluate(expression, new Map([['content', new Map<string, Value>([['list', items]])]]));
      assert.ok(outcome.cost <= expression.costMax && expression.costMax <= expressionNodesMax);
      const expected = items.every((n) => n * 2 > limit) || items.includes(limit);
      assert.equal(outcome.kind === 'decided' && outcome.value, expected);
    }),
  );
});

test('evaluation never throws, whatever the values', () => {
  const expressions = [...vectors.decided.map(({ expr }) => expr), ...vectors.undecided].map((expr) =>
    mustAccept(parseExpression(expr, vocabulary)),
  );
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (content, param) => {
      const given = new Map<string, Value>([
        ['content', valueOfJson(content) ?? false],
        ['param', valueOfJson(param) ?? false],
      ]);
      for (const expression of expressions)
        assert.ok(['true', 'false', 'undecided'].includes(judgeCondition(expression, given).kind));
    }),
  );
});
