import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import { originOf } from '#log/checkpoint.ts';
import { cosignCheckpoint, signCheckpoint } from '#log/cosignature.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import { signKeyList } from '#log/keys.ts';
import { formatNote, parseNote } from '#log/note.ts';
import { keysOf, type SampleCentre, sampleCentre, textOf } from '#log/sample-centre.ts';
import { encodeEntryBundle, tilePath, tilesAfterAppend, tileWidth } from '#log/tiles.ts';
import { append, emptyFrontier, hashBytes, hashLeaf, rootOf } from '#log/tree.ts';
import { sealRecord } from '#record/envelope.ts';
import { type Ran, runAnshin } from './run-anshin.ts';

// A whole log as `anshin verify --log` reads it: what is found where a file was changed, and what is said of leaves that are no records.

const folder = mkdtempSync(join(tmpdir(), 'anshin-verify-log-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const owner = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const keys = join(folder, 'keys.note');
writeFileSync(keys, owner.listNote);

function recordBy(centre: 'CN' | 'US', serial: number): Uint8Array {
  const peer = centre === 'CN' ? 'US' : 'CN';
  const { circle, status, origin } = owner.list;
  const identity = {
    centre,
    host: 'cn.anshin.example',
    circle,
    status,
    exercise: null,
    origin,
    peer: { centre: peer, origin },
    successions: [],
  } as const;
  const context = { identity, peerCentre: peer, salt: serial.toString(16).padStart(32, '0'), dutyTimeMs: 0 };
  const content = { text: `test ${serial}` };
  const draft = coreDraft(context, { format: 'TEST', content, role: 'machine', precedence: 'R', references: [] });
  return mustAccept(sealRecord(draft, { serial, filedAtMs: Date.UTC(2026, 0, 5) })).bytes;
}

/** Writes a log with these leaves as `export-log` does; gives its folder. */
async function exported(name: string, leaves: readonly Uint8Array[], cosigner?: SampleCentre): Promise<string> {
  const to = join(folder, name);
  const write = (path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, path), bytes);
  };
  const { frontier, nodes } = append(emptyFrontier, leaves.map(hashLeaf));
  for (const { level, index, bytes } of tilesAfterAppend(nodes, () => undefined)) {
    write(tilePath({ level, index, width: bytes.length / hashBytes }), bytes);
    const bundle = leaves.slice(index * tileWidth, (index + 1) * tileWidth);
    if (level === 0) write(tilePath({ level: 'entries', index, width: bundle.length }), encodeEntryBundle(bundle));
  }
  const checkpoint = { origin: owner.list.origin, size: leaves.length, root: rootOf(frontier) };
  const note = mustAccept(parseNote(await signCheckpoint(checkpoint, 1_767_600_000, owner.log)));
  const lines = cosigner === undefined ? [] : await cosignCheckpoint(checkpoint, 1_767_600_001, cosigner.witness);
  write('checkpoint', formatNote({ text: note.text, signatures: [...note.signatures, ...lines] }));
  return to;
}

function verify(log: string, more: readonly string[] = []): Promise<Ran> {
  return runAnshin(['verify', '--json', '--log', log, '--keys', keys, ...more.flatMap((file) => ['--keys', file])]);
}

function answerOf({ stdout }: Ran) {
  return JSON.parse(stdout) as {
    readonly verdict?: string;
    readonly size?: number;
    readonly read?: number;
    readonly proved?: readonly string[];
    readonly strange?: readonly { readonly index: number; readonly refusal: { readonly code: string } }[];
    readonly refused?: { readonly code: string; readonly detail: string };
  };
}

const records = Array.from({ length: 33 * tileWidth + 7 }, (_, number) => recordBy('CN', number + 1));

