// Each rule of the code is shown to find what it looks for before it is believed about the project.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machinePathFaults, partialTestFaults, unfinishedFaults } from '#test/tidy/leftovers.ts';
import { purityFaults } from '#test/tidy/purity.ts';
import { importFaults, roomlessFaults } from '#test/tidy/rooms.ts';
import { barrelFaults, defaultExportFaults, kernelSizeFaults, nameFaults, sizeFaults } from '#test/tidy/shape.ts';
import { type Fault, parseSource, type SourceFile } from '#test/tidy/source-file.ts';

type Rule = (file: SourceFile) => readonly Fault[];

/** Asserts that the rule finds one fault in each bad line of code, and none in the good ones, at the path. */
function judge(rule: Rule, path: string, { bad, good }: { bad: readonly string[]; good: readonly string[] }): void {
  for (const text of bad) assert.equal(rule(parseSource(path, text)).length, 1, `not found in ${path}: ${text}`);
  for (const text of good) assert.deepEqual(rule(parseSource(path, text)), [], `wrongly found in ${path}: ${text}`);
}

test('imports point downwards', () => {
  judge(importFaults, 'src/record/sample.ts', {
    bad: [
      "import { a } from '#log/a.ts';",
      "import type { A } from '#centre/a.ts';",
      "export { a } from '#cli/a.ts';",
      "import { a } from '#nowhere/a.ts';",
      "import { a } from '../base/a.ts';",
      "import { a } from './../base/a.ts';",
    ],
    good: ["import { a } from '#base/a.ts';", "import { a } from '#record/a.ts';", "import { a } from './a.ts';"],
  });
});

test('the console does not import the centre, and all above may import it', () => {
  judge(importFaults, 'src/console/sample.ts', {
    bad: ["import { a } from '#centre/a.ts';", "const a = await import('#centre/a.ts');"],
    good: ["import { a } from '#log/a.ts';", "import { a } from 'react';"],
  });
  judge(importFaults, 'src/cli/sample.ts', { bad: [], good: ["import { a } from '#centre/a.ts';"] });
});

test('the kernel imports no package but the cryptography', () => {
  judge(importFaults, 'src/log/sample.ts', {
    bad: ["import { a } from 'fastify';"],
    good: ["import { a } from '@noble/hashes/sha2.js';"],
  });
  judge(importFaults, 'src/log/sample.test.ts', { bad: [], good: ["import fc from 'fast-check';"] });
});

test('pure rooms import nothing of Node.js but in tests and in the native engine', () => {
  const bad = ["import { a } from 'node:fs';", "import { a } from 'fs';", 'const a = await import(b);'];
  judge(importFaults, 'src/ledger/sample.ts', { bad, good: [] });
  judge(importFaults, 'src/centre/sample.ts', { bad: ["import { a } from 'fs';"], good: ["import { a } from 'node:fs';"] });
  judge(importFaults, 'src/ledger/sample.test.ts', { bad: [], good: ["import { a } from 'node:fs';"] });
  judge(importFaults, 'src/crypto/native.ts', { bad: [], good: ["import { a } from 'node:crypto';"] });
});

test('every file of src/ is in a room', () => {
  judge(roomlessFaults, 'src/attic/sample.ts', { bad: ['const a = 1;'], good: [] });
  judge(roomlessFaults, 'src/base/sample.ts', { bad: [], good: ['const a = 1;'] });
  judge(roomlessFaults, 'test/attic/sample.ts', { bad: [], good: ['const a = 1;'] });
});

test('pure rooms have no clock, chance or world of their own', () => {
  const bad = [
    'const a = Date.now();',
    'const a = new Date();',
    'const a = Date();',
    'const D = Date;',
    "const a = Date['now']();",
    'const a = Math.random();',
    'const M = Math;',
    'const a = Temporal.Now.instant();',
    'setTimeout(() => {}, 1);',
    'const a = process.env;',
    "const a = await fetch('https://example.org');",
    'const a = { process };',
    'const a = { p: process };',
    'const a = (process as unknown);',
    'console.log(1);',
    'const a = globalThis.fetch;',
    'function f() { return performance.now(); }',
    'const a = crypto.randomUUID();',
    'const a = Buffer.from([]);',
  ];
  const good = [
    'const a = new Date(0).toISOString();',
    "const a = Date.parse('2024-09-25T00:44:00.000Z');",
    'const a = Math.floor(1.5);',
    'const a = { process: 1, fetch: 2 };',
    'const a = b.process;',
    'interface A { fetch: Date }',
    'type A = typeof process;',
    'function f(fetch: () => void) { fetch(); }',
    'function f({ fetch }: { fetch: () => void }) { fetch(); }',
    "// Date.now() and Math.random()\nconst a = 'process.env';",
  ];
  judge(purityFaults, 'src/exchange/sample.ts', { bad, good });
  judge(purityFaults, 'src/centre/sample.ts', { bad: [], good: bad });
  judge(purityFaults, 'src/exchange/sample.test.ts', { bad: [], good: bad });
});

