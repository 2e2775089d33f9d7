import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { signKeyList } from '#log/keys.ts';
import { encodeKeyLists, formatProof } from '#log/proof.ts';
import { keysOf, sampleCentre, textOf } from '#log/sample-centre.ts';
import { hashLeaf } from '#log/tree.ts';
import { type Ran, runAnshin } from './run-anshin.ts';

// What is given to `anshin verify` and does not fit: each fault is laid to the file or the option that has it.

const folder = mkdtempSync(join(tmpdir(), 'anshin-inputs-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function kept(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const keys = kept('cn.keys.note', cn.listNote);
const leaf = bytesOfText('said once');
const record = kept('record.json', leaf);
const checkpoint = await signCheckpoint({ origin: cn.list.origin, size: 1, root: hashLeaf(leaf) }, 1_767_600_000, cn.log);

/** Verifies the record with a proof that carries this key list. */
async function verifyCarrying(list: Uint8Array): Promise<Ran> {
  const proof = formatProof({ extra: encodeKeyLists([list]), index: 0, hashes: [], checkpoint });
  return await runAnshin(['verify', '--record', record, '--proof', kept('carrying.tlog-proof', proof), '--keys', keys]);
}

test('a key list that was altered inside the proof is laid to the proof, and not to the file given by --keys', async () => {
  assert.equal((await verifyCarrying(cn.listNote)).code, 0);
  const altered = new TextDecoder().decode(cn.listNote).replace('"issuedAt":"2026', '"issuedAt":"2025');
  const others = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
  const stretched = { ...cn.list, serial: 2, log: [{ ...textOf(keysOf(21)), fromSize: 0 }] };
  for (const [list, reason] of [
    [bytesOfText(altered), /signature/],
    [others.listNote, /offline keys other than/],
    [await signKeyList(stretched, cn.offline), /cannot follow/],
    [bytesOfText('no note'), /does not hold/],
  ] as const) {
    const { code, stderr } = await verifyCarrying(list);
    assert.equal(code, 1);
    assert.match(stderr, /key list .* inside .*carrying\.tlog-proof does not hold/);
    assert.match(stderr, reason);
    assert.match(
      stderr,
      /what to do {2}ask for the proof again, unchanged; the files that you gave by --keys are not what is refused/,
    );
  }
});

test('an option that would be passed over is refused by its name', async () => {
  for (const [args, words] of [
    [['--log', folder, '--policy', record, '--receipt', record], /--log does not go with --policy, --receipt:/],
    [
      ['--fork', record, '--receipt-inclusion', record, '--record', record],
      /--fork does not go with --record, --receipt-inclusion:/,
    ],
    [['--log', folder, '--fork', record], /--log does not go with --fork:/],
    [['--proof', record], /name a record and its proof/],
  ] as const) {
    const { code, stderr } = await runAnshin(['verify', '--keys', keys, ...args]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, words);
  }
});
