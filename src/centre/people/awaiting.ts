import { setImmediate } from 'node:timers/promises';
import { pageMax } from '#base/limits.ts';
import type { Desk } from '#centre/desk.ts';
import { asksAcknowledgement } from '#centre/people/acknowledgements.ts';
import { type AddresseeReading, addresseesOf, type PlacedRecord } from '#exchange/addressee.ts';
import { type Entry, precedenceFor, recordKey } from '#exchange/log-view.ts';
import { parseCore } from '#record/core-formats.ts';
import type { Precedence } from '#record/envelope-schema.ts';

/** A record of the other side that nobody on watch here has acknowledged yet. */
export interface AwaitingRecord extends PlacedRecord {
  readonly reading: AddresseeReading;
}

/** The first of what awaits, and how many there are. */
export interface AwaitingPage {
  readonly records: readonly AwaitingRecord[];
  readonly count: number;
}

/** Entries of each log read between two turns of others. */
const entriesAtOnce = 2_000;
const precedences: readonly Precedence[] = ['Z', 'O', 'P', 'R'];

/**
 * The records of the other side that await A1 here. Owner of the list of those not yet acknowledged, so that a question about
 * long logs reads only what is new in them.
 */
export class Awaiting {
  readonly #desk: Desk;
  readonly #open = new Map(precedences.map((precedence) => [precedence, new Map<number, PlacedRecord>()]));
  /** Those that another log makes void. An adoption may let them stand once more. */
  readonly #void = new Map<number, PlacedRecord>();
  #theirsRead = 0;
  #oursRead = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** At most `pageMax`: the highest precedence first, and each precedence in the order of the other side's log. */
  async list(): Promise<AwaitingPage> {
    while (this.#readOn()) await setImmediate();
    const urgent = this.#urgent();
    const records: AwaitingRecord[] = [];
    for (const [precedence, open] of this.#open) {
      for (const placed of open.values()) {
        if (records.length === pageMax) break;
        if (!this.#isVoid(placed)) records.push(...this.#reading(placed));
        else if (open.delete(placed.place.index)) this.#void.set(placed.place.index, placed);
      }
      const ahead = urgent.filter((placed) => this.#precedenceOf(placed) === precedence);
      records.push(...ahead.slice(0, pageMax - records.length).flatMap((placed) => this.#reading(placed)));
    }
    const count = [...this.#open.values()].reduce((sum, open) => sum + open.size, urgent.length);
    return { records, count };
  }

  /** Reads some of what is new in both logs; false when nothing is. */
  #readOn(): boolean {
    const { identity, register } = this.#desk;
    const theirs = identity.peer === null ? [] : (register.log(identity.peer.origin)?.held.entries ?? []);
    const ours = register.log(identity.origin)?.held.entries ?? [];
    for (const entry of theirs.slice(this.#theirsRead, this.#theirsRead + entriesAtOnce)) {
      for (const placed of this.#placed(entry)) this.#enter(placed);
      if (entry.core === 'ADOPT') this.#adopted();
    }
    for (const entry of ours.slice(this.#oursRead, this.#oursRead + entriesAtOnce)) {
      if (entry.core === 'ACK') this.#acknowledged(entry);
      if (entry.core === 'ADOPT') this.#adopted();
    }
    this.#theirsRead = Math.min(theirs.length, this.#theirsRead + entriesAtOnce);
    this.#oursRead = Math.min(ours.length, this.#oursRead + entriesAtOnce);
    return this.#theirsRead < theirs.length || this.#oursRead < ours.length;
  }

  #enter(placed: PlacedRecord): void {
    if (!this.#isAcknowledged(placed)) this.#open.get(this.#precedenceOf(placed))?.set(placed.place.index, placed);
  }

  #acknowledged({ record }: Entry): void {
    const said = record === null ? undefined : parseCore(record, 'ACK');
    if (said?.ok !== true) return;
    for (const open of this.#open.values()) {
      const placed = open.get(said.value.index);
      if (placed !== undefined && this.#isAcknowledged(placed)) open.delete(said.value.index);
    }
  }

  #adopted(): void {
    for (const placed of this.#void.values()) this.#enter(placed);
    this.#void.clear();
  }

  /** Those ahead of what is held; at most `urgentAheadMax`. */
  #urgent(): readonly PlacedRecord[] {
    const { identity, register } = this.#desk;
    const log = identity.peer === null ? undefined : register.log(identity.peer.origin);
    const placed = (log?.urgent?.entries ?? []).flatMap((entry) => this.#placed(entry));
    return placed.filter((each) => !this.#isAcknowledged(each) && !this.#isVoid(each));
  }

  #placed({ index, id, record }: Entry): readonly PlacedRecord[] {
    const { identity } = this.#desk;
    if (record === null || identity.peer === null) return [];
    const placed = { place: { log: identity.peer.origin, index }, id, record };
    return asksAcknowledgement(placed, identity.centre) ? [placed] : [];
  }

  #reading(placed: PlacedRecord): readonly AwaitingRecord[] {
    const { identity } = this.#desk;
    const at = { realMs: this.#desk.nowMs(), scenarioMs: this.#desk.dutyTimeMs() };
    const reading = addresseesOf(this.#desk.register, placed, at).find(({ centre }) => centre === identity.centre);
    return reading === undefined ? [] : [{ ...placed, reading }];
  }

  #isAcknowledged({ place, id }: PlacedRecord): boolean {
    const own = this.#desk.register.log(this.#desk.identity.origin)?.held;
    return own?.acknowledgements[recordKey(place, id)]?.some(({ rung }) => rung === 'A1') === true;
  }

  #isVoid({ place }: PlacedRecord): boolean {
    return this.#desk.register.standing(place.log, place.index)?.kind === 'void';
  }

  #precedenceOf({ record }: PlacedRecord): Precedence {
    return precedenceFor(record, this.#desk.identity.centre) ?? 'R';
  }
}
