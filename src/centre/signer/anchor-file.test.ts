import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { equalBytes } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { type Anchor, decodeSlot, encodeSlot, slotBytes } from '#centre/signer/anchor.ts';
import { AnchorFile, createAnchorFile, slotsOf } from '#centre/signer/anchor-file.ts';

const folder = await mkdtemp(join(tmpdir(), 'anshin-anchor-'));
after(() => rm(folder, { recursive: true, force: true }));
let paths = 0;
const freePath = () => join(folder, String((paths += 1)));
const codeOf = (result: Result<unknown>) => (result.ok ? 'accepted' : result.refusal.code);
const anchorAt = (size: number): Anchor => ({
  own: [{ origin: 'cn.example/us-cn/test', size, root: size.toString(16).padStart(64, '0'), timeS: 1_700_000_000 + size }],
  followed: [{ origin: 'us.example/us-cn/test', size: size * 2, root: 'a'.repeat(64), timeS: 0 }],
});

async function anchorFileAt(...sizes: readonly number[]): Promise<string> {
  const path = freePath();
  mustAccept(await createAnchorFile(path, anchorAt(0)));
  const file = mustAccept(await AnchorFile.open(path));
  for (const size of sizes) mustAccept(await file.write(anchorAt(size)));
  await file.close();
  return path;
}

async function sizeAt(path: string): Promise<number | string> {
  const file = await AnchorFile.open(path);
  if (!file.ok) return file.refusal.code;
  await file.value.close();
  return file.value.anchor.own[0]?.size ?? -1;
}

test('what was written last is there at the next opening, and an anchor is never made over another', async () => {
  const path = await anchorFileAt(3, 4, 9);
  assert.equal(await sizeAt(path), 9);
  assert.equal(codeOf(await createAnchorFile(path, anchorAt(1))), 'store.exists');
});

test('a write torn at any byte leaves the state before it or the state after it', () => {
  const [older, newer, next] = [7, 8, 9].map((size) => encodeSlot({ sequence: size, anchor: anchorAt(size) }));
  if (older === undefined || newer === undefined || next === undefined) throw new Error('three slots were made');
  const file = new Uint8Array(2 * slotBytes);
  file.set(newer, 0);
  // The write of 9 goes over 7, in the second half.
  assert.deepEqual(decodeSlot(next), { sequence: 9, anchor: anchorAt(9) });
  for (let written = 0; written <= next.length; written += 1) {
    file.set(older, slotBytes);
    file.set(next.subarray(0, written), slotBytes);
    const newest = slotsOf(file).toSorted((a, b) => b.sequence - a.sequence)[0];
    // The last bytes of both are alike, so that a write cut short there is whole all the same.
    const isWhole = equalBytes(file.subarray(slotBytes, slotBytes + next.length), next);
    assert.deepEqual(newest, isWhole ? decodeSlot(next) : decodeSlot(newer), `torn after ${written} bytes`);
  }
});

test('a write of which any blocks arrived, in any order, leaves the state before it or the state after it', () => {
  const own = Array.from({ length: 40 }, (_, log) => ({ origin: `log-${log}`, size: log, root: 'b'.repeat(64), timeS: 1 }));
  const [older, next] = [5, 9].map((timeS) =>
    encodeSlot({ sequence: timeS, anchor: { own: own.map((entry) => ({ ...entry, timeS })), followed: [] } }),
  );
  if (older === undefined || next === undefined) throw new Error('two slots were made');
  const block = 512;
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }), (arrived) => {
      const slot = new Uint8Array(slotBytes);
      slot.set(older);
      for (let start = 0; start < next.length; start += block) {
        if (arrived[start / block] === true) slot.set(next.subarray(start, start + block), start);
      }
      const read = decodeSlot(slot)?.sequence;
      const whole = arrived.slice(0, Math.ceil(next.length / block));
      assert.equal(read, whole.every(Boolean) ? 9 : whole.some(Boolean) ? undefined : 5);
    }),
  );
});

test('a slot with any byte flipped is not read, and its half is written again from the other', async () => {
  const path = await anchorFileAt(3, 4);
  const whole = await readFile(path);
  const length = encodeSlot({ sequence: 1, anchor: anchorAt(4) }).length;
  for (let position = 0; position < length; position += 1) {
    assert.equal(decodeSlot(whole.subarray(0, slotBytes).with(position, (whole[position] ?? 0) ^ 4)), undefined);
  }
  for (const half of [0, 1]) {
    const torn = Uint8Array.from(whole);
    torn[half * slotBytes + 100] = (torn[half * slotBytes + 100] ?? 0) ^ 4;
    await writeFile(path, torn);
    const first = mustAccept(await AnchorFile.open(path));
    assert.deepEqual([first.wasTorn, first.anchor], [true, anchorAt(4)]);
    await first.close();
    const second = mustAccept(await AnchorFile.open(path));
    assert.deepEqual([second.wasTorn, second.anchor], [false, anchorAt(4)]);
    await second.close();
  }
});

test('a missing anchor, and one with both halves damaged, are refused and never made anew by themselves', async () => {
  const missing = freePath();
  assert.equal(await sizeAt(missing), 'signer.anchor');
  assert.equal(await sizeAt(missing), 'signer.anchor');
  const path = await anchorFileAt(5);
  await truncate(path, slotBytes + 10);
  assert.equal(await sizeAt(path), 5);
  const half = (await readFile(path)).fill(0, slotBytes + 20, slotBytes + 60);
  await writeFile(path, half.fill(0, 20, 60));
  const opened = await AnchorFile.open(path);
  assert.ok(!opened.ok);
  assert.match(opened.refusal.detail, /both halves .* never put an old copy in its place/);
  await writeFile(path, '');
  assert.equal(await sizeAt(path), 'signer.anchor');
});

test('an anchor that the disk does not give is refused, and leaves no lock', async () => {
  const path = freePath();
  // A folder stands for a disk that fails to read.
  await mkdir(path);
  assert.equal(await sizeAt(path), 'signer.anchor');
  assert.equal(await sizeAt(path), 'signer.anchor');
});

test('an anchor that is open is not opened again', async () => {
  const path = await anchorFileAt(1);
  const first = mustAccept(await AnchorFile.open(path));
  assert.equal(await sizeAt(path), 'store.busy');
  await first.close();
  assert.equal(await sizeAt(path), 1);
});

test('after a failed write nothing more is written', async () => {
  const path = await anchorFileAt(1);
  const file = mustAccept(await AnchorFile.open(path));
  mustAccept(await file.write(anchorAt(2)));
  // A closed file stands for a disk that fails.
  await file.close();
  assert.equal(codeOf(await file.write(anchorAt(3))), 'signer.anchor');
  assert.equal(codeOf(await file.write(anchorAt(3))), 'signer.anchor');
  assert.equal(await sizeAt(path), 2);
});
