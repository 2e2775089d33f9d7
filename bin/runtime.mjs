import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { Advice } from './advice.mjs';

const pins = JSON.parse(readFileSync(new URL('runtime.json', import.meta.url), 'utf8'));
const chunkBytes = 4_194_304;

/** The entry of `runtime.json` for the machine at hand: { package, binary, sha256, downloadBytes, installedBytes }. */
export function pinOf(platform) {
  const pin = pins.platforms[platform];
  if (pin !== undefined) return pin;
  const known = Object.keys(pins.platforms).join(', ');
  throw new Advice(`there is no Node.js ${pins.version} for ${platform} in bin/runtime.json; it has ${known}. Use one of these.`);
}

export function platformHere() {
  return `${process.platform}-${process.arch}`;
}

/**
 * The path of the pinned runtime, after its bytes were hashed and compared with `runtime.json`. The whole binary is hashed at every
 * start (150 MB, about an eighth of a second): a remembered size and date would be as easy to forge as the binary itself.
 */
export function pinnedRuntime(root) {
  const pin = pinOf(platformHere());
  const path = join(root, 'node_modules', pin.package, pin.binary);
  if (!existsSync(path)) {
    throw new Advice(`its runtime is not installed. In ${root} run: npm start (or, without the demonstration: npm run setup)`);
  }
  const sha256 = sha256OfFile(path);
  if (sha256 === pin.sha256) return path;
  throw new Advice(
    `the runtime is not the one that bin/runtime.json names, so it is not started.\n  file      ${path}\n  expected  ${pin.sha256}\n` +
      `  found     ${sha256}\nIf you did not expect this, find out who changed it. To install it anew: delete node_modules and run npm run setup`,
  );
}

function sha256OfFile(path) {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(chunkBytes);
  const file = openSync(path, 'r');
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

/** Runs the runtime in the foreground and resolves with its exit code (128 plus the signal's number if a signal ended it). */
export function runInForeground(runtime, args) {
  const child = spawn(runtime, args, { stdio: 'inherit' });
  // A terminal sends its interrupt to both processes; then this one only has to outlive the other.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Advice(startFailure(runtime, error))));
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

function startFailure(runtime, error) {
  // The file exists (it was hashed), so ENOENT means that its loader does not: a Linux without the GNU C library.
  if (error.code === 'ENOENT') return `${runtime} needs a Linux with the GNU C library, such as Debian, Fedora or Ubuntu.`;
  if (error.code === 'EACCES')
    return `${runtime} may not be executed: is the folder on a disk mounted noexec? Move it to another.`;
  return `${runtime} does not start: ${error.message}`;
}