test('a name says what the thing is', () => {
  for (const path of ['src/base/utils.ts', 'src/log/types.ts', 'src/helpers/a.ts', 'test/common/a.ts', 'src/log/misc.test.ts']) {
    judge(nameFaults, path, { bad: ['const a = 1;'], good: [] });
  }
  judge(nameFaults, 'src/record/envelope-types-of-mail.ts', { bad: [], good: ['const a = 1;'] });
});

test('a file has at most 400 lines', () => {
  judge(sizeFaults, 'src/base/sample.ts', { bad: ['// line\n'.repeat(401)], good: ['// line\n'.repeat(400)] });
});

test('exports have names', () => {
  judge(defaultExportFaults, 'src/base/sample.ts', {
    bad: ['export default 1;', 'export default function f() {}'],
    good: ['export const a = 1;'],
  });
});

test('there are no barrel files', () => {
  judge(barrelFaults, 'src/base/sample.ts', {
    bad: [
      "export * from '#base/a.ts';",
      "export { a } from '#base/a.ts';",
      "import { a } from '#base/a.ts';\nexport { a };",
      "export * from '#base/a.ts';\nexport const b = 1;",
    ],
    good: ["import { a } from '#base/a.ts';\nexport const b = a;", "import '#base/a.ts';", 'export type A = 1;'],
  });
});

test('the kernel stays under 5,000 lines, not counting its tests', () => {
  const sample = (path: string, lines: number): SourceFile => parseSource(path, '// line\n'.repeat(lines));
  assert.deepEqual(
    kernelSizeFaults([sample('src/log/a.ts', 4_999), sample('src/log/a.test.ts', 4_999), sample('src/cli/a.ts', 9)]),
    [],
  );
  assert.equal(kernelSizeFaults([sample('src/log/a.ts', 4_000), sample('src/base/b.ts', 1_000)]).length, 1);
});

/** Joins what this file must not hold in one piece, since the rules read it too. */
function spelled(...parts: readonly string[]): string {
  return parts.join('');
}

test('nothing names a place that is on one machine only', () => {
  const faultsIn = (text: string): number => machinePathFaults({ path: 'docs/a.md', text }).length;
  for (const top of ['work', 'root', 'farm']) assert.equal(faultsIn(`see /${top}/main`), 1);
  assert.equal(faultsIn(spelled('read ..', '/shared/', 'data')), 1);
  assert.equal(faultsIn(spelled('https://example.org', '/wo', 'rk/1 and src/ro', 'ot/a')), 0);
});

test('nothing is left unfinished, and no check is switched off without a reason', () => {
  const faultsIn = (text: string): number => unfinishedFaults({ path: 'src/base/a.ts', text }).length;
  for (const mark of [spelled('TO', 'DO'), spelled('FIX', 'ME')]) assert.equal(faultsIn(`// ${mark} later`), 1);
  for (const word of ['ignore', 'nocheck', 'expect-error']) assert.equal(faultsIn(spelled('// @ts', '-', word)), 1);
  assert.equal(faultsIn(spelled('// oxlint', '-disable-next-line max-depth')), 1);
  assert.equal(faultsIn(spelled('// oxlint', '-disable-next-line max-depth -- a state machine reads best whole')), 0);
  assert.equal(faultsIn('a method of doing'), 0);
});

test('every test runs', () => {
  judge(partialTestFaults, 'src/base/sample.test.ts', {
    bad: [
      "test.only('a', () => {});",
      "describe.skip('a', () => {});",
      "test('a', (t) => { t.skip(); });",
      "test('a', { skip: true }, () => {});",
      "it('a', { todo: 'x' });",
    ],
    good: ["test('skip', () => {});", "test('a', { timeout: 5 }, () => {});", 'iterator.skip(1);'],
  });
});
