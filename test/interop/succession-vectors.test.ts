// spec/vectors/log/succession.json is what the code makes, as in log-vectors.test.ts, and is written anew in the same way.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { bytesOfText, hexOf, textOfBytes } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import { signKeyList } from '#log/keys.ts';
import { keysOf, sampleCentre, textOf } from '#log/sample-centre.ts';
import { append, emptyFrontier, hashLeaf, rootOf } from '#log/tree.ts';

const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
const origin = 's2.cn.anshin.example/us-cn/test';
const leaves = Array.from({ length: 5 }, (_, index) => hashLeaf(bytesOfText(`{"record":${index}}`)));
const [witness] = cn.list.witness;
const [logKey] = cn.list.log;
assert.ok(witness !== undefined && logKey !== undefined);

const next: KeyList = {
  ...cn.list,
  origin,
  serial: 2,
  log: [{ ...textOf(keysOf(5)), fromSize: 5 }],
  witness: [
    { ...witness, until: [{ origin: us.list.origin, size: 40 }] },
    { ...textOf(keysOf(6)), name: `${origin}/witness` },
  ],
  succeeds: {
    origin: cn.list.origin,
    size: 5,
    root: hexOf(rootOf(append(emptyFrontier, leaves).frontier)),
    reason: 'stolen-key',
  },
};
const { succeeds, ...withoutSuccession } = next;
assert.ok(succeeds !== undefined);

/** Base64 long enough to hold an ML-DSA signature, which differs each time. */
const withSignature = /[A-Za-z0-9+/=]{3000,}/g;

async function noteOf(list: KeyList): Promise<string> {
  return mustAccept(textOfBytes(await signKeyList(list, cn.offline)));
}

test('succession.json is what the code makes', async () => {
  const older = mustAccept(textOfBytes(cn.listNote));
  const refused = async (name: string, list: KeyList) => ({ name, older, newer: await noteOf(list), code: 'key.succession' });
  const content = {
    keyLists:
      'key-list.json: CN signs all lists by its offline keys; a note is a list, the root that of five leaves {"record":n}',
    accepted: [
      { name: 'stolen keys', older, newer: await noteOf(next), ended: { by: origin, size: 5, reason: 'stolen-key' } },
      {
        name: 'a retired algorithm',
        older,
        newer: await noteOf({ ...next, retired: ['ed25519'], succeeds: { ...succeeds, reason: 'retired-suite' } }),
        ended: { by: origin, size: 5, reason: 'retired-suite' },
      },
    ],
    refused: [
      await refused('names no log before it', withoutSuccession),
      await refused('names another log before it', { ...next, succeeds: { ...succeeds, origin: us.list.origin } }),
      await refused('of another centre', { ...next, centre: 'FR' }),
      await refused('a serial that is not higher', { ...next, serial: 1 }),
      await refused('the log key goes on', { ...next, log: [{ ...logKey, fromSize: 5 }] }),
      await refused('the witness key goes on', { ...next, witness: [witness] }),
    ],
  };
  const path = new URL('../../spec/vectors/log/succession.json', import.meta.url);
  const made = `${JSON.stringify(content, null, 1)}\n`;
  if (process.env['ANSHIN_WRITE_VECTORS'] === '1') writeFileSync(path, made);
  assert.equal(readFileSync(path, 'utf8').replaceAll(withSignature, '…'), made.replaceAll(withSignature, '…'));
});
