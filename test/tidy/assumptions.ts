import { type Fault, isNode, nameOf, nodesOf, type SourceFile, type SyntaxNode } from '#test/tidy/source-file.ts';

const page = 'spec/assumptions.md';

/**
 * Faults of the numbered assumptions. Each starts a line with its number and a full stop, numbers follow one another from 1, and each names
 * at least one test that pins it: the file in backticks, then the title in straight quotes, as in `src/log/tree.test.ts` "the title".
 */
export function assumptionFaults(markdown: string, tests: readonly SourceFile[]): readonly Fault[] {
  const titles = new Map(tests.map((file) => [file.path, testTitles(file)]));
  const assumptions = [...markdown.matchAll(/^(\d+)\. [^\n]*(?:\n(?!\d+\. |\s*\n|#)[^\n]*)*/gm)];
  if (assumptions.length === 0) return [`${page} has no numbered assumption`];
  return assumptions.flatMap(([text, number], index) => {
    const place = `${page}, ${number}:`;
    const order = Number(number) === index + 1 ? [] : [`${place} expected the number ${index + 1}`];
    const named = [...text.replaceAll(/\s+/g, ' ').matchAll(/`([^`]+\.test\.ts)`\)? "([^"]+)"/g)];
    if (named.length === 0) return [...order, `${place} names no test (\`path.test.ts\` "title")`];
    return [...order, ...named.flatMap(([, path = '', title = '']) => namedTestFault(titles, { place, path, title }))];
  });
}

interface NamedTest {
  readonly place: string;
  readonly path: string;
  readonly title: string;
}

function namedTestFault(titles: ReadonlyMap<string, ReadonlySet<string>>, { place, path, title }: NamedTest): readonly Fault[] {
  const found = titles.get(path);
  if (found === undefined) return [`${place} there is no test file ${path}`];
  return found.has(title) ? [] : [`${place} ${path} has no test "${title}"`];
}

/** The titles of a file's tests; in a title made from a template, each `${…}` is written as `…`. */
function testTitles(file: SourceFile): ReadonlySet<string> {
  const calls = nodesOf(file).filter(({ node }) => node.type === 'CallExpression' && isTestFunction(node['callee']));
  return new Set(calls.map(({ node }) => titleText([node['arguments']].flat()[0])).filter((title) => title !== undefined));
}

function isTestFunction(callee: unknown): boolean {
  if (['test', 'it', 'describe', 'suite'].includes(nameOf(callee) ?? '')) return true;
  return isNode(callee) && callee.type === 'MemberExpression' && nameOf(callee['property']) === 'test';
}

function titleText(argument: unknown): string | undefined {
  if (!isNode(argument)) return undefined;
  if (argument.type === 'Literal') return String(argument['value']);
  if (argument.type !== 'TemplateLiteral') return undefined;
  return [argument['quasis']].flat().filter(isNode).map(cookedText).join('…');
}

function cookedText(quasi: SyntaxNode): string {
  const { value } = quasi;
  return typeof value === 'object' && value !== null && 'cooked' in value ? String(value.cooked) : '';
}
