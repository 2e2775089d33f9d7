import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { DiskReserve } from '#centre/disk-reserve.ts';

test('a disk with less left than the reserve is short, and one with more is not', () => {
  assert.equal(new DiskReserve(tmpdir(), 1).isShort(0), false);
  assert.equal(new DiskReserve(tmpdir(), Number.MAX_SAFE_INTEGER).isShort(0), true);
});
