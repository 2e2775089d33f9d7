import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Advice, megabytes } from './advice.mjs';
import { holdsDevelopmentPackages, packagesToInstall } from './installed-packages.mjs';
import { pinOf, platformHere } from './runtime.mjs';

const sizes = JSON.parse(readFileSync(new URL('install-size.json', import.meta.url), 'utf8'));
const terminalStepMs = 300;
const plainStepMs = 5_000;

/** What npm's own error codes mean for the person who waits. */
const remedies = {
  ENOSPC: 'the disk is full. Make room, then run the same command again.',
  EINTEGRITY:
    'a package is not the one that package-lock.json names, so nothing was run. Try another network; report it if it stays.',
  EACCES: 'this folder may not be written. Use a folder of your own, or change its owner.',
  EPERM: 'this folder may not be written. Use a folder of your own, or change its owner.',
  EROFS: 'this folder is read-only. Use another one.',
  E404: 'the package registry that npm is set to does not have a package. Use one that does: npm config set registry ADDRESS',
};
const networkCodes = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ERR_SOCKET_TIMEOUT',
];

/** Installs what the lock names and this machine lacks; says nothing if nothing is missing. Throws `Advice` when it cannot. */
export async function installMissing(root, { dev }) {
  if (packagesToInstall(root, { dev }).length === 0) return;
  const all = dev || holdsDevelopmentPackages(root);
  const size = sizeOf(all);
  process.stdout.write(
    `Installing what Anshin needs into ${join(root, 'node_modules')}: about ${megabytes(size.installedBytes)} on disk, ` +
      `some ${megabytes(size.downloadBytes)} to download. On disk, ${megabytes(size.runtimeBytes)} of it are the Node.js runtime it is pinned to.\n`,
  );
  checkSpace(root, size.installedBytes);
  const startedMs = Date.now();
  const stopProgress = showProgress(join(root, 'node_modules'), { startedMs, totalBytes: size.installedBytes });
  const outcome = await runNpm(root, all).finally(stopProgress);
  if (outcome.code !== 0) throw new Advice(failureText(outcome.output));
  const missing = packagesToInstall(root, { dev });
  if (missing.length > 0) {
    throw new Advice(
      `npm left out ${missing.join(', ')} without a word, as it does when an optional package cannot be fetched or is not the one that ` +
        'package-lock.json names. Run the same command again; if it stays: npm install --no-save --loglevel=verbose',
    );
  }
  process.stdout.write(`Installed in ${Math.round((Date.now() - startedMs) / 1000)} s.\n`);
}

function sizeOf(all) {
  const rest = all ? sizes.development : sizes.production;
  const runtime = pinOf(platformHere());
  return {
    installedBytes: runtime.installedBytes + rest.installedBytes,
    downloadBytes: runtime.downloadBytes + rest.downloadBytes,
    runtimeBytes: runtime.installedBytes,
  };
}

function checkSpace(root, neededBytes) {
  const disk = statfsSync(root);
  const freeBytes = disk.bavail * disk.bsize;
  if (freeBytes >= neededBytes) return;
  throw new Advice(
    `the disk of ${root} has ${megabytes(freeBytes)} free and ${megabytes(neededBytes)} are needed. Make room, then try again.`,
  );
}

/** `npm install --no-save` keeps to the lock; why not `npm ci`: docs/decisions/0001-runtime.md. */
function runNpm(root, all) {
  const args = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  const [command, ...before] = npmCommand();
  const child = spawn(command, [...before, ...args, all ? '--include=dev' : '--omit=dev'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: command === 'npm.cmd',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', () =>
      reject(new Advice('npm was not found. Install Node.js with npm, version 20 or newer, then try again.')),
    );
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** The npm that started us, if one did, with the Node.js that it runs on. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script !== undefined && basename(script) === 'npm-cli.js' && existsSync(script)) {
    return [process.env.npm_node_execpath ?? process.execPath, script];
  }
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

function failureText(output) {
  const code = /npm (?:error|ERR!) code (\S+)/.exec(output)?.[1] ?? '';
  if (networkCodes.some((one) => output.includes(one))) {
    return (
      'the package registry does not answer. Connect this machine to a network, or set the registry that it is to use ' +
      '(npm config set registry ADDRESS), or copy the folder node_modules from a machine with the same system.'
    );
  }
  const remedy = remedies[code] ?? 'npm could not install the packages.';
  return `${remedy}\nnpm said:\n${output.trim().split('\n').slice(0, 12).join('\n')}`;
}

/** Shows how much has arrived; a terminal sees one line change, a log gets a line now and then. Returns what ends it. */
function showProgress(folder, { startedMs, totalBytes }) {
  const terminal = process.stdout.isTTY === true;
  const show = () => {
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    const text = `  ${megabytes(bytesIn(folder))} of about ${megabytes(totalBytes)}, ${seconds} s`;
    process.stdout.write(terminal ? `\r${text}   ` : `${text}\n`);
  };
  const timer = setInterval(show, terminal ? terminalStepMs : plainStepMs);
  return () => {
    clearInterval(timer);
    if (terminal) process.stdout.write('\r\u001b[K');
  };
}

function bytesIn(folder) {
  let total = 0;
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    // Files come and go while npm works.
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) total += bytesIn(path);
    else total += found?.size ?? 0;
  }
  return total;
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
