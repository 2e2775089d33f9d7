import { hexOf } from '#base/bytes.ts';
import { minuteMs } from '#base/time.ts';
import type { Message } from '#exchange/message.ts';
import { parseFork, verifyFork } from '#log/fork.ts';
import { append, emptyFrontier, hashLeaf, rootOf } from '#log/tree.ts';
import type { HostileLog } from '#test/rival/hostile-log.ts';
import { deeds, deliver, forking, misdeeds } from './misdeeds.ts';
import { Rival } from './rival.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

export interface RivalRun extends SimulationOptions {
  /** What it does; chosen by the seed where nothing is said. */
  readonly misdeeds?: readonly string[];
  readonly forMs?: number;
}

/** China's real centre against a rival who holds all keys of the United States; in the end the rival takes what it is sent. */
export async function rivalRun(run: RivalRun): Promise<Simulation> {
  const simulation = await Simulation.make(run);
  const { chance, time, stations } = simulation;
  const thrown = (error: unknown): void =>
    simulation.violated(`nobody caught: ${error instanceof Error ? error.stack : String(error)}`);
  process.on('unhandledRejection', thrown);
  try {
    const names = run.misdeeds ?? Object.keys(misdeeds).filter(() => chance.below(3) === 0);
    simulation.say(`a rival; misdeeds: ${names.join(', ')}`);
    const rival = new Rival(simulation);
    stations.CN.start();
    await simulation.pass(minuteMs, () => stations.CN.centre?.linkState().line === 'open');
    const endMs = time.nowMs + (run.forMs ?? 20_000 + chance.below(2 * minuteMs));
    misbehave(rival, simulation, { names, endMs });
    await simulation.pass(endMs - time.nowMs);
    await ending(rival, simulation, names);
  } catch (error) {
    thrown(error);
  } finally {
    process.off('unhandledRejection', thrown);
  }
  return simulation;
}

function misbehave(
  rival: Rival,
  simulation: Simulation,
  until: { readonly names: readonly string[]; readonly endMs: number },
): void {
  const { time, chance } = simulation;
  const honest = Object.keys(deeds);
  const again = (): void => {
    time.after(chance.below(1_500), async () => {
      if (time.nowMs > until.endMs) return;
      if (chance.below(4) === 0) simulation.file('CN', chance.below(3) === 0 ? 'Z' : 'R');
      const isDeed = until.names.length === 0 || chance.below(2) === 0;
      const name = isDeed ? honest[chance.below(honest.length)] : until.names[chance.below(until.names.length)];
      simulation.say(`the rival: ${name}`);
      await (deeds[name ?? ''] ?? misdeeds[name ?? ''])?.(rival);
      again();
    });
  };
  again();
}

async function ending(rival: Rival, simulation: Simulation, names: readonly string[]): Promise<void> {
  simulation.say('the rival takes what it is sent');
  rival.answers = true;
  for (const lane of ['next', 'urgent'] as const) rival.hangUp(lane);
  // China calls again within some seconds.
  await simulation.pass(20_000);
  const { CN } = simulation.stations;
  const hasAll = (): boolean => rival.held === CN.flushed(CN.origin);
  if (!(await simulation.pass(3 * minuteMs, hasAll)))
    return simulation.violated(`China's own records do not go out: ${rival.held} of ${CN.flushed(CN.origin)}`);
  if (names.every((name) => !forking.includes(name))) await endAsOneHistory(rival, simulation);
  else await endAsConvict(rival, simulation);
  checkStored(rival, simulation);
}

/** Whoever kept to one history is heard: all of it is held, and a FLASH sounds. */
async function endAsOneHistory(rival: Rival, simulation: Simulation): Promise<void> {
  const [log] = rival.histories;
  const { origin } = log.owner;
  const heardAll = async (): Promise<boolean> => {
    await deliver(rival, log);
    return await simulation.pass(2_000, () => rival.theyHold === log.size);
  };
  for (let tries = 0; tries < 40 && rival.theyHold < log.size; tries += 1) await heardAll();
  if (rival.theyHold < log.size) return simulation.violated(`China holds ${rival.theyHold} leaves of a log that has ${log.size}`);
  const index = log.say('a flash', 'Z');
  rival.send('urgent', await log.urgent({ index, base: index, size: log.size }));
  if (!(await simulation.pass(minuteMs, () => simulation.sounded.has(`${origin} ${index}`))))
    simulation.violated('an authentic flash does not sound');
}

/** Whoever shows a second history of what is held in full is convicted. */
async function endAsConvict(rival: Rival, simulation: Simulation): Promise<void> {
  const { CN } = simulation.stations;
  const { origin } = rival.histories[0].owner;
  const held = CN.disk.image.logs.get(origin) ?? [];
  simulation.say(`China holds ${held.length} leaves`);
  if (!CN.disk.image.documents.get('complete-checkpoint')?.has(origin) || held.length < 2) return;
  const other = rival.histories[0].branch(0);
  other.say('a history of nothing but this');
  rival.send('next', await nextBeyond(other, held.length));
  const evidence = (): readonly Uint8Array[] =>
    [...(CN.disk.image.documents.get('evidence') ?? [])].flatMap(([key, value]) => (key.startsWith('fork/') ? [value] : []));
  if (!(await simulation.pass(10_000, () => evidence().length > 0)))
    return simulation.violated('a second history leaves no evidence');
  for (const kept of evidence()) {
    const fork = parseFork(kept);
    if (!fork.ok || !verifyFork(fork.value, simulation.keys.US.keyList.logKeys).ok)
      simulation.violated('evidence is kept that convicts nobody');
  }
}

/** A delivery that follows on what is held, under a checkpoint of a size that is held and of another history. */
async function nextBeyond(other: HostileLog, held: number): Promise<Message> {
  return {
    header: { kind: 'next', from: held },
    attachments: [await other.note(1), new Uint8Array(), other.leaves[0] ?? new Uint8Array()],
  };
}

/** What is held is one of the owner's histories, and every cosignature is over a tree with which it begins. */
function checkStored(rival: Rival, simulation: Simulation): void {
  const { origin } = rival.histories[0].owner;
  const held = simulation.stations.CN.disk.image.logs.get(origin) ?? [];
  let frontier = emptyFrontier;
  const roots = [
    hexOf(rootOf(frontier)),
    ...held.map((leaf) => {
      ({ frontier } = append(frontier, [hashLeaf(leaf)]));
      return hexOf(rootOf(frontier));
    }),
  ];
  const isOne = (log: HostileLog): boolean =>
    held.every((leaf, index) => log.leaves[index] !== undefined && Buffer.compare(leaf, log.leaves[index]) === 0);
  if (!rival.histories.some(isOne)) simulation.violated('China holds leaves that are in none of the histories');
  for (const given of simulation.book.given.values())
    if (given.kind === 'cosigned' && roots[given.size] !== given.root)
      simulation.violated(`China cosigned ${given.size} leaves of a history that it does not hold`);
}
