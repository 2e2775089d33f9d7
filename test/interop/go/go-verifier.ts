import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// golang.org/x/mod/sumdb from Debian's golang-golang-x-mod-dev, built without modules or network.
const environment = { ...process.env, GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOFLAGS: '' };
const compiler = process.env['GO'] ?? 'go';
const sources = ['verify.go', 'exports.go'].map((name) => join(import.meta.dirname, name));

/** Builds the Go program into a folder; gives what runs it: its line, which begins with `refused` where something does not hold. */
export function buildGoVerifier(folder: string): (...args: readonly string[]) => string {
  const program = join(folder, 'verify');
  const built = spawnSync(compiler, ['build', '-o', program, ...sources], {
    env: { ...environment, GOCACHE: join(folder, 'cache') },
    encoding: 'utf8',
  });
  assert.equal(
    built.status,
    0,
    `install golang-go and golang-golang-x-mod-dev (Debian): ${built.error?.message ?? built.stderr}`,
  );
  return (...args) => {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    return status === 0 ? stdout.trim() : stderr.trim();
  };
}
