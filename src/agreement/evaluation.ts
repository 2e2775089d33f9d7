import type { BinaryOperator, Expression, Node, UnaryFunction } from '#agreement/expression.ts';
import { expressionNodesMax } from '#base/limits.ts';
import type { TimeMs } from '#base/time.ts';

/** A moment in UTC, as `timestamp()` makes it. */
export class Timestamp {
  readonly timeMs: TimeMs;
  constructor(timeMs: TimeMs) {
    this.timeMs = timeMs;
  }
}

/** An exact length of time, as `duration()` or the difference of two timestamps makes it. */
export class Duration {
  readonly lengthMs: number;
  constructor(lengthMs: number) {
    this.lengthMs = lengthMs;
  }
}

export type Value = boolean | number | string | Timestamp | Duration | readonly Value[] | ReadonlyMap<string, Value>;

/** What an evaluation says: a value, or that it could not be decided and why. An error is never taken for `false`. */
export type Outcome =
  | { readonly kind: 'decided'; readonly value: Value; readonly cost: number }
  | { readonly kind: 'undecided'; readonly reason: string; readonly cost: number };

/** What a condition says of a record: three answers, none of which stands for another. */
export type Verdict =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  | { readonly kind: 'undecided'; readonly reason: string };

/** Evaluates an expression over named values. Deterministic; visits at most `expressionNodesMax` nodes. */
export function evaluate(expression: Expression, values: ReadonlyMap<string, Value>): Outcome {
  const evaluation = new Evaluation();
  const step = evaluation.visit(expression.root, values);
  return step.ok
    ? { kind: 'decided', value: step.value, cost: evaluation.cost }
    : { kind: 'undecided', reason: step.reason, cost: evaluation.cost };
}

/** Evaluates a condition; whatever is not `true` or `false` is undecided. */
export function judgeCondition(expression: Expression, values: ReadonlyMap<string, Value>): Verdict {
  const outcome = evaluate(expression, values);
  if (outcome.kind === 'undecided') return { kind: 'undecided', reason: outcome.reason };
  if (typeof outcome.value !== 'boolean') return { kind: 'undecided', reason: 'the expression is not a condition' };
  return { kind: outcome.value ? 'true' : 'false' };
}

/** Makes a JSON value of a record readable for expressions; `null` and fractions, which no record holds, are left out. */
export function valueOfJson(json: unknown): Value | undefined {
  if (typeof json === 'boolean' || typeof json === 'string') return json;
  if (typeof json === 'number') return Number.isSafeInteger(json) ? json : undefined;
  if (Array.isArray(json)) return json.map(valueOfJson).filter((value) => value !== undefined);
  if (typeof json !== 'object' || json === null) return undefined;
  const entries = Object.entries(json).flatMap(([key, each]): [string, Value][] => {
    const value = valueOfJson(each);
    return value === undefined ? [] : [[key, value]];
  });
  return new Map(entries);
}

type Step = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: string };

/** One evaluation; owner of its count of visited nodes. */
class Evaluation {
  cost = 0;

