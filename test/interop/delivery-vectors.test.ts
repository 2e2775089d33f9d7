// spec/vectors/link/deliveries.json, as `link-vectors.test.ts` says of the others.
import { test } from 'node:test';
import { base64Of, bytesOfText, hexOf, textOfBytes } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { Message } from '#exchange/message.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { formatNote, parseNote } from '#log/note.ts';
import { rootAt } from '#log/tree.ts';
import { cn, frameOf, History, keep, mustHave, ofCentre, timeS, us } from '#test/interop/link-history.ts';

const [first, second] = [new History(11), new History(7)];

function changed(message: Message, at: number, change: (attachment: Uint8Array) => Uint8Array): Message {
  return { ...message, attachments: message.attachments.with(at, change(mustHave(message.attachments[at]))) };
}

function flipped(bytes: Uint8Array): Uint8Array {
  const last = bytes.length - 1;
  return bytes.with(last, mustHave(bytes[last]) ^ 1);
}

test('deliveries.json is what the code makes', async () => {
  const full = await first.next({ from: 0, to: 5, size: 5 });
  const ahead = await first.next({ from: 0, to: 3, size: 11 });
  const urgent = await first.urgent({ index: 8, base: 3, size: 11 });
  const early = await first.urgent({ index: 5, base: 3, size: 9 });
  const rest = await first.next({ from: 3, to: 11, size: 11 });
  const otherRest = await second.next({ from: 3, to: 11, size: 11 });
  const note = mustAccept(parseNote(mustHave(full.attachments[0])));
  const byOneKey = formatNote({ ...note, signatures: note.signatures.slice(0, 1) });
  const foreign = await signCheckpoint({ origin: us.list.origin, size: 5, root: rootAt(5, first.read) }, timeS, us.log);
  const shown = (held: number, verified: number, waiting: readonly number[] = []) => ({
    held,
    root: hexOf(rootAt(held, first.read)),
    verified,
    urgent: waiting,
  });
  const took = (message: Message, after: ReturnType<typeof shown>) => ({ frame: frameOf(message), after });
  const refusedAs = (code: string, message: Message) => ({ frame: frameOf(message), code });
  keep('deliveries', {
    keyLists: ofCentre,
    leaves: first.leaves.map(base64Of),
    cases: [
      { name: 'leaves up to the checkpoint', holds: 0, steps: [took(full, shown(5, 5))] },
      {
        name: 'leaves under a larger checkpoint, then the rest',
        holds: 0,
        steps: [took(ahead, shown(3, 11)), took(rest, shown(11, 11))],
      },
      { name: 'leaves of which some are here', holds: 2, steps: [took(full, shown(5, 5))] },
      {
        name: 'an urgent leaf, then those before it',
        holds: 3,
        steps: [took(urgent, shown(3, 11, [8])), took(rest, shown(11, 11))],
      },
      {
        name: 'an urgent leaf before anything else',
        holds: 0,
        steps: [took(await first.urgent({ index: 10, base: 0, size: 11 }), shown(0, 11, [10]))],
      },
      {
        name: 'an urgent leaf shown from a checkpoint that another urgent leaf brought',
        holds: 3,
        steps: [took(early, shown(3, 9, [5])), took(await first.urgent({ index: 10, base: 9, size: 11 }), shown(3, 11, [5, 10]))],
      },
      {
        name: 'signed with one key',
        holds: 0,
        steps: [
          refusedAs(
            'note.policy',
            changed(full, 0, () => byOneKey),
          ),
        ],
      },
      {
        name: 'another size than was signed',
        holds: 0,
        steps: [
          refusedAs(
            'note.signature',
            changed(full, 0, (each) => bytesOfText(mustAccept(textOfBytes(each)).replace('\n5\n', '\n6\n'))),
          ),
        ],
      },
      {
        name: 'the checkpoint of another log',
        holds: 0,
        steps: [
          refusedAs(
            'checkpoint.origin',
            changed(full, 0, () => foreign),
          ),
        ],
      },
      {
        name: 'no note',
        holds: 0,
        steps: [
          refusedAs(
            'note.form',
            changed(full, 0, () => bytesOfText('a checkpoint')),
          ),
        ],
      },
      { name: 'a leaf changed', holds: 0, steps: [refusedAs('proof.consistency', changed(full, 4, flipped))] },
      {
        name: 'a leaf left out',
        holds: 0,
        steps: [refusedAs('proof.consistency', { ...full, attachments: full.attachments.slice(0, -1) })],
      },
      {
        name: 'a checkpoint smaller than the end of the leaves',
        holds: 0,
        steps: [refusedAs('proof.consistency', { ...full, attachments: [await first.signed(4), ...full.attachments.slice(1)] })],
      },
      { name: 'a proof with a bit changed', holds: 0, steps: [refusedAs('proof.consistency', changed(ahead, 1, flipped))] },
      {
        name: 'no proof',
        holds: 0,
        steps: [
          refusedAs(
            'proof.consistency',
            changed(ahead, 1, () => new Uint8Array()),
          ),
        ],
      },
      { name: 'an urgent leaf changed', holds: 3, steps: [refusedAs('proof.inclusion', changed(urgent, 3, flipped))] },
      {
        name: 'an urgent leaf at another index',
        holds: 3,
        steps: [refusedAs('proof.inclusion', { ...urgent, header: { kind: 'urgent', index: 7, base: 3 } })],
      },
      {
        name: 'an urgent leaf with inclusion changed',
        holds: 3,
        steps: [refusedAs('proof.inclusion', changed(urgent, 1, flipped))],
      },
      {
        name: 'an urgent leaf with consistency changed',
        holds: 3,
        steps: [refusedAs('proof.consistency', changed(urgent, 2, flipped))],
      },
      {
        name: 'an urgent leaf shown from a size that is not known here',
        holds: 3,
        steps: [refusedAs('proof.consistency', await first.urgent({ index: 10, base: 9, size: 11 }))],
      },
      {
        name: 'an urgent leaf of another history, shown from after the parting',
        holds: 9,
        steps: [refusedAs('proof.consistency', await second.urgent({ index: 10, base: 9, size: 11 }))],
      },
      {
        name: 'an urgent leaf of another history, shown from before the parting, at a size that is here',
        holds: 11,
        steps: [refusedAs('log.fork', await second.urgent({ index: 10, base: 3, size: 11 }))],
      },
      {
        name: 'in its turn another leaf than the urgent one',
        holds: 3,
        steps: [took(urgent, shown(3, 11, [8])), refusedAs('link.leaf-differs', otherRest)],
      },
      {
        name: 'leaves that do not give the root verified ahead',
        holds: 3,
        steps: [took(early, shown(3, 9, [5])), refusedAs('log.fork', otherRest)],
      },
      {
        name: 'another root for a size verified ahead',
        holds: 3,
        steps: [
          took(await first.urgent({ index: 5, base: 3, size: 11 }), shown(3, 11, [5])),
          refusedAs('log.fork', await second.next({ from: 3, to: 9, size: 11 })),
        ],
      },
    ],
  });
});
