import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { agreementListMax, expressionNodesMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';

/**
 * One expression of an agreement, in the subset of CEL that `spec/agreement.md` 4 lists. Only `parseExpression` makes one: its
 * operators are of the subset, its names are known, and its cost has a bound before it is ever evaluated.
 */
export interface Expression {
  readonly source: string;
  readonly root: Node;
  /** Nodes that an evaluation visits at most. */
  readonly costMax: number;
}

export type BinaryOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | 'in';
export type UnaryFunction = 'size' | 'timestamp' | 'duration';

/** The subset as a tree of our own, so that what is evaluated does not depend on the library that parsed it. */
export type Node =
  | { readonly kind: 'literal'; readonly value: boolean | number | string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'field'; readonly of: Node; readonly field: string }
  | { readonly kind: 'has'; readonly of: Node; readonly field: string }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'not'; readonly operand: Node }
  | { readonly kind: 'negate'; readonly operand: Node }
  | { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'choose'; readonly condition: Node; readonly chosen: Node; readonly otherwise: Node }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly left: Node; readonly right: Node }
  | { readonly kind: 'call'; readonly name: UnaryFunction; readonly argument: Node }
  | { readonly kind: 'all' | 'exists'; readonly list: Node; readonly variable: string; readonly test: Node };

const sourceLengthMax = 2_000;
const nestingMax = 32;
const environment = new Environment({
  limits: {
    maxAstNodes: expressionNodesMax,
    maxDepth: nestingMax,
    maxListElements: agreementListMax,
    maxMapEntries: 0,
    maxCallArguments: 2,
  },
});

/** What an expression may speak of, and what bounds its cost. */
export interface Vocabulary {
  /** The variables it may use. */
  readonly names: readonly string[];
  /** Lengths of lists that are known beforehand, by their path, such as `param.sectors`; any other may be as long as a list may be. */
  readonly lengths: ReadonlyMap<string, number>;
}

/**
 * Reads an expression. Refused with `agreement.expression`: what the subset does not list, an unknown name, a cost that could
 * exceed the limit.
 */
export function parseExpression(source: string, { names, lengths }: Vocabulary): Result<Expression> {
  if (source.length > sourceLengthMax) return refuse('agreement.expression', `longer than ${sourceLengthMax} characters`);
  const parsed = astOf(source);
  if (!parsed.ok) return parsed;
  try {
    const root = narrow(parsed.value, new Set(names));
    const costMax = costOf(root, lengths);
    if (costMax > expressionNodesMax) {
      return refuse('agreement.expression', `may visit ${costMax} nodes; at most ${expressionNodesMax} are allowed`, { costMax });
    }
    return accept({ source, root, costMax });
  } catch (thrown) {
    if (thrown instanceof OutsideSubset) return refuse('agreement.expression', thrown.message, { position: thrown.position });
    throw thrown;
  }
}

function astOf(source: string): Result<ASTNode> {
  try {
    return accept(environment.parse(source).ast);
  } catch (thrown) {
    const [reason] = thrown instanceof Error ? thrown.message.split('\n') : ['not an expression'];
    return refuse('agreement.expression', `is not CEL: ${reason ?? ''}`);
  }
}

/** Carries a finding out of the recursive walk to `parseExpression`, which alone throws and catches it. */
class OutsideSubset extends Error {
  readonly position: number;

  constructor(what: string, node: ASTNode) {
    super(`${what} is not in the subset of CEL that agreements may use`);
    this.position = node.start;
  }
}

