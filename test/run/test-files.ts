import { globSync } from 'node:fs';
import { join } from 'node:path';

export const root: string = join(import.meta.dirname, '..', '..');

/** The test files in the order in which they are run, as paths from the root of the project. */
export interface TestFiles {
  /** Beside the code and quick: the inner loop runs these. */
  readonly unit: readonly string[];
  /** Beside the code and slow. */
  readonly slow: readonly string[];
  /** Of several rooms together: federation, golden files, browser, interop, tidy. */
  readonly whole: readonly string[];
}

export function findTestFiles(): TestFiles {
  const beside = globSync('src/**/*.test.ts', { cwd: root }).toSorted();
  const isSlow = (path: string): boolean => path.endsWith('.slow.test.ts');
  return {
    unit: beside.filter((path) => !isSlow(path)),
    slow: beside.filter(isSlow),
    whole: globSync('test/**/*.test.ts', { cwd: root }).toSorted(),
  };
}
