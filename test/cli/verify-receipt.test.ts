import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { concatBytes, hexOf, uint64Of } from '#base/bytes.ts';
import { timeSMax } from '#base/limits.ts';
import { mustAccept } from '#base/refusal.ts';
import { textOfTime } from '#base/time.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { formatInclusion } from '#log/inclusion-file.ts';
import { formatNote, parseNote } from '#log/note.ts';
import { formatProof } from '#log/proof.ts';
import { type SampleCentre, sampleCentre } from '#log/sample-centre.ts';
import { append, emptyFrontier, hashLeaf, inclusionProof, type NodeReader, rootAt } from '#log/tree.ts';
import { type CoreContent, type CoreFormat, coreAgreement, coreFormats, coreVersion } from '#record/core-formats.ts';
import { sealRecord } from '#record/envelope.ts';
import { recordVersion } from '#record/envelope-schema.ts';
import { type Ran, runAnshin } from './run-anshin.ts';

// Two centres that say what they like: what `anshin verify` may call a receipt of a record, and what not.

const folder = mkdtempSync(join(tmpdir(), 'anshin-verify-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const nowMs = Date.UTC(2026, 0, 5, 9);
const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
const usElsewhere = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'p5', status: 'test', seed: 21 });
const usExercise = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'exercise', seed: 31 });
const keys = [cn, us, usElsewhere, usExercise].flatMap(({ listNote }, number) => ['--keys', kept(`${number}.note`, listNote)]);