function narrow(node: ASTNode, names: ReadonlySet<string>): Node {
  switch (node.op) {
    case 'value':
      return literalOf(node.args, node);
    case 'id':
      if (!names.has(node.args)) throw new OutsideSubset(`the name ${node.args}`, node);
      return { kind: 'name', name: node.args };
    case '.':
      return { kind: 'field', of: narrow(node.args[0], names), field: node.args[1] };
    case 'list':
      return { kind: 'list', items: node.args.map((item) => narrow(item, names)) };
    case '!_':
      return { kind: 'not', operand: narrow(node.args, names) };
    case '-_':
      return { kind: 'negate', operand: narrow(node.args, names) };
    case '&&':
    case '||':
      return { kind: node.op === '&&' ? 'and' : 'or', left: narrow(node.args[0], names), right: narrow(node.args[1], names) };
    case '?:': {
      const [condition, chosen, otherwise] = node.args;
      return {
        kind: 'choose',
        condition: narrow(condition, names),
        chosen: narrow(chosen, names),
        otherwise: narrow(otherwise, names),
      };
    }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case '+':
    case '-':
    case '*':
    case 'in':
      return { kind: 'binary', operator: node.op, left: narrow(node.args[0], names), right: narrow(node.args[1], names) };
    case 'call':
      return narrowCall(node, names);
    case 'rcall':
      return narrowComprehension(node, names);
    case '/':
    case '%':
    case '[]':
    case '[?]':
    case '.?':
    case 'map':
      throw new OutsideSubset(`the operator ${node.op}`, node);
  }
}

function literalOf(value: unknown, node: ASTNode): Node {
  if (typeof value === 'boolean' || typeof value === 'string') return { kind: 'literal', value };
  if (typeof value !== 'bigint') throw new OutsideSubset('a literal other than text, an integer or a truth value', node);
  const integer = Number(value);
  if (!Number.isSafeInteger(integer)) throw new OutsideSubset('an integer beyond ±(2^53−1)', node);
  return { kind: 'literal', value: integer };
}

function narrowCall(node: Extract<ASTNode, { op: 'call' }>, names: ReadonlySet<string>): Node {
  const [name, [argument, ...more]] = node.args;
  if (argument === undefined || more.length > 0) throw new OutsideSubset(`${name} with ${node.args[1].length} arguments`, node);
  if (name === 'has') {
    if (argument.op !== '.') throw new OutsideSubset('has of anything but a field', node);
    return { kind: 'has', of: narrow(argument.args[0], names), field: argument.args[1] };
  }
  if (name === 'size' || name === 'timestamp' || name === 'duration')
    return { kind: 'call', name, argument: narrow(argument, names) };
  throw new OutsideSubset(`the function ${name}`, node);
}

function narrowComprehension(node: Extract<ASTNode, { op: 'rcall' }>, names: ReadonlySet<string>): Node {
  const [name, list, [variable, test, ...more]] = node.args;
  if (name !== 'all' && name !== 'exists') throw new OutsideSubset(`the method ${name}`, node);
  if (variable?.op !== 'id' || test === undefined || more.length > 0) throw new OutsideSubset(`${name} in this form`, node);
  if (names.has(variable.args)) throw new OutsideSubset(`${name} over a name that is taken, ${variable.args},`, node);
  const within = new Set([...names, variable.args]);
  return { kind: name, list: narrow(list, names), variable: variable.args, test: narrow(test, within) };
}

/** Counts each node once, and the test of `all` and `exists` as often as its list may be long. */
function costOf(node: Node, lengths: ReadonlyMap<string, number>): number {
  switch (node.kind) {
    case 'literal':
    case 'name':
      return 1;
    case 'field':
    case 'has':
      return 1 + costOf(node.of, lengths);
    case 'list':
      return node.items.reduce((sum, item) => sum + costOf(item, lengths), 1);
    case 'not':
    case 'negate':
      return 1 + costOf(node.operand, lengths);
    case 'and':
    case 'or':
    case 'binary':
      return 1 + costOf(node.left, lengths) + costOf(node.right, lengths);
    case 'choose':
      return 1 + costOf(node.condition, lengths) + Math.max(costOf(node.chosen, lengths), costOf(node.otherwise, lengths));
    case 'call':
      return 1 + costOf(node.argument, lengths);
    case 'all':
    case 'exists':
      return 1 + costOf(node.list, lengths) + boundOf(node.list, lengths) * costOf(node.test, lengths);
  }
}

function boundOf(list: Node, lengths: ReadonlyMap<string, number>): number {
  if (list.kind === 'list') return list.items.length;
  return lengths.get(pathOf(list) ?? '') ?? agreementListMax;
}

/** The dotted path of a name and its fields, such as `param.sectors`. */
function pathOf(node: Node): string | undefined {
  if (node.kind === 'name') return node.name;
  if (node.kind !== 'field') return undefined;
  const of = pathOf(node.of);
  return of === undefined ? undefined : `${of}.${node.field}`;
}
