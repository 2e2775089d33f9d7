// spec/vectors/link as another program would use it: `spec/link.md` 1, 3, 4, 5, 7 and `spec/receipt.md`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { base64Of, bytesOfText, hexOf } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { type Following, followNext, followUrgent } from '#exchange/follow.ts';
import { MemoryShelves } from '#exchange/memory-shelf.ts';
import { encodeFrame, frameLength, type Message, parseFrameBody } from '#exchange/message.ts';
import { firstReceiptOf } from '#exchange/receipt-book.ts';
import { Register } from '#exchange/register.ts';
import { verifyHeartbeat } from '#log/heartbeat.ts';
import { parseKeyList, publicKeysOf, verifyKeyList } from '#log/keys.ts';
import type { LogKeys, VerifiedCheckpoint } from '#log/policy.ts';
import { append, emptyFrontier, hashLeaf, type NodeReader, rootOf, type TreeNode } from '#log/tree.ts';

type Refused = { readonly name: string; readonly frame: string; readonly code: string };
type Position = { readonly held: number; readonly root: string; readonly verified: number; readonly urgent: readonly number[] };
type DeliveryStep = { readonly frame: string } & ({ readonly after: Position } | { readonly code: string });

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../spec/vectors/${name}.json`, import.meta.url), 'utf8'));
}

function keysOfChina(): LogKeys {
  const lists = read('log/key-list') as {
    readonly pinned: readonly { readonly centre: string; readonly ed25519: string; readonly mldsa44: string }[];
    readonly accepted: readonly { readonly name: string; readonly note: string }[];
  };
  const pinned = lists.pinned.find(({ centre }) => centre === 'CN');
  const list = lists.accepted.find(({ name }) => name === 'CN');
  assert.ok(pinned !== undefined && list !== undefined);
  return mustAccept(verifyKeyList(mustAccept(parseKeyList(bytesOfText(list.note))), mustAccept(publicKeysOf(pinned)))).logKeys;
}

const cn = keysOfChina();

function messageOf(frame: string): Result<Message> {
  const bytes = Uint8Array.fromBase64(frame);
  const length = frameLength(bytes);
  if (!length.ok) return length;
  assert.equal(bytes.length, 4 + length.value, 'a vector is one whole frame');
  return parseFrameBody(bytes.subarray(4));
}

function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

test('frames.json: frames that are read and written back, and that are not', () => {
  const { accepted, refused } = read('link/frames') as {
    readonly accepted: readonly { readonly frame: string; readonly header: object; readonly attachments: readonly string[] }[];
    readonly refused: readonly Refused[];
  };
  for (const { frame, header, attachments } of accepted) {
    const message = mustAccept(messageOf(frame));
    assert.deepEqual({ header: message.header, attachments: message.attachments.map(base64Of) }, { header, attachments });
    assert.equal(base64Of(encodeFrame(message)), frame);
  }
  for (const { name, frame, code } of refused) assert.equal(codeOf(messageOf(frame)), code, name);
});

/** A follower that holds some leaves, and is given frames. */
class Follower {
  #following: Following;
  readonly #nodes = new Map<string, Uint8Array>();

  constructor(leaves: readonly Uint8Array[]) {
    const { frontier, nodes } = append(emptyFrontier, leaves.map(hashLeaf));
    this.#following = { log: cn, frontier, ahead: [], urgent: new Map(), anchored: null };
    this.#keep(nodes);
  }

  get position(): Position {
    const { ahead, frontier, urgent } = this.#following;
    const verified = Math.max(frontier.size, ahead.at(-1)?.size ?? 0);
    return { held: frontier.size, root: hexOf(rootOf(frontier)), verified, urgent: [...urgent.keys()] };
  }

  take({ header, attachments }: Message): Result<VerifiedCheckpoint> {
    const [checkpoint = new Uint8Array(), ...rest] = attachments;
    if (header.kind === 'next') {
      const [proof = new Uint8Array(), ...leaves] = rest;
      const followed = followNext(this.#following, { from: header.from, checkpoint, proof: hashesOf(proof), leaves });
      if (!followed.ok) return followed;
      this.#following = followed.value.following;
      this.#keep(followed.value.nodes);
      return { ok: true, value: followed.value.checkpoint };
    }
    assert.ok(header.kind === 'urgent');
    const [inclusion = new Uint8Array(), consistency = new Uint8Array(), leaf = new Uint8Array()] = rest;
    const { index, base } = header;
    const delivery = { index, base, checkpoint, leaf, inclusion: hashesOf(inclusion), consistency: hashesOf(consistency) };
    const followed = followUrgent(this.#following, delivery, this.#read);
    if (!followed.ok) return followed;
    this.#following = followed.value.following;
    return { ok: true, value: followed.value.checkpoint };
  }

  readonly #read: NodeReader = (level, index) => this.#nodes.get(`${level}/${index}`) ?? assert.fail(`no node ${level}/${index}`);

  #keep(nodes: readonly TreeNode[]): void {
    for (const { level, index, hash } of nodes) this.#nodes.set(`${level}/${index}`, hash);
  }
}

function hashesOf(joined: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: joined.length / 32 }, (_, position) => joined.subarray(position * 32, position * 32 + 32));
}

test('deliveries.json: deliveries that are authentic, and that are not and change nothing', () => {
  const { leaves, cases } = read('link/deliveries') as {
    readonly leaves: readonly string[];
    readonly cases: readonly { readonly name: string; readonly holds: number; readonly steps: readonly DeliveryStep[] }[];
  };
  for (const { name, holds, steps } of cases) {
    const follower = new Follower(leaves.slice(0, holds).map((leaf) => Uint8Array.fromBase64(leaf)));
    for (const step of steps) {
      const before = follower.position;
      const taken = follower.take(mustAccept(messageOf(step.frame)));
      assert.equal(codeOf(taken), 'code' in step ? step.code : 'accepted', name);
      assert.deepEqual(follower.position, 'after' in step ? step.after : before, name);
    }
  }
});

test('heartbeats.json: heartbeats that answer the bytes sent last or before, and that do not', () => {
  const { lane, accepted, refused } = read('link/heartbeats') as {
    readonly lane: string;
    readonly accepted: readonly { readonly name: string; readonly sent: readonly string[]; readonly frame: string }[];
    readonly refused: readonly (Refused & { readonly sent: readonly string[] })[];
  };
  const verify = ({ frame, sent }: { readonly frame: string; readonly sent: readonly string[] }): Result<unknown> => {
    const [note = new Uint8Array()] = mustAccept(messageOf(frame)).attachments;
    const nonces = sent.length === 0 ? [new Uint8Array(32)] : sent.map((nonce) => Uint8Array.fromHex(nonce));
    const answers = nonces.map((nonce) => verifyHeartbeat({ note, log: cn, path: lane, nonce }));
    return answers.find(({ ok }) => ok) ?? answers[0] ?? assert.fail();
  };
  for (const each of accepted) assert.equal(codeOf(verify(each)), 'accepted', each.name);
  for (const each of refused) assert.equal(codeOf(verify(each)), each.code, each.name);
});

test('receipts.json: receipts in their log, each judged, and the first receipt of each leaf', () => {
  const { parties, sender, receiver, firstReceipts } = read('link/receipts') as {
    readonly parties: readonly string[];
    readonly sender: { readonly origin: string; readonly owner: string; readonly leaves: readonly string[] };
    readonly receiver: {
      readonly origin: string;
      readonly owner: string;
      readonly leaves: readonly { readonly name: string; readonly text: string; readonly judged: string }[];
    };
    readonly firstReceipts: readonly (number | null)[];
  };
  const hashes = sender.leaves.map((leaf) => hashLeaf(bytesOfText(leaf)));
  const register = new Register({
    logs: [sender, receiver].map(({ origin, owner }) => ({ origin, owner, parties, status: 'test', successions: [] })),
    instruments: () => undefined,
    rootAt: (_, size) => hexOf(rootOf(append(emptyFrontier, hashes.slice(0, size)).frontier)),
    shelves: new MemoryShelves(),
  });
  for (const [index, leaf] of sender.leaves.entries()) register.take(sender.origin, index, bytesOfText(leaf));
  for (const [index, { name, text, judged }] of receiver.leaves.entries()) {
    register.take(receiver.origin, index, bytesOfText(text));
    const standing = register.standing(receiver.origin, index);
    assert.equal(standing?.kind === 'void' ? standing.refusal.code : standing?.kind, judged, name);
  }
  const book = register.log(receiver.origin)?.held.receipts;
  const isVoid = (at: number) => register.wrongRoot({ log: receiver.origin, index: at }) !== undefined;
  const first = sender.leaves.map((_, index) => firstReceiptOf(book, { log: sender.origin, index }, isVoid)?.at ?? null);
  assert.deepEqual(first, firstReceipts);
});