  visit(node: Node, values: ReadonlyMap<string, Value>): Step {
    this.cost += 1;
    if (this.cost > expressionNodesMax) return undecided(`more than ${expressionNodesMax} nodes`);
    switch (node.kind) {
      case 'literal':
        return decided(node.value);
      case 'name':
        return found(values.get(node.name), node.name);
      case 'field':
        return this.#field(node, values);
      case 'has':
        return this.#has(node, values);
      case 'list':
        return this.#list(node.items, values);
      case 'not':
        return this.#unary(node.operand, values, (value) => (typeof value === 'boolean' ? decided(!value) : mismatch('!')));
      case 'negate':
        return this.#unary(node.operand, values, (value) => (typeof value === 'number' ? decided(0 - value) : mismatch('-')));
      case 'and':
        return this.#untilDecisive([node.left, node.right], false, (each) => this.visit(each, values));
      case 'or':
        return this.#untilDecisive([node.left, node.right], true, (each) => this.visit(each, values));
      case 'choose':
        return this.#unary(node.condition, values, (value) =>
          typeof value === 'boolean' ? this.visit(value ? node.chosen : node.otherwise, values) : mismatch('?:'),
        );
      case 'binary':
        return this.#unary(node.left, values, (left) =>
          this.#unary(node.right, values, (right) => operate(node.operator, left, right)),
        );
      case 'call':
        return this.#unary(node.argument, values, (argument) => call(node.name, argument));
      case 'all':
      case 'exists':
        return this.#comprehend(node, values);
    }
  }

  #unary(operand: Node, values: ReadonlyMap<string, Value>, then: (value: Value) => Step): Step {
    const step = this.visit(operand, values);
    return step.ok ? then(step.value) : step;
  }

  #field(node: Extract<Node, { kind: 'field' }>, values: ReadonlyMap<string, Value>): Step {
    return this.#unary(node.of, values, (map) =>
      isMap(map) ? found(map.get(node.field), node.field) : mismatch(`.${node.field}`),
    );
  }

  #has(node: Extract<Node, { kind: 'has' }>, values: ReadonlyMap<string, Value>): Step {
    return this.#unary(node.of, values, (map) => (isMap(map) ? decided(map.has(node.field)) : mismatch('has')));
  }

  #list(items: readonly Node[], values: ReadonlyMap<string, Value>): Step {
    const made: Value[] = [];
    for (const item of items) {
      const step = this.visit(item, values);
      if (!step.ok) return step;
      made.push(step.value);
    }
    return decided(made);
  }

  #comprehend(node: Extract<Node, { kind: 'all' | 'exists' }>, values: ReadonlyMap<string, Value>): Step {
    return this.#unary(node.list, values, (list) => {
      if (!isList(list)) return mismatch(node.kind);
      const decisive = node.kind === 'exists';
      return this.#untilDecisive(list, decisive, (item) => this.visit(node.test, new Map(values).set(node.variable, item)));
    });
  }

  /** As CEL has it: one decisive operand decides, whatever the others are; without one, an error among them is the answer. */
  #untilDecisive<T>(operands: readonly T[], decisive: boolean, visit: (operand: T) => Step): Step {
    let error: Step | undefined;
    for (const operand of operands) {
      const step = visit(operand);
      if (step.ok && step.value === decisive) return step;
      if (!step.ok) error ??= step;
      else if (typeof step.value !== 'boolean') error ??= mismatch(decisive ? '||' : '&&');
    }
    return error ?? decided(!decisive);
  }
}

function operate(operator: BinaryOperator, left: Value, right: Value): Step {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=': {
      const same = equal(left, right);
      return same.ok ? decided(same.value === false) : same;
    }
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(operator, left, right);
    case '+':
    case '-':
    case '*':
      return calculate(operator, left, right);
    case 'in':
      return member(left, right);
  }
}

/** Equality of two values of one type; two types have no equality here, as CEL's type checker has it. */
function equal(left: Value, right: Value): Step {
  if (left instanceof Timestamp && right instanceof Timestamp) return decided(left.timeMs === right.timeMs);
  if (left instanceof Duration && right instanceof Duration) return decided(left.lengthMs === right.lengthMs);
  if (typeof left !== 'object' && typeof left === typeof right) return decided(left === right);
  if (isList(left) && isList(right)) return equalLists(left, right);
  return mismatch('==');
}

function equalLists(left: readonly Value[], right: readonly Value[]): Step {
  if (left.length !== right.length) return decided(false);
  for (const [position, item] of left.entries()) {
    const same = equal(item, right[position] ?? false);
    if (!same.ok || same.value === false) return same;
  }
  return decided(true);
}

function member(item: Value, container: Value): Step {
  if (isMap(container)) return typeof item === 'string' ? decided(container.has(item)) : mismatch('in');
  if (!isList(container)) return mismatch('in');
  const steps = container.map((each) => equal(item, each));
  return steps.find((step) => step.ok && step.value === true) ?? steps.find((step) => !step.ok) ?? decided(false);
}

function compare(operator: '<' | '<=' | '>' | '>=', left: Value, right: Value): Step {
  const order = orderOf(left, right);
  if (order === undefined) return mismatch(operator);
  if (order === 0) return decided(operator === '<=' || operator === '>=');
  return decided(order < 0 === (operator === '<' || operator === '<='));
}

