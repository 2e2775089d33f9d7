// What the bootstrap says and checks before any package is there, held against the lock and what is installed.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { root } from '#test/run/test-files.ts';

interface Pin {
  readonly package: string;
  readonly sha256: string;
}
interface LockEntry {
  readonly version?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
}
interface Size {
  readonly installedBytes: number;
}

const runtime = readJson('bin/runtime.json') as { version: string; platforms: Readonly<Record<string, Pin>> };
const sizes = readJson('bin/install-size.json') as { production: Size; development: Size };
const lock = readJson('package-lock.json') as { packages: Readonly<Record<string, LockEntry>> };
const runtimePackages = Object.values(runtime.platforms).map((pin) => `node_modules/${pin.package}`);

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

test('the tests run on the pinned runtime', () => {
  assert.equal(process.version, `v${runtime.version}`);
  assert.ok(process.execPath.startsWith(join(root, 'node_modules')), process.execPath);
});

test('the lock holds the runtime of every platform that bin/runtime.json names', () => {
  for (const name of runtimePackages) assert.equal(lock.packages[name]?.version, runtime.version, name);
  assert.equal(new Set(Object.values(runtime.platforms).map((pin) => pin.sha256)).size, runtimePackages.length);
});

test('every package in the lock is pinned by its hash, and none by an address', () => {
  for (const [folder, entry] of Object.entries(lock.packages)) {
    if (folder === '') continue;
    assert.match(entry.integrity ?? '', /^sha512-/, `${folder} has no integrity`);
    assert.equal(entry.resolved, undefined, `${folder} names an address`);
  }
});

test('an installation has about the size that the bootstrap announces', () => {
  const bytes = { production: 0, development: 0 };
  for (const [folder, entry] of Object.entries(lock.packages)) {
    if (folder === '' || runtimePackages.includes(folder)) continue;
    const ofPackage = bytesIn(folder);
    bytes.development += ofPackage;
    if (entry.dev !== true) bytes.production += ofPackage;
  }
  for (const kind of ['production', 'development'] as const) {
    const ratio = bytes[kind] / sizes[kind].installedBytes;
    assert.ok(
      ratio > 0.8 && ratio < 1.25,
      `bin/install-size.json says ${sizes[kind].installedBytes} bytes for ${kind}; there are ${bytes[kind]}`,
    );
  }
});

/** Bytes of one package without those nested in it, which the lock lists apart; 0 if it is for another platform. */
function bytesIn(folder: string): number {
  const path = join(root, folder);
  if (!existsSync(path)) return 0;
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const own = files.filter((entry) => !relative(path, entry.parentPath).includes('node_modules'));
  return own.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
