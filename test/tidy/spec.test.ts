// The pages of spec/ and the code say the same.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import * as limits from '#base/limits.ts';
import { clauseOf, refusalCodes } from '#base/refusal-codes.ts';
import { root } from '#test/run/test-files.ts';
import { assumptionFaults } from '#test/tidy/assumptions.ts';
import { isTest, parseSource, readSourceFiles } from '#test/tidy/source-file.ts';
import { clauseFaults, limitFaults, refusalFaults } from '#test/tidy/spec-tables.ts';

function readPage(name: string): string {
  return readFileSync(join(root, 'spec', name), 'utf8');
}

function assertNone(faults: readonly string[]): void {
  assert.equal(faults.length, 0, `\n${faults.join('\n')}\n`);
}

test('a limit that is missing, wrong, twice, without meaning or of no code is found', () => {
  const code = new Map([['leavesMax', 4096]]);
  const faultsIn = (...rows: readonly string[]): number =>
    limitFaults(['| name | value | meaning |', '|---|---|---|', ...rows].join('\n'), code).length;
  const good = '| `leavesMax` | 4,096 | Leaves in one delivery. |';
  assert.equal(faultsIn(good), 0);
  assert.equal(faultsIn(), 1);
  assert.equal(faultsIn(good.replace('4,096', '4,095')), 1);
  assert.equal(faultsIn(good, good), 1);
  assert.equal(faultsIn('| `leavesMax` | 4,096 | |'), 1);
  assert.equal(faultsIn(good, '| `nodesMax` | 1 | Nodes of a tree. |'), 1);
});

test('a refusal with another clause than the code is found', () => {
  const code = new Map([['log.fork', 'log 9']]);
  assert.deepEqual(refusalFaults('| `log.fork` | log 9 | Two roots of one size. |', code), []);
  assert.equal(refusalFaults('| `log.fork` | log 8 | Two roots of one size. |', code).length, 1);
});

test('a clause without its page or its heading is found', () => {
  const pages = new Map([['log', '# Log\n\n## 9. Forks\n']]);
  assert.deepEqual(clauseFaults(['log 9'], pages), []);
  assert.equal(clauseFaults(['log 8'], pages).length, 1);
  assert.equal(clauseFaults(['keys 1'], pages).length, 1);
});

test('an assumption without a number in order, a test, its file or its title is found', () => {
  const tests = [
    parseSource('src/log/a.test.ts', "test('it\\'s so', () => {});\nfor (const a of b) test(`${a}: holds`, () => {});"),
  ];
  const faultsIn = (markdown: string): number => assumptionFaults(markdown, tests).length;
  const good = '1. So it is. `src/log/a.test.ts` "it\'s so"\n2. Holds,\n   for each. (`src/log/a.test.ts` "…: holds")\n';
  assert.equal(faultsIn(good), 0);
  assert.equal(faultsIn('# Assumptions\n'), 1);
  assert.equal(faultsIn(good.replace('2.', '3.')), 1);
  assert.equal(faultsIn(good.replace("it's", 'it is')), 1);
  assert.equal(faultsIn(good.replace('a.test.ts', 'b.test.ts')), 1);
  assert.equal(faultsIn(`${good}3. Nothing pins this.\n`), 1);
});

test('spec/limits.md has every limit with its value', () => {
  assertNone(limitFaults(readPage('limits.md'), new Map(Object.entries(limits))));
});

test('spec/refusals.md has every refusal code with its clause', () => {
  assertNone(refusalFaults(readPage('refusals.md'), new Map(refusalCodes.map((code) => [code, clauseOf(code)]))));
});

test('every clause that a refusal rests on is in spec/', () => {
  const pages = globSync('spec/*.md', { cwd: root }).map((path) => [basename(path, '.md'), readPage(basename(path))] as const);
  assertNone(clauseFaults(refusalCodes.map(clauseOf), new Map(pages)));
});

test('every assumption is pinned by a test', () => {
  assertNone(assumptionFaults(readPage('assumptions.md'), readSourceFiles().filter(isTest)));
});