function orderOf(left: Value, right: Value): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (left instanceof Timestamp && right instanceof Timestamp) return left.timeMs - right.timeMs;
  if (left instanceof Duration && right instanceof Duration) return left.lengthMs - right.lengthMs;
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return typeof left === 'string' && typeof right === 'string' ? orderOfTexts(left, right) : undefined;
}

/** By code points, as CEL has it; JavaScript's own order is by UTF-16 code units. */
function orderOfTexts(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  const position = a.findIndex((each, index) => each !== b[index]);
  if (position === -1) return a.length - b.length;
  return (a[position]?.codePointAt(0) ?? -1) - (b[position]?.codePointAt(0) ?? -1);
}

function calculate(operator: '+' | '-' | '*', left: Value, right: Value): Step {
  if (typeof left === 'number' && typeof right === 'number') return integer(arithmetic(operator, left, right));
  if (operator === '*') return mismatch('*');
  const sign = operator === '+' ? 1 : -1;
  if (left instanceof Timestamp && right instanceof Duration) return timestamp(left.timeMs + sign * right.lengthMs);
  if (left instanceof Duration && right instanceof Duration) return duration(left.lengthMs + sign * right.lengthMs);
  if (left instanceof Timestamp && right instanceof Timestamp && sign === -1) return duration(left.timeMs - right.timeMs);
  if (left instanceof Duration && right instanceof Timestamp && sign === 1) return timestamp(left.lengthMs + right.timeMs);
  return mismatch(operator);
}

function arithmetic(operator: '+' | '-' | '*', left: number, right: number): number {
  if (operator === '+') return left + right;
  return operator === '-' ? left - right : left * right;
}

function call(name: UnaryFunction, argument: Value): Step {
  switch (name) {
    case 'size':
      if (typeof argument === 'string') return decided(Array.from(argument).length);
      if (isList(argument)) return decided(argument.length);
      return isMap(argument) ? decided(argument.size) : mismatch('size');
    case 'timestamp':
      return typeof argument === 'string' ? timestampOfText(argument) : mismatch('timestamp');
    case 'duration':
      return typeof argument === 'string' ? durationOfText(argument) : mismatch('duration');
  }
}

function timestampOfText(text: string): Step {
  const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/.test(text);
  const timeMs = utc ? Date.parse(text) : Number.NaN;
  // Date.parse takes 30 February for 1 March; what does not come back is not a date.
  if (Number.isNaN(timeMs) || !new Date(timeMs).toISOString().startsWith(text.slice(0, 19)))
    return undecided(`${JSON.stringify(text)} is not a time in UTC`);
  return timestamp(timeMs);
}

function durationOfText(text: string): Step {
  const parts = /^(-?)(?:(\d{1,7})h)?(?:(\d{1,9})m)?(?:(\d{1,11})s)?$/.exec(text);
  if (parts === null || !/\d/.test(text))
    return undecided(`${JSON.stringify(text)} is not a duration in hours, minutes and seconds`);
  const [hours, minutes, seconds] = [parts[2], parts[3], parts[4]].map((digits) => Number(digits ?? 0));
  const lengthMs = (((hours ?? 0) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)) * 1000;
  return duration(parts[1] === '-' ? 0 - lengthMs : lengthMs);
}

/** The range of CEL's timestamps: the years 1 to 9999. */
function timestamp(timeMs: number): Step {
  if (timeMs < -62_135_596_800_000 || timeMs > 253_402_300_799_999) return undecided('a time outside the years 1 to 9999');
  return decided(new Timestamp(timeMs));
}

/** The range of CEL's durations: what 63 bits of nanoseconds hold, some 292 years. */
function duration(lengthMs: number): Step {
  return Math.abs(lengthMs) > 9_223_372_036_854 ? undecided('a duration beyond 292 years') : decided(new Duration(lengthMs));
}

function integer(value: number): Step {
  return Number.isSafeInteger(value) ? decided(value + 0) : undecided('an integer beyond ±(2^53−1)');
}

function found(value: Value | undefined, name: string): Step {
  return value === undefined ? undecided(`${name} is missing`) : decided(value);
}

function mismatch(operator: string): Step {
  return undecided(`${operator} does not apply to values of these types`);
}

function decided(value: Value): Step {
  return { ok: true, value };
}

function undecided(reason: string): Step {
  return { ok: false, reason };
}

function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
