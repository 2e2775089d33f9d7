import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const source = join(import.meta.dirname, '../../src');

/** Every file that a file imports, however far, and every package. */
function reach(...entries: readonly string[]): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [...entries];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const text = readFileSync(join(source, file), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      if (!specifier.startsWith('#')) packages.add(specifier);
      // The one name that is mapped: the engine for Node.js.
      else waiting.push(specifier === '#crypto/engine.ts' ? 'crypto/native.ts' : specifier.slice(1));
    }
  }
  return { files, packages };
}

test('anshin verify reaches the kernel, the terminal and commander, and nothing of a centre or a network', () => {
  const { files, packages } = reach('cli/verify/main.ts', 'cli/verify/bundle-thread.ts');
  assert.ok(files.size > 15);
  for (const file of files) {
    assert.ok(existsSync(join(source, file)), file);
    assert.match(file, /^(?:base|crypto|record|log|cli\/verify|cli\/terminal)\//);
  }
  const allowed = [/^commander$/, /^@noble\//, /^node:(?:crypto|fs\/promises|os|util|worker_threads)$/];
  for (const name of packages)
    assert.ok(
      allowed.some((pattern) => pattern.test(name)),
      name,
    );
});
