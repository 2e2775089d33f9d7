import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mustAccept } from '#base/refusal.ts';
import { type KeyLists, readKeyLists } from '#centre/key-lists.ts';
import { formatVkey } from '#log/note.ts';
import { buildGoVerifier } from '#test/interop/go/go-verifier.ts';
import { growLog } from '#test/interop/grown-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'anshin-go-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const verify = buildGoVerifier(folder);

function vkeyOf(list: KeyLists['own'] | undefined): string {
  const [pair] = list?.logKeys.pairs ?? [];
  return formatVkey(pair?.ed25519 ?? assert.fail('a pair of keys'));
}

/** Changes one bit in the middle of a file while something is looked at. */
function spoiled<T>(path: string, look: () => T): T {
  const bytes = new Uint8Array(readFileSync(path));
  // Of a checkpoint the text: of its lines this verifier knows one, and passes over the others.
  const middle = path.endsWith('checkpoint') ? bytes.indexOf(0x0a) + 1 : bytes.length >> 1;
  writeFileSync(path, bytes.with(middle, (bytes[middle] ?? 0) ^ 1));
  const seen = look();
  writeFileSync(path, bytes);
  return seen;
}

test('x/mod reads what a centre exports (tiles, records, proofs, receipts), and refuses each file of it with a bit changed', async (t) => {
  const { pair, origin, own, theirs, later, courier } = await growLog(t);
  const lists = mustAccept(await readKeyLists(pair.directory('CN')));
  const vkey = vkeyOf(lists.own);
  const older = join(own, 'checkpoint');
  const sizeOf = (log: string): number => Number(readFileSync(join(log, 'checkpoint'), 'utf8').split('\n')[1]);
  const whole = (log: string): string => `whole: ${origin} ${sizeOf(log)} records, continuing ${sizeOf(own)}`;
  for (const log of [own, theirs, later]) assert.equal(verify('log', vkey, log, older), whole(log));
  assert(sizeOf(own) > 256 && sizeOf(later) > sizeOf(own));
  assert.match(verify('log', vkey, own, join(later, 'checkpoint')), /^refused/);
  assert.match(verify('log', vkeyOf(lists.peer), own, older), /^refused/);
  const partial = `001.p/${sizeOf(own) - 256}`;
  for (const name of [
    'checkpoint',
    'tile/0/000',
    `tile/0/${partial}`,
    'tile/1/000.p/1',
    'tile/entries/000',
    `tile/entries/${partial}`,
  ]) {
    const seen = spoiled(join(own, name), () => verify('log', vkey, own, join(theirs, 'checkpoint')));
    assert.match(seen, /^refused/, name);
  }
  const paths = Object.fromEntries(
    Object.entries(courier).map(([name, bytes]) => {
      writeFileSync(join(folder, name), bytes);
      return [name, join(folder, name)];
    }),
  ) as Record<keyof typeof courier, string>;
  const proved = (): string => verify('proof', vkey, paths.record, paths.proof);
  const receipted = (): string =>
    verify('receipt', vkeyOf(lists.peer), paths.record, paths.inclusion, paths.receipt, paths.receiptProof);
  assert.match(proved(), /^included: .* 1 of \d+$/);
  assert.equal(receipted(), `receipted: ${origin} 1`);
  assert.match(spoiled(paths.record, proved), /^refused/);
  for (const name of ['record', 'inclusion', 'receipt'] as const) assert.match(spoiled(paths[name], receipted), /^refused/, name);
});
