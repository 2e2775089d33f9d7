import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Lie } from './disk.ts';
import { honestRun } from './honest-run.ts';
import { mutations } from './mutations.ts';

// A check that cannot fail is none: each of these defects must be found.

const seedsMax = 10;
const found: readonly { readonly lie: Lie; readonly shows: RegExp }[] = [
  { lie: 'store', shows: /when .* were flushed|are on its disk|when it has flushed/ },
  { lie: 'anchor', shows: /before its anchor was flushed/ },
];

for (const { lie, shows } of found) {
  test(`a disk that answers for the ${lie} before it has flushed is found`, async () => {
    const violations: string[] = [];
    for (let seed = 1; seed <= seedsMax && violations.length === 0; seed += 1)
      violations.push(...(await honestRun({ seed, lies: new Set([lie]), faults: ['power'] })).violations);
    assert.match(violations.join('\n'), shows);
  });
}

for (const [position, { name }] of mutations.entries()) {
  test(`it is found if ${name}`, async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'mutated.ts'), String(position)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(code, 0, said);
  });
}
