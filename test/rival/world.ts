import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { bytesOfText } from '#base/bytes.ts';
import { sampleCentre } from '#log/sample-centre.ts';
import { HostileLog } from '#test/rival/hostile-log.ts';
import { isSignedByOwner, KnownHistories, type PublicPair } from '#test/rival/naive.ts';

// What the attacker has in hand: two centres of known keys, and three histories of China's log, each signed by its owner.

export const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
export const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });

export const historySize = 60;
/** Where the second and the third history part from the first. */
const partings = [40, 20];

const trunk = new HostileLog({ centre: 'CN', peer: 'US', origin: cn.list.origin, log: cn.log });
for (let index = 0; index < historySize; index += 1) trunk.add(bytesOfText(`{"record":${index}}`));
const branches = partings.map((parting) => {
  const branch = new HostileLog(trunk.owner);
  branch.add(...trunk.leaves.slice(0, parting));
  for (let index = parting; index < historySize; index += 1) branch.add(bytesOfText(`{"other ${parting}":${index}}`));
  return branch;
});

export const histories: readonly HostileLog[] = [trunk, ...branches];
export const known = new KnownHistories(histories.map(({ leaves }) => leaves));
export const first: HostileLog = trunk;

const publicPair: PublicPair = {
  origin: cn.list.origin,
  ed25519: cn.log.ed25519.publicKey,
  mldsa44: cn.log.mldsa44.publicKey,
};
const judged = new Map<string, boolean>();

/** Whether China signed a checkpoint, by the other engine; each note is asked about once. */
export function isSigned(note: Uint8Array): boolean {
  const key = Buffer.from(note).toString('latin1');
  const before = judged.get(key);
  if (before !== undefined) return before;
  const signed = isSignedByOwner(note, publicPair);
  if (judged.size < 10_000) judged.set(key, signed);
  return signed;
}

/** Every text under one of the keys of a file of vectors. */
export function vectorTexts(name: string, ...keys: readonly string[]): readonly string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, member] of Object.entries(value)) {
      if (keys.includes(key) && typeof member === 'string') found.push(member);
      walk(member);
    }
  };
  walk(JSON.parse(readFileSync(new URL(`../../spec/vectors/${name}.json`, import.meta.url), 'utf8')));
  assert.ok(found.length > 0, `${name} has ${keys.join(' or ')}`);
  return found;
}

export function vectorBytes(name: string, ...keys: readonly string[]): readonly Uint8Array[] {
  return vectorTexts(name, ...keys).map(bytesOfText);
}
