import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Advice } from './advice.mjs';
import { pinOf, platformHere } from './runtime.mjs';

const dependencyKinds = ['dependencies', 'devDependencies', 'optionalDependencies'];

/** Names of the packages that the lock asks for on this machine and that are missing from node_modules, or are others. */
export function packagesToInstall(root, { dev }) {
  const lock = readLock(root);
  const installed = readInstalled(root);
  return Object.entries(lock.packages)
    .filter(([folder, entry]) => folder !== '' && isWanted(folder, entry, dev))
    .filter(([folder, entry]) => !isInstalled(root, installed[folder], { folder, entry }))
    .map(([folder]) => folder.slice('node_modules/'.length));
}

/** Whether node_modules holds packages for development, which an installation without them would remove. */
export function holdsDevelopmentPackages(root) {
  const installed = readInstalled(root);
  return Object.values(installed).some((entry) => entry.dev === true);
}

function readLock(root) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  for (const kind of dependencyKinds) {
    if (JSON.stringify(manifest[kind] ?? {}) === JSON.stringify(lock.packages[''][kind] ?? {})) continue;
    throw new Advice(`package-lock.json does not fit package.json (${kind}). Take both from one commit, or run: npm install`);
  }
  return lock;
}

/** What npm noted down of its last installation, by folder. */
function readInstalled(root) {
  const path = join(root, 'node_modules', '.package-lock.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : {};
}

function isWanted(folder, entry, dev) {
  if (folder === `node_modules/${pinOf(platformHere()).package}`) return true;
  return entry.optional !== true && (dev || entry.dev !== true);
}

function isInstalled(root, found, { folder, entry }) {
  if (found === undefined || found.version !== entry.version || found.integrity !== entry.integrity) return false;
  return existsSync(join(root, folder, 'package.json'));
}
