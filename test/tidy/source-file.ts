import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ParseResult, parseSync, visitorKeys } from 'oxc-parser';
import { root } from '#test/run/test-files.ts';

/** One file of the project's code, read and parsed. */
export interface SourceFile {
  /** From the root of the project, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly syntax: ParseResult;
}

/** A node of the syntax tree (ESTree), with its place in its parent. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

export interface NodePlace {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode | undefined;
  /** The parent's property that holds the node. */
  readonly key: string;
}

/** Something that a rule of the code does not allow, as `path:line  what is wrong and what to do`. */
export type Fault = string;

/** Every TypeScript and JavaScript file of the project. */
export function readSourceFiles(): readonly SourceFile[] {
  return globSync('{src,test,bench,bin}/**/*.{ts,tsx,mjs}', { cwd: root, exclude: (name) => name.includes('node_modules') })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
}

/** Parses one file; throws if its syntax is wrong, since no rule could then be trusted. */
export function parseSource(path: string, text: string): SourceFile {
  const syntax = parseSync(path, text);
  const [error] = syntax.errors;
  if (error !== undefined) throw new Error(`${path} does not parse: ${error.message}`);
  return { path, text, syntax };
}

export function isTest(file: SourceFile): boolean {
  return file.path.endsWith('.test.ts');
}

/** `base` for `src/base/bytes.ts`; undefined outside `src/`. */
export function roomOf(file: SourceFile): string | undefined {
  const [top, room] = file.path.split('/');
  return top === 'src' ? room : undefined;
}

export function linesOf(file: SourceFile): number {
  return file.text.replace(/\n$/, '').split('\n').length;
}

export function faultAt(file: SourceFile, offset: number, message: string): Fault {
  return `${file.path}:${file.text.slice(0, offset).split('\n').length}  ${message}`;
}

/** Every node of the file, parents before children. */
export function nodesOf(file: SourceFile): readonly NodePlace[] {
  const places: NodePlace[] = [];
  const visit = (place: NodePlace): void => {
    places.push(place);
    for (const key of visitorKeys[place.node.type] ?? []) {
      for (const child of [place.node[key]].flat()) if (isNode(child)) visit({ node: child, parent: place.node, key });
    }
  };
  const program: unknown = file.syntax.program;
  if (isNode(program)) visit({ node: program, parent: undefined, key: '' });
  return places;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** The name of an identifier, or undefined for any other value. */
export function nameOf(value: unknown): string | undefined {
  return isNode(value) && value.type === 'Identifier' && typeof value['name'] === 'string' ? value['name'] : undefined;
}

/** Where a file imports or re-exports from: the specifier and its offset. Specifiers that are computed come as `undefined`. */
export function importsOf(file: SourceFile): readonly { readonly specifier: string | undefined; readonly offset: number }[] {
  const { staticImports, staticExports, dynamicImports } = file.syntax.module;
  const requests = [
    ...staticImports.map((one) => one.moduleRequest),
    ...staticExports.flatMap((one) => one.entries.map((entry) => entry.moduleRequest).filter((request) => request !== null)),
  ];
  const computed = dynamicImports.map(({ moduleRequest: { start, end } }) => {
    const literal = /^['"](.*)['"]$/.exec(file.text.slice(start, end));
    return { specifier: literal?.[1], offset: start };
  });
  return [...requests.map(({ value, start }) => ({ specifier: value, offset: start })), ...computed];
}
