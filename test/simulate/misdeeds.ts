import { bytesOfText, concatBytes } from '#base/bytes.ts';
import { treeSizeMax } from '#base/limits.ts';
import { dayMs, textOfTime } from '#base/time.ts';
import type { Lane } from '#exchange/delivery.ts';
import { cosignCheckpoint, signCheckpoint } from '#log/cosignature.ts';
import { formatSignatureLines } from '#log/note.ts';
import { consistencyProof, inclusionProof, rootAt } from '#log/tree.ts';
import type { HostileLog } from '#test/rival/hostile-log.ts';
import { phantomOf } from './phantom-tree.ts';
import type { Rival } from './rival.ts';
import { epochMs } from './station.ts';

type Deed = (rival: Rival) => Promise<void> | void;

/** What an honest centre would do as well: without it there would be little to spoil. */
export const deeds: Readonly<Record<string, Deed>> = {
  grow: (rival) => {
    const [log] = rival.histories;
    for (let more = 1 + rival.chance.below(4); more > 0; more -= 1)
      log.say(`record ${log.size}`, rival.chance.below(4) === 0 ? 'Z' : 'R');
  },
  deliver: async (rival) => await deliver(rival, rival.histories[0]),
  'deliver urgent': async (rival) => await deliverUrgent(rival, rival.histories[0]),
  answer: (rival) => {
    rival.say('next', { kind: 'held', held: rival.held, again: rival.chance.below(4) === 0 });
  },
};

/** What only a rival does, by name. */
export const misdeeds: Readonly<Record<string, Deed>> = {
  fork: async (rival) => {
    const [first] = rival.histories;
    if (rival.histories.length < 6) {
      const other = first.branch(rival.chance.below(first.size + 1));
      rival.histories.push(other);
      for (let more = 1 + rival.chance.below(5); more > 0; more -= 1)
        other.say(`another history ${other.size}`, rival.chance.below(3) === 0 ? 'Z' : 'R');
    }
    const log = rival.histories[rival.chance.below(rival.histories.length)] ?? first;
    await (rival.chance.below(2) === 0 ? deliver(rival, log) : deliverUrgent(rival, log));
  },
  withhold: (rival) => {
    rival.answers = rival.chance.below(3) === 0;
  },
  garbage: (rival) => rival.babble(laneOf(rival), rival.chance.bytes(rival.chance.below(200))),
  'huge frame': (rival) => rival.babble(laneOf(rival), Uint8Array.of(255, 255, 255, 255)),
  replay: (rival) => {
    const again = rival.said[rival.chance.below(rival.said.length)];
    if (again !== undefined) rival.send(again.lane, again.message);
  },
  numbers: (rival) => {
    const any = (): number => [0, 1, rival.held, rival.held + 1, 2 ** 32, treeSizeMax][rival.chance.below(6)] ?? 0;
    const fate = rival.chance.below(5);
    if (fate === 0) rival.say('next', { kind: 'held', held: any(), again: rival.chance.below(2) === 0 });
    if (fate === 1) rival.say('urgent', { kind: 'held-urgent', index: any() });
    if (fate === 2) rival.say('next', { kind: 'ask', from: any() });
    if (fate === 3)
      rival.say('next', { kind: 'next', from: any() }, [
        rival.notes.at(-1) ?? new Uint8Array(),
        new Uint8Array(),
        bytesOfText('x'),
      ]);
    if (fate === 4)
      rival.say('urgent', { kind: 'urgent', index: any(), base: any() }, [
        new Uint8Array(),
        new Uint8Array(32),
        new Uint8Array(),
        bytesOfText('x'),
      ]);
  },
  phantom: async (rival) => await showPhantom(rival),
  'bad proof': async (rival) => {
    const [log] = rival.histories;
    if (log.size < 2) return;
    const message = await log.next({ from: Math.min(rival.theyHold, log.size - 1), to: log.size, size: log.size });
    const [note, , ...leaves] = message.attachments;
    if (note === undefined) return;
    const fate = rival.chance.below(3);
    // A proof that is not one, a leaf that is not the log's, a checkpoint that somebody touched.
    if (fate === 0) rival.send('next', { ...message, attachments: [note, rival.chance.bytes(64), ...leaves] });
    if (fate === 1)
      rival.send('next', {
        ...message,
        attachments: [note, new Uint8Array(), ...leaves.slice(1), bytesOfText('not in the log')],
      });
    if (fate === 2)
      rival.send('next', {
        ...message,
        attachments: [note.with(rival.chance.below(note.length), 48), new Uint8Array(), ...leaves],
      });
  },
  'unacceptable leaf': (rival) => {
    const [log] = rival.histories;
    log.add(
      rival.chance.below(2) === 0 ? rival.chance.bytes(rival.chance.below(100)) : bytesOfText('{"schema":"anshin.record/9"}'),
    );
  },
  cosigned: async (rival) => {
    const size = rival.chance.below(2) === 0 ? rival.held : treeSizeMax;
    const checkpoint = { origin: rival.theirs, size, root: rival.chance.bytes(32) };
    const timeS = Math.floor((epochMs + rival.life.time.nowMs) / 1000);
    const lines = await cosignCheckpoint(checkpoint, timeS, rival.keys.witness);
    rival.say('next', { kind: 'cosigned', size }, [
      rival.chance.below(3) === 0 ? rival.chance.bytes(300) : bytesOfText(formatSignatureLines(lines)),
    ]);
  },
  evidence: (rival) => {
    rival.say('next', { kind: 'evidence' }, [
      rival.chance.below(2) === 0 ? rival.chance.bytes(100) : bytesOfText('anshin-fork/1\n\nx\n\ny\n\nz\n\nw'),
    ]);
  },
  defer: (rival) => {
    const until = textOfTime(epochMs + rival.life.time.nowMs + rival.chance.below(400 * dayMs) - 200 * dayMs);
    rival.say('next', { kind: 'deferred', until, reason: 'because' });
  },
  refuse: (rival) => {
    rival.say('next', { kind: 'refusal', code: 'log.fork', clause: 'link 4', detail: 'you signed two histories' });
  },
  flood: (rival) => {
    const lane = laneOf(rival);
    for (let more = 200; more > 0; more -= 1)
      rival.say(lane, { kind: 'heartbeat', nonce: '00'.repeat(32) }, [rival.notes.at(-1) ?? new Uint8Array()]);
  },
  greet: (rival) => {
    const strange = [{ held: treeSizeMax }, { urgentHeld: [treeSizeMax, 0] }, { centre: 'XX' }, {}][rival.chance.below(4)] ?? {};
    rival.greet(laneOf(rival), strange);
  },
  'hang up': (rival) => rival.hangUp(laneOf(rival)),
};

