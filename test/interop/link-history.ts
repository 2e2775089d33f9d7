import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { base64Of, bytesOfText, concatBytes } from '#base/bytes.ts';
import { encodeFrame, type Message } from '#exchange/message.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { sampleCentre } from '#log/sample-centre.ts';
import { append, consistencyProof, emptyFrontier, hashLeaf, inclusionProof, type NodeReader, rootAt } from '#log/tree.ts';

// What the makers of the vectors in spec/vectors/link share: two centres of known keys, and two histories of one log.

export const cn = await sampleCentre({ centre: 'CN', host: 'cn.anshin.example', circle: 'us-cn', status: 'test', seed: 1 });
export const us = await sampleCentre({ centre: 'US', host: 'us.anshin.example', circle: 'us-cn', status: 'test', seed: 11 });
export const timeS = 1_767_600_000;
export const ofCentre = '../log/key-list.json: CN owns the log';

/** Base64 long enough to hold an ML-DSA signature. */
const withSignature = /[A-Za-z0-9+/=]{3000,}/g;

/** Holds a file of vectors to what the code makes, or writes it if ANSHIN_WRITE_VECTORS is 1. */
export function keep(name: string, content: object): void {
  const path = new URL(`../../spec/vectors/link/${name}.json`, import.meta.url);
  const made = `${JSON.stringify(content, null, 1)}\n`;
  if (process.env['ANSHIN_WRITE_VECTORS'] === '1') writeFileSync(path, made);
  assert.equal(withoutSignatures(readFileSync(path, 'utf8')), withoutSignatures(made));
}

/** Frames are opened for it, since they hold notes in another base64. */
function withoutSignatures(json: string): string {
  const opened = json.replaceAll(/"frame": "([^"]*)"/g, (_, frame: string) => Buffer.from(frame, 'base64').toString('latin1'));
  return opened.replaceAll(withSignature, '…');
}

/** The leaves of a history that parts from the first at the leaf `parting`. */
export class History {
  readonly leaves: readonly Uint8Array[];
  readonly read: NodeReader;

  constructor(parting: number) {
    this.leaves = Array.from({ length: 11 }, (_, index) =>
      bytesOfText(index < parting ? `{"record":${index}}` : `{"other":${index}}`),
    );
    const { nodes } = append(emptyFrontier, this.leaves.map(hashLeaf));
    const byPlace = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
    this.read = (level, index) => mustHave(byPlace.get(`${level}/${index}`));
  }

  async signed(size: number): Promise<Uint8Array> {
    return await signCheckpoint({ origin: cn.list.origin, size, root: rootAt(size, this.read) }, timeS, cn.log);
  }

  async next(range: { readonly from: number; readonly to: number; readonly size: number }): Promise<Message> {
    const { from, to, size } = range;
    const proof = concatBytes(...consistencyProof(to, size, this.read));
    return { header: { kind: 'next', from }, attachments: [await this.signed(size), proof, ...this.leaves.slice(from, to)] };
  }

  async urgent(place: { readonly index: number; readonly base: number; readonly size: number }): Promise<Message> {
    const { index, base, size } = place;
    const inclusion = concatBytes(...inclusionProof(index, size, this.read));
    const consistency = concatBytes(...consistencyProof(base, size, this.read));
    const attachments = [await this.signed(size), inclusion, consistency, mustHave(this.leaves[index])];
    return { header: { kind: 'urgent', index, base }, attachments };
  }
}

export function mustHave<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('missing');
  return value;
}

export function frameOf(message: Message): string {
  return base64Of(encodeFrame(message));
}
