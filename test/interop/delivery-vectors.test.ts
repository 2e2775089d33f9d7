// spec/vectors/link/deliveries.json, as `link-vectors.test.ts` says of the others.
import { test } from 'node:test';
import { base64Of, bytesOfText, hexOf, textOfBytes } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { Message } from '#exchange/message.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { formatNote, parseNote } from '#log/note.ts';
import { rootAt } from '#log/tree.ts';
import { frameOf, History, keep, mustHave, ofCentre, timeS, us } from '#test/interop/link-history.ts';

const [first, second] = [new History(11), new History(7)];

function changed(message: Message, at: number, change: (attachment: Uint8Array) => Uint8Array): Message {
  return { ...message, attachments: message.attachments.with(at, change(mustHave(message.attachments[at]))) };
}

function replaced(message: Message, at: number, by: Uint8Array): Message {
  return changed(message, at, () => by);
}

function flipped(bytes: Uint8Array): Uint8Array {
  const last = bytes.length - 1;
  return bytes.with(last, mustHave(bytes[last]) ^ 1);
}

const full = await first.next({ from: 0, to: 5, size: 5 });
const ahead = await first.next({ from: 0, to: 3, size: 11 });
const rest = await first.next({ from: 3, to: 11, size: 11 });
const otherRest = await second.next({ from: 3, to: 11, size: 11 });
/** Urgent leaves under different checkpoints. */
const urgent = await first.urgent({ index: 8, base: 3, size: 11 });
const early = await first.urgent({ index: 5, base: 3, size: 9 });
const onEarly = await first.urgent({ index: 10, base: 9, size: 11 });

interface Position {
  readonly held: number;
  readonly root: string;
  readonly verified: number;
  readonly urgent: readonly number[];
}

type DeliveryStep = { readonly frame: string } & ({ readonly after: Position } | { readonly code: string });
/** Name, leaves held before, and what is delivered. */
type Case = readonly [string, number, ...DeliveryStep[]];

/** A delivery that is authentic: then so many leaves are held and verified, and these urgent ones wait. */
function took(message: Message, [held, verified, waiting]: readonly [number, number, readonly number[]]): DeliveryStep {
  return { frame: frameOf(message), after: { held, root: hexOf(rootAt(held, first.read)), verified, urgent: waiting } };
}

function refusedAs(code: string, message: Message): DeliveryStep {
  return { frame: frameOf(message), code };
}

function keepOneKey(note: Uint8Array): Uint8Array {
  const parsed = mustAccept(parseNote(note));
  return formatNote({ ...parsed, signatures: parsed.signatures.slice(0, 1) });
}

function withSizeSix(note: Uint8Array): Uint8Array {
  return bytesOfText(mustAccept(textOfBytes(note)).replace('\n5\n', '\n6\n'));
}

async function authentic(): Promise<readonly Case[]> {
  const atOnce = await first.urgent({ index: 10, base: 0, size: 11 });
  return [
    ['leaves up to the checkpoint', 0, took(full, [5, 5, []])],
    ['leaves under a larger checkpoint, then the rest', 0, took(ahead, [3, 11, []]), took(rest, [11, 11, []])],
    ['leaves of which some are here', 2, took(full, [5, 5, []])],
    ['an urgent leaf, then those before it', 3, took(urgent, [3, 11, [8]]), took(rest, [11, 11, []])],
    ['an urgent leaf before anything else', 0, took(atOnce, [0, 11, [10]])],
    ['an urgent leaf shown from what another brought', 3, took(early, [3, 9, [5]]), took(onEarly, [3, 11, [5, 10]])],
  ];
}

async function forged(): Promise<readonly Case[]> {
  const foreign = await signCheckpoint({ origin: us.list.origin, size: 5, root: rootAt(5, first.read) }, timeS, us.log);
  const smaller = await first.signed(4);
  const misplaced: Message = { ...urgent, header: { kind: 'urgent', index: 7, base: 3 } };
  const shortened: Message = { ...full, attachments: full.attachments.slice(0, -1) };
  return [
    ['signed with one key', 0, refusedAs('note.policy', changed(full, 0, keepOneKey))],
    ['another size than was signed', 0, refusedAs('note.signature', changed(full, 0, withSizeSix))],
    ['the checkpoint of another log', 0, refusedAs('checkpoint.origin', replaced(full, 0, foreign))],
    ['no note', 0, refusedAs('note.form', replaced(full, 0, bytesOfText('a checkpoint')))],
    ['a leaf changed', 0, refusedAs('proof.consistency', changed(full, 4, flipped))],
    ['a leaf left out', 0, refusedAs('proof.consistency', shortened)],
    ['a checkpoint smaller than the end of the leaves', 0, refusedAs('proof.consistency', replaced(full, 0, smaller))],
    ['a proof with a bit changed', 0, refusedAs('proof.consistency', changed(ahead, 1, flipped))],
    ['no proof', 0, refusedAs('proof.consistency', replaced(ahead, 1, new Uint8Array()))],
    ['an urgent leaf changed', 3, refusedAs('proof.inclusion', changed(urgent, 3, flipped))],
    ['an urgent leaf at another index', 3, refusedAs('proof.inclusion', misplaced)],
    ['an urgent leaf with inclusion changed', 3, refusedAs('proof.inclusion', changed(urgent, 1, flipped))],
    ['an urgent leaf with consistency changed', 3, refusedAs('proof.consistency', changed(urgent, 2, flipped))],
    ['an urgent leaf shown from a size that is not known here', 3, refusedAs('proof.consistency', onEarly)],
  ];
}

async function ofTwoHistories(): Promise<readonly Case[]> {
  const afterParting = await second.urgent({ index: 10, base: 9, size: 11 });
  const beforeParting = await second.urgent({ index: 10, base: 3, size: 11 });
  const atEleven = await first.urgent({ index: 5, base: 3, size: 11 });
  const otherToNine = await second.next({ from: 3, to: 9, size: 11 });
  return [
    ['an urgent leaf, shown from after the parting', 9, refusedAs('proof.consistency', afterParting)],
    ['an urgent leaf, shown from before the parting at a size that is here', 11, refusedAs('log.fork', beforeParting)],
    ['another leaf than the urgent one', 3, took(urgent, [3, 11, [8]]), refusedAs('link.leaf-differs', otherRest)],
    ['another root than was verified ahead', 3, took(early, [3, 9, [5]]), refusedAs('log.fork', otherRest)],
    ['another checkpoint of a size verified ahead', 3, took(atEleven, [3, 11, [5]]), refusedAs('log.fork', otherToNine)],
  ];
}

test('deliveries.json is what the code makes', async () => {
  const cases = [...(await authentic()), ...(await forged()), ...(await ofTwoHistories())];
  keep('deliveries', {
    keyLists: ofCentre,
    leaves: first.leaves.map(base64Of),
    cases: cases.map(([name, holds, ...steps]) => ({ name, holds, steps })),
  });
});
