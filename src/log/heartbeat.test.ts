import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesOfText } from '#base/bytes.ts';
import { timeSMax } from '#base/limits.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import {
  type Heartbeat,
  type HeartbeatClaim,
  heartbeatText,
  parseHeartbeatText,
  signHeartbeat,
  verifyHeartbeat,
} from '#log/heartbeat.ts';
import { formatNote, parseNote } from '#log/note.ts';
import { sampleCentre } from '#log/sample-centre.ts';
import { hashLeaf } from '#log/tree.ts';

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
const nonce = new Uint8Array(32).fill(7);
const heartbeat: Heartbeat = {
  checkpoint: { origin: cn.list.origin, size: 1, root: hashLeaf(bytesOfText('one')) },
  timeS: 1_767_600_000,
  path: 'direct',
  nonce,
};
const note = await signHeartbeat(heartbeat, cn.log);
const claim: HeartbeatClaim = { note, log: cn.keyList.logKeys, path: 'direct', nonce };

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

test('a heartbeat signed by both log keys, for our path and bytes, is verified', () => {
  const verified = mustAccept(verifyHeartbeat(claim));
  assert.equal(heartbeatText(verified), heartbeatText(heartbeat));
});

test('a heartbeat for another path, other bytes, by another log or by one key is refused', () => {
  assert.equal(codeOf(verifyHeartbeat({ ...claim, path: 'courier' })), 'link.heartbeat');
  assert.equal(codeOf(verifyHeartbeat({ ...claim, nonce: new Uint8Array(32) })), 'link.heartbeat');
  assert.equal(codeOf(verifyHeartbeat({ ...claim, log: us.keyList.logKeys })), 'checkpoint.origin');
  assert.equal(codeOf(verifyHeartbeat({ ...claim, log: { ...claim.log, pairs: us.keyList.logKeys.pairs } })), 'note.policy');
  const retired = { ...claim.log, pairs: claim.log.pairs.map((pair) => ({ ...pair, toSize: 0 })) };
  assert.equal(codeOf(verifyHeartbeat({ ...claim, log: retired })), 'key.retired');
  const parsed = mustAccept(parseNote(note));
  for (const line of parsed.signatures) {
    assert.equal(codeOf(verifyHeartbeat({ ...claim, note: formatNote({ ...parsed, signatures: [line] }) })), 'note.policy');
  }
});

test('no byte of a heartbeat can be changed', () => {
  fc.assert(
    fc.property(fc.nat(note.length - 1), fc.integer({ min: 1, max: 255 }), (position, change) => {
      const changed = note.with(position, (note[position] ?? 0) ^ change);
      assert.equal(verifyHeartbeat({ ...claim, note: changed }).ok, false);
    }),
    { numRuns: 200 },
  );
});

test('a checkpoint is no heartbeat', async () => {
  const checkpoint = await signCheckpoint(heartbeat.checkpoint, 1_767_600_000, cn.log);
  assert.equal(codeOf(verifyHeartbeat({ ...claim, note: checkpoint })), 'heartbeat.form');
});

test('a text that is not the one form of its heartbeat is refused', () => {
  const text = heartbeatText(heartbeat);
  assert.equal(codeOf(parseHeartbeatText(text)), 'accepted');
  assert.equal(codeOf(parseHeartbeatText(heartbeatText({ ...heartbeat, timeS: timeSMax }))), 'accepted');
  const wrong: readonly (readonly [string, string])[] = [
    ['', 'heartbeat.form'],
    [text.replace('/1\n', '/2\n'), 'heartbeat.form'],
    [text.replace('time ', 'time 0'), 'heartbeat.form'],
    [text.replace('time ', 'time -'), 'heartbeat.form'],
    [heartbeatText({ ...heartbeat, timeS: timeSMax + 1 }), 'heartbeat.form'],
    [heartbeatText({ ...heartbeat, timeS: Number.MAX_SAFE_INTEGER }), 'heartbeat.form'],
    [text.replace('path direct', 'path Direct'), 'heartbeat.form'],
    [text.replace('path direct', `path ${'d'.repeat(65)}`), 'heartbeat.form'],
    [text.replace('nonce B', 'nonce '), 'heartbeat.form'],
    [text.replace(/nonce .*/, `nonce ${'A'.repeat(44)}`), 'heartbeat.form'],
    [text.replace(/nonce .*/, `nonce ${'?'.repeat(44)}`), 'bytes.base64'],
    [`${text}more\n`, 'heartbeat.form'],
    [text.replace('\n1\n', '\n01\n'), 'checkpoint.size'],
  ];
  for (const [each, code] of wrong) assert.equal(codeOf(parseHeartbeatText(each)), code, JSON.stringify(each));
  assert.equal(codeOf(verifyHeartbeat({ ...claim, note: bytesOfText('x') })), 'note.form');
});
