// The rules of the code, held against the project.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machinePathFaults, partialTestFaults, unfinishedFaults } from '#test/tidy/leftovers.ts';
import { purityFaults } from '#test/tidy/purity.ts';
import { importFaults, kernelRooms, roomlessFaults, rooms } from '#test/tidy/rooms.ts';
import { barrelFaults, defaultExportFaults, kernelLines, kernelSizeFaults, nameFaults, sizeFaults } from '#test/tidy/shape.ts';
import { type Fault, readSourceFiles, roomOf } from '#test/tidy/source-file.ts';
import { readTextFiles } from '#test/tidy/text-files.ts';

const files = readSourceFiles();
const texts = readTextFiles();

function assertNone(faults: readonly Fault[]): void {
  assert.equal(faults.length, 0, `\n${faults.join('\n')}\n`);
}

test('the files that the rules read are there', () => {
  for (const room of kernelRooms)
    assert.ok(files.filter((file) => roomOf(file) === room).length > 2, `the room ${room} is empty`);
  assert.ok(texts.some(({ path }) => path === '.ci/run') && texts.some(({ path }) => path === 'package.json'));
});

test('imports keep to the order of the rooms', () => {
  assertNone(files.flatMap((file) => [...importFaults(file), ...roomlessFaults(file)]));
  assert.equal(new Set(rooms).size, rooms.length);
});

test('pure rooms are pure', () => {
  assertNone(files.flatMap(purityFaults));
});

test('files are small, named for what they hold, and export by name', () => {
  assertNone(
    files.flatMap((file) => [...sizeFaults(file), ...nameFaults(file), ...defaultExportFaults(file), ...barrelFaults(file)]),
  );
});

test('the kernel is small enough to be read', (t) => {
  const lines = [...kernelLines(files)];
  t.diagnostic(`lines of the kernel: ${lines.map(([room, count]) => `${room} ${count}`).join(', ')}`);
  assertNone(kernelSizeFaults(files));
});

test('nothing is left over', () => {
  assertNone(texts.flatMap((file) => [...machinePathFaults(file), ...unfinishedFaults(file)]));
  assertNone(files.flatMap(partialTestFaults));
});
