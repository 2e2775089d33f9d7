import { urgentCollection, urgentKey } from '#centre/link/urgent-leaf.ts';
import { type Message, parseFrameBody } from '#exchange/message.ts';
import type { Party, Tap } from './network.ts';
import type { Simulation } from './simulation.ts';

/** Compares every message that a real centre sends with what is on its disk at that moment: what it says is never ahead of it. */
export class Promises {
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  readonly tap: Tap = (from, bytes) => {
    // Where no centre of ours runs, a rival speaks.
    if (this.#simulation.stations[from].standing === 'down') return [bytes];
    const message = parseFrameBody(bytes.subarray(4));
    if (message.ok) this.#check(from, message.value);
    else this.#simulation.violated(`${from} sends what is no message: ${message.refusal.detail}`);
    return [bytes];
  };

  #check(from: Party, { header, attachments }: Message): void {
    const station = this.#simulation.stations[from];
    const { origin, theirs, disk } = station;
    const ahead = (what: string, held: number): void =>
      this.#simulation.violated(`${from} sends ${what} when it has flushed ${held}`);
    const held = station.flushed(theirs);
    const urgent = disk.image.documents.get(urgentCollection(theirs));
    const isHere = (index: number): boolean => index < held || urgent?.has(urgentKey(index)) === true;
    if (header.kind === 'hello' || header.kind === 'held') {
      if (header.held > held) ahead(`${header.kind} ${header.held}`, held);
    }
    if (header.kind === 'hello' && !header.urgentHeld.every(isHere)) ahead(`urgent ${header.urgentHeld.join(' ')}`, held);
    if (header.kind === 'held-urgent' && !isHere(header.index)) ahead(`held-urgent ${header.index}`, held);
    const logged = station.flushed(origin);
    if (header.kind === 'next' && header.from + attachments.length - 2 > logged) ahead(`leaves from ${header.from} on`, logged);
    if (header.kind === 'urgent' && header.index >= logged) ahead(`urgent ${header.index}`, logged);
    const anchored = disk.anchored.followed.find((entry) => entry.origin === theirs)?.size ?? 0;
    if (header.kind === 'cosigned' && header.size > anchored) ahead(`cosigned ${header.size}`, anchored);
  }
}
