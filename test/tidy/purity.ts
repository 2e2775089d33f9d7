import { isPure } from '#test/tidy/rooms.ts';
import {
  type Fault,
  faultAt,
  isNode,
  type NodePlace,
  nameOf,
  nodesOf,
  type SourceFile,
  type SyntaxNode,
} from '#test/tidy/source-file.ts';

/** Globals by which a pure room would reach a clock, chance or the world. */
const worldly = new Set(
  (
    'process fetch setTimeout setInterval setImmediate queueMicrotask performance crypto navigator console globalThis global self ' +
    'window document Buffer require eval Function WebSocket EventSource XMLHttpRequest Worker localStorage sessionStorage indexedDB'
  ).split(' '),
);
/** What of `Date` and `Temporal` reads no clock. */
const clocklessDate = new Set(['parse', 'UTC']);

/** Places where a pure room reaches for a clock, chance or the world instead of having them handed in. */
export function purityFaults(file: SourceFile): readonly Fault[] {
  if (!isPure(file)) return [];
  const places = nodesOf(file);
  const declared = new Set([...places.filter(isDeclaration).map(({ node }) => nameOf(node)), ...places.flatMap(namesInPattern)]);
  return places.flatMap((place) => {
    const name = nameOf(place.node);
    if (name === undefined || declared.has(name) || !isReference(place)) return [];
    const reached = reachOf(name, place);
    return reached === undefined
      ? []
      : [faultAt(file, place.node.start, `a pure room does not reach for ${reached}: have it handed in`)];
  });
}

/** What a reference to a global reaches for, or undefined if that is harmless. */
function reachOf(name: string, { node, parent }: NodePlace): string | undefined {
  if (worldly.has(name)) return name;
  const member = memberOf(node, parent);
  if (name === 'Math') return member === undefined || member === 'random' ? 'Math.random' : undefined;
  if (name === 'Temporal') return member === undefined || member === 'Now' ? 'Temporal.Now' : undefined;
  if (name !== 'Date') return undefined;
  const ofGivenTime = parent?.type === 'NewExpression' && parent['callee'] === node && [parent['arguments']].flat().length > 0;
  return ofGivenTime || clocklessDate.has(member ?? '') ? undefined : 'the clock by Date';
}

/** `now` for the node `Date` in `Date.now`; undefined where the name of the member is computed or there is none. */
function memberOf(node: SyntaxNode, parent: NodePlace['parent']): string | undefined {
  if (parent?.type !== 'MemberExpression' || parent['object'] !== node || parent['computed'] === true) return undefined;
  return nameOf(parent['property']);
}

const valueKeysOfTypeNodes = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSInstantiationExpression',
]);
const keyed = new Set(['Property', 'MethodDefinition', 'PropertyDefinition', 'AccessorProperty']);

/** Whether an identifier stands for a value, rather than for a type, a key or a member. */
function isReference({ parent, key }: NodePlace): boolean {
  if (parent === undefined) return false;
  if (parent.type.startsWith('TS')) return valueKeysOfTypeNodes.has(parent.type) && key === 'expression';
  if (parent.type === 'MemberExpression') return key === 'object' || parent['computed'] === true;
  if (keyed.has(parent.type)) return key === 'value' || parent['computed'] === true;
  return !parent.type.startsWith('Import') && !parent.type.startsWith('ExportSpecifier');
}

/** Whether an identifier is where a name is given: a variable, parameter, function, class, import or part of a pattern. */
function isDeclaration({ node, parent, key }: NodePlace): boolean {
  if (nameOf(node) === undefined || !isNode(parent)) return false;
  switch (key) {
    case 'id':
    case 'params':
    case 'param':
    case 'local':
      return !parent.type.startsWith('TS') && parent.type !== 'ExportSpecifier';
    case 'left':
      return parent.type === 'AssignmentPattern';
    case 'argument':
      return parent.type === 'RestElement';
    case 'elements':
      return parent.type === 'ArrayPattern';
    default:
      return false;
  }
}

/** The names that an object pattern such as `{ fetch, now: clock }` gives. */
function namesInPattern({ node }: NodePlace): readonly (string | undefined)[] {
  if (node.type !== 'ObjectPattern') return [];
  return [node['properties']].flat().map((property) => (isNode(property) ? nameOf(property['value']) : undefined));
}