/** Misdeeds after which its own log may no longer have one history. */
export const forking: readonly string[] = ['fork', 'phantom'];

export async function deliver(rival: Rival, log: HostileLog): Promise<void> {
  const from = Math.min(rival.theyHold, log.size);
  if (from >= log.size) return;
  const to = Math.min(log.size, from + 1 + rival.chance.below(20));
  rival.send('next', await log.next({ from, to, size: log.size }));
}

async function deliverUrgent(rival: Rival, log: HostileLog): Promise<void> {
  const base = Math.min(rival.theyHold, log.size);
  if (base < log.size)
    rival.send('urgent', await log.urgent({ index: base + rival.chance.below(log.size - base), base, size: log.size }));
}

/** A signed checkpoint of a size that no log can have, shown to continue the real one. */
async function showPhantom(rival: Rival): Promise<void> {
  const [log] = rival.histories;
  const base = Math.min(rival.theyHold, log.size);
  if (base >= log.size) return;
  const read = phantomOf(log);
  const size = [treeSizeMax, 2 ** 40, log.size + 1_000][rival.chance.below(3)] ?? treeSizeMax;
  const timeS = Math.floor((epochMs + rival.life.time.nowMs) / 1000);
  const note = await signCheckpoint({ origin: log.owner.origin, size, root: rootAt(size, read) }, timeS, log.owner.log);
  const proofs = [inclusionProof(base, size, read), consistencyProof(base, size, read)].map((proof) => concatBytes(...proof));
  rival.say('urgent', { kind: 'urgent', index: base, base }, [note, ...proofs, log.leaves[base] ?? new Uint8Array()]);
}

function laneOf({ chance }: Rival): Lane {
  return chance.below(2) === 0 ? 'next' : 'urgent';
}