test('a log of many bundles is verified to its last record, and a byte changed anywhere in its files is found by the file’s name', async () => {
  const log = await exported('many', records);
  const whole = answerOf(await verify(log));
  assert.deepEqual([whole.verdict, whole.size, whole.read], ['log proved', records.length, records.length]);
  for (const path of ['tile/entries/032', 'tile/entries/033.p/7', 'tile/0/000', 'tile/0/033.p/7', 'tile/1/000.p/33']) {
    const file = join(log, path);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.with(40, (bytes[40] ?? 0) ^ 1));
    const { code, ...ran } = await verify(log);
    assert.equal(code, 1, path);
    const { refused } = answerOf({ code, ...ran });
    assert.equal(refused?.code, 'proof.inclusion', path);
    assert.match(refused?.detail ?? '', new RegExp(path.replace('tile/0', 'tile/(?:0|entries)')), path);
    writeFileSync(file, bytes);
  }
  rmSync(join(log, 'tile/entries/020'));
  const { code, stderr } = await verify(log);
  assert.equal(code, 2);
  assert.match(stderr, /tile\/entries\/020 cannot be read/);
});

test('leaves of another order than the one signed are refused, though every tile fits its entries', async () => {
  const log = await exported('other', records.slice(0, 300).toReversed());
  const signed = await exported('signed', records.slice(0, 300));
  writeFileSync(join(log, 'checkpoint'), readFileSync(join(signed, 'checkpoint')));
  assert.match(answerOf(await verify(log)).refused?.detail ?? '', /do not give the root that the owner signed/);
});

test('leaves that are no records, or another’s, stand in the log and are named; an empty log has none', async () => {
  const strange = [records[0], bytesOfText('no record'), recordBy('US', 2), records[2]].filter((leaf) => leaf !== undefined);
  const found = answerOf(await verify(await exported('strange', strange)));
  assert.deepEqual([found.size, found.read], [4, 2]);
  assert.deepEqual(
    found.strange?.map(({ index, refusal }) => [index, refusal.code]),
    [
      [1, 'record.json'],
      [2, 'record.originator'],
    ],
  );
  assert.match(found.proved?.join('\n') ?? '', /2 are not, and void .*leaf 1: .*; leaf 2: /);
  assert.equal(answerOf(await verify(await exported('empty', []))).size, 0);
});

test('a log whose keys were stolen is proved no further than its end, and there only if the other side cosigned it', async () => {
  const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
  const [ended, theirs] = [join(folder, 'ended.note'), join(folder, 'us.note')];
  writeFileSync(theirs, us.listNote);
  const leaves = records.slice(0, 3);
  const [origin, size] = [originOf({ host: 's2.cn.anshin.example', circle: 'us-cn', status: 'test' }), leaves.length];
  const [oldWitness] = owner.list.witness;
  assert.ok(oldWitness !== undefined);
  const list: KeyList = {
    ...owner.list,
    origin,
    serial: 2,
    log: [{ ...textOf(keysOf(5)), fromSize: size }],
    witness: [
      { ...oldWitness, until: [] },
      { ...textOf(keysOf(6)), name: `${origin}/witness` },
    ],
    succeeds: {
      origin: owner.list.origin,
      size,
      root: rootOf(append(emptyFrontier, leaves.map(hashLeaf)).frontier).toHex(),
      reason: 'stolen-key',
    },
  };
  writeFileSync(ended, await signKeyList(list, owner.offline));
  const codeOf = async (log: string) => answerOf(await verify(log, [ended, theirs])).refused?.code;
  assert.equal(await codeOf(await exported('by-the-thief', records.slice(0, 4), us)), 'key.retired');
  assert.equal(await codeOf(await exported('seen-by-nobody', leaves)), 'key.succession');
  const seen = answerOf(await verify(await exported('seen', leaves, us), [ended, theirs]));
  assert.equal(seen.verdict, 'log proved');
  assert.match(seen.proved?.join(' ') ?? '', /ended at 3 leaves \(stolen-key\) and goes on as s2\.cn/);
});
