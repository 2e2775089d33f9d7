import {
  type Fault,
  faultAt,
  isNode,
  isTest,
  nameOf,
  nodesOf,
  type SourceFile,
  type SyntaxNode,
} from '#test/tidy/source-file.ts';

/** A text file of the project, code or not. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

// Written so that this file does not hold what it looks for.
const machinePath = /(?<![\w.-])\/(?:work|root|farm)\/|\.\.\/shared\//g;
const unfinished = /\b(?:TO[D]O|FIX[M]E|X{3})\b|@ts-(?:ignore|nocheck|expect-error)/g;
const lintOff = /(?:oxlint|eslint)-disable(?!.* -- \S)|biome-ignore(?!.*: \S)/g;

const testFunctions = new Set(['test', 'it', 'describe', 'suite', 't', 'context']);
const partialRuns = new Set(['only', 'skip', 'todo']);

/** Mentions of places that exist on one machine only. */
export function machinePathFaults(file: TextFile): readonly Fault[] {
  return matches(file, machinePath).map(({ line, found }) => `${file.path}:${line}  '${found}' is a place on one machine`);
}

/** Marks of work put off, and checks switched off without a reason. */
export function unfinishedFaults(file: TextFile): readonly Fault[] {
  return [
    ...matches(file, unfinished).map(({ line, found }) => `${file.path}:${line}  '${found}': do it now, or file it`),
    ...matches(file, lintOff).map(({ line, found }) => `${file.path}:${line}  '${found}' without a reason (write -- and why)`),
  ];
}

function matches(file: TextFile, pattern: RegExp): readonly { readonly line: number; readonly found: string }[] {
  return file.text
    .split('\n')
    .flatMap((text, index) => [...text.matchAll(pattern)].map(([found]) => ({ line: index + 1, found })));
}

/** Tests that do not run, or that keep others from running. */
export function partialTestFaults(file: SourceFile): readonly Fault[] {
  if (!isTest(file)) return [];
  const calls = nodesOf(file).flatMap(({ node }) => (node.type === 'CallExpression' ? [node] : []));
  return calls
    .map((call) => ({ call, word: partialWord(call) }))
    .filter(({ word }) => word !== undefined)
    .map(({ call, word }) => faultAt(file, call.start, `'${word}': every test runs, on every machine`));
}

function partialWord(call: SyntaxNode): string | undefined {
  const { callee } = call;
  if (isNode(callee) && callee.type === 'MemberExpression') {
    const word = nameOf(callee['property']) ?? '';
    return testFunctions.has(nameOf(callee['object']) ?? '') && partialRuns.has(word) ? word : undefined;
  }
  if (!testFunctions.has(nameOf(callee) ?? '')) return undefined;
  const options = [call['arguments']].flat().filter((argument) => isNode(argument) && argument.type === 'ObjectExpression');
  return options.flatMap((option) => (isNode(option) ? keysOf(option) : [])).find((key) => partialRuns.has(key));
}

function keysOf(object: SyntaxNode): readonly string[] {
  return [object['properties']].flat().flatMap((property) => (isNode(property) ? [nameOf(property['key']) ?? ''] : []));
}