function kept(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function recordBy<F extends CoreFormat>(
  by: SampleCentre,
  format: F,
  said: { serial: number; content: CoreContent<F> },
): Uint8Array {
  const { centre, status } = by.list;
  const draft = {
    schema: recordVersion,
    status,
    class: coreFormats[format].class,
    precedence: { action: 'R', info: 'R' },
    originator: { centre, role: format === 'RECEIPT' ? 'machine' : 'releaser' },
    action: [centre === 'CN' ? 'US' : 'CN'],
    info: [],
    basis: { agreement: coreAgreement, version: coreVersion, article: 'record 11', format },
    ...(status === 'exercise' ? { exercise: { name: 'QUIET HARBOUR', scenarioAt: textOfTime(nowMs) } } : {}),
    references: [],
    content: said.content,
    releasability: 'parties',
    salt: '0'.repeat(32),
  } as const;
  return mustAccept(sealRecord(draft, { serial: said.serial, filedAtMs: nowMs })).bytes;
}

/** The reader of a log with these leaves. */
function treeOf(leaves: readonly Uint8Array[]): NodeReader {
  const { nodes } = append(emptyFrontier, leaves.map(hashLeaf));
  return (level, index) => nodes.find((node) => node.level === level && node.index === index)?.hash ?? assert.fail();
}

/** Files of one leaf of a log, as arguments of `anshin verify`. */
async function proved(
  name: string,
  leaf: { by: SampleCentre; leaves: readonly Uint8Array[]; index: number },
): Promise<[string, string]> {
  const { by, leaves, index } = leaf;
  const read = treeOf(leaves);
  const checkpoint = { origin: by.list.origin, size: leaves.length, root: rootAt(leaves.length, read) };
  const proof = formatProof({
    extra: null,
    index,
    hashes: inclusionProof(index, leaves.length, read),
    checkpoint: await signCheckpoint(checkpoint, nowMs / 1000, by.log),
  });
  return [kept(`${name}.json`, leaves[index] ?? assert.fail()), kept(`${name}.tlog-proof`, proof)];
}

const told = recordBy(cn, 'TEST', { serial: 1, content: { text: 'we tell you of the launch' } });
const untold = recordBy(cn, 'TEST', { serial: 1, content: { text: 'another thing' } });
const later = recordBy(cn, 'TEST', { serial: 2, content: { text: 'later' } });
const claim = {
  log: cn.list.origin,
  from: 0,
  to: 1,
  size: 1,
  root: hexOf(hashLeaf(told)),
  lane: 'next',
  receivedAt: textOfTime(nowMs),
} as const;
const receipt = recordBy(us, 'RECEIPT', { serial: 1, content: claim });

/** Verifies a leaf of CN's log, with a receipt by a centre. */
async function verify(
  leaves: readonly Uint8Array[],
  by: { centre: SampleCentre; receipt: Uint8Array; before?: readonly Uint8Array[]; inclusion?: Uint8Array },
): Promise<Ran> {
  const [record, proof] = await proved('record', { by: cn, leaves, index: 0 });
  const theirs = [...(by.before ?? []), by.receipt];
  const [receiptFile, receiptProof] = await proved('receipt', { by: by.centre, leaves: theirs, index: theirs.length - 1 });
  const place = by.inclusion === undefined ? [] : ['--receipt-inclusion', kept('place', by.inclusion)];
  const files = ['--record', record, '--proof', proof, '--receipt', receiptFile, '--receipt-proof', receiptProof, ...place];
  return await runAnshin(['verify', '--json', ...files, ...keys]);
}

function answerOf({ stdout }: Ran): {
  readonly isOfRecord: boolean | undefined;
  readonly proved: string;
  readonly code: string | undefined;
} {
  const answer = JSON.parse(stdout) as {
    readonly proved?: readonly string[];
    readonly receipt?: { readonly isOfRecord: boolean };
    readonly refused?: { readonly code: string };
  };
  return { isOfRecord: answer.receipt?.isOfRecord, proved: (answer.proved ?? []).join('\n'), code: answer.refused?.code };
}

test('a receipt under the root of the proof is a receipt of the record', async () => {
  const { isOfRecord, proved: said } = answerOf(await verify([told], { centre: us, receipt }));
  assert.equal(isOfRecord, true);
  assert.match(said, /US cannot deny having had it without/);
});

test('a receipt under another root says only that some leaf was received, until the record is shown under that root', async () => {
  const alone = answerOf(await verify([told, later], { centre: us, receipt }));
  assert.equal(alone.isOfRecord, false);
  assert.match(alone.proved, /it received a leaf 0 of cn\.anshin\.example\/us-cn\/test .* under another root/);
  assert.doesNotMatch(alone.proved, /cannot deny having had/);
  const inclusion = formatInclusion({ index: 0, size: 1, hashes: [] });
  const shown = answerOf(await verify([told, later], { centre: us, receipt, inclusion }));
  assert.equal(shown.isOfRecord, true);
  assert.match(shown.proved, /US cannot deny having had it without/);
});

test('a receipt of a leaf of another history is never one of this record', async () => {
  const alone = answerOf(await verify([untold, later], { centre: us, receipt }));
  assert.equal(alone.isOfRecord, false);
  assert.doesNotMatch(alone.proved, /cannot deny having had/);
  assert.equal(answerOf(await verify([untold], { centre: us, receipt })).code, 'receipt.root');
  const inclusion = formatInclusion({ index: 0, size: 1, hashes: [] });
  assert.equal(answerOf(await verify([untold, later], { centre: us, receipt, inclusion })).code, 'proof.inclusion');
});

test('an inclusion of another leaf, or in another tree than the receipt names, is refused', async () => {
  for (const inclusion of [
    formatInclusion({ index: 1, size: 1, hashes: [] }),
    formatInclusion({ index: 0, size: 2, hashes: inclusionProof(0, 2, treeOf([told, later])) }),
    formatInclusion({ index: 0, size: 1, hashes: [hashLeaf(later)] }),
  ]) {
    assert.equal(answerOf(await verify([told, later], { centre: us, receipt, inclusion })).code, 'proof.inclusion');
  }
});

test('a receipt is the word of another party, of the same circle and status, about this log and a range that holds the leaf', async () => {
  const own = recordBy(cn, 'RECEIPT', { serial: 2, content: claim });
  assert.equal(answerOf(await verify([told], { centre: cn, receipt: own, before: [told] })).code, 'record.originator');
  assert.equal(answerOf(await verify([told], { centre: usElsewhere, receipt })).code, 'checkpoint.origin');
  const exercise = recordBy(usExercise, 'RECEIPT', { serial: 1, content: claim });
  assert.equal(answerOf(await verify([told], { centre: usExercise, receipt: exercise })).code, 'checkpoint.origin');
  for (const wrong of [{ to: 2 }, { from: 1, to: 2, size: 2 }, { to: 0 }, { log: us.list.origin }]) {
    const other = recordBy(us, 'RECEIPT', { serial: 1, content: { ...claim, ...wrong } });
    assert.equal(answerOf(await verify([told], { centre: us, receipt: other })).code, 'receipt.range', JSON.stringify(wrong));
  }
  assert.equal(
    answerOf(await verify([told], { centre: us, receipt: recordBy(us, 'TEST', { serial: 1, content: { text: 'no receipt' } }) }))
      .code,
    'agreement.format',
  );
});

test('the last second that can be written is written, and a signature of a later time is refused', async () => {
  const root = hashLeaf(told);
  const note = mustAccept(parseNote(await signCheckpoint({ origin: cn.list.origin, size: 1, root }, timeSMax, cn.log)));
  const record = kept('late.json', told);
  const verifyNote = async (checkpoint: Uint8Array): Promise<Ran> => {
    const proof = kept('late.tlog-proof', formatProof({ extra: null, index: 0, hashes: [], checkpoint }));
    return await runAnshin(['verify', '--json', '--record', record, '--proof', proof, ...keys]);
  };
  assert.match(answerOf(await verifyNote(formatNote(note))).proved, /9999-12-31T23:59:59Z/);
  for (const time of [timeSMax + 1, Number.MAX_SAFE_INTEGER]) {
    const [first, second] = note.signatures;
    assert.ok(first !== undefined && second !== undefined);
    const later = { ...second, signature: concatBytes(uint64Of(time), second.signature.subarray(8)) };
    const refused = await verifyNote(formatNote({ ...note, signatures: [first, later] }));
    assert.deepEqual([refused.code, answerOf(refused).code], [1, 'cosignature.time']);
  }
});
