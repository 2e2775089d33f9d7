import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { EventData } from 'node:test';
import { root } from '#test/run/test-files.ts';
import { kernelRooms } from '#test/tidy/rooms.ts';
import { isNode, linesOf, nodesOf, parseSource } from '#test/tidy/source-file.ts';

export type CoverageSummary = EventData.TestCoverage['summary'];

/** The share of the kernel's lines that tests must run, in percent. */
export const kernelLinesPercentMin = 95;
export const kernelGlobs: readonly string[] = kernelRooms.map((room) => `src/${room}/**/*.ts`);

interface FileCoverage {
  readonly path: string;
  readonly lines: number;
  readonly covered: number;
}

export interface KernelCoverage {
  readonly percent: number;
  readonly text: string;
}

/** The line coverage of the kernel's files. A file that no test has loaded counts in full, with no line covered. */
export function kernelCoverage(summary: CoverageSummary): KernelCoverage {
  const measured = new Map(summary.files.map((file) => [relative(root, file.path), file]));
  const files = globSync([...kernelGlobs], { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .toSorted()
    .map((path): FileCoverage => {
      const found = measured.get(path);
      return { path, lines: found?.totalLineCount ?? linesThatRun(path), covered: found?.coveredLineCount ?? 0 };
    });
  const rooms = kernelRooms.map(
    (room) => `  ${room.padEnd(7)} ${percentText(files.filter((file) => file.path.startsWith(`src/${room}/`)))}`,
  );
  const low = files
    .filter((file) => percentOf([file]) < kernelLinesPercentMin)
    .map((file) => `    ${percentText([file])}  ${file.path}`);
  return {
    percent: percentOf(files),
    text: ['line coverage of the kernel', ...rooms, `  all     ${percentText(files)}`, ...low].join('\n'),
  };
}

/** Zero for a file that holds nothing but types and so is never loaded. */
function linesThatRun(path: string): number {
  const file = parseSource(path, readFileSync(join(root, path), 'utf8'));
  const onlyTypes = nodesOf(file)
    .filter(({ parent, key }) => parent?.type === 'Program' && key === 'body')
    .every(({ node }) => isTypeStatement(node) || isTypeStatement(node['declaration']) || node['importKind'] === 'type');
  return onlyTypes ? 0 : linesOf(file);
}

function isTypeStatement(node: unknown): boolean {
  return isNode(node) && (node.type === 'TSInterfaceDeclaration' || node.type === 'TSTypeAliasDeclaration');
}

function percentOf(files: readonly FileCoverage[]): number {
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const covered = files.reduce((sum, file) => sum + file.covered, 0);
  return lines === 0 ? 100 : (100 * covered) / lines;
}

function percentText(files: readonly FileCoverage[]): string {
  return `${percentOf(files).toFixed(2).padStart(6)} %`;
}
