import { setImmediate } from 'node:timers/promises';
import { pageMax } from '#base/limits.ts';
import type { Desk } from '#centre/desk.ts';
import { type AddresseeReading, addresseesOf, type PlacedRecord } from '#exchange/addressee.ts';
import { adoptionsSaid } from '#exchange/core-acceptance.ts';
import { type Entry, type Place, precedenceFor, recordKey } from '#exchange/log-view.ts';
import { allKeys, eachRow, keyAfter } from '#exchange/shelf.ts';
import { asksAcknowledgement, precedences } from '#exchange/unacknowledged.ts';
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

/** Of those that await and that the other log makes void, so many are known at a time. */
const voidKeptMax = 10_000;

/**
 * The records of the other side that await A1 here, as the folds keep them. Owner of which of them another log makes void, so that a
 * question asked again looks at none of these.
 */
export class Awaiting {
  readonly #desk: Desk;
  /** Keys of the folds' list. An adoption may let these records stand once more. */
  readonly #void = new Set<string>();
  #adoptions = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** At most `pageMax`: the highest precedence first, and each precedence in the order of the other side's log. */
  async list(): Promise<AwaitingPage> {
    this.#forgetAfterAdoption();
    const { identity, register } = this.#desk;
    const urgent = this.#urgent();
    const records: AwaitingRecord[] = [];
    for (const precedence of precedences) {
      await this.#read(precedence, records);
      const ahead = urgent.filter((placed) => this.#precedenceOf(placed) === precedence);
      records.push(...ahead.slice(0, pageMax - records.length).flatMap((placed) => this.#reading(placed)));
    }
    return { records, count: register.unacknowledged.count(identity.centre) - this.#void.size + urgent.length };
  }

  /** Reads on in the list of one precedence until the page is full. */
  async #read(precedence: Precedence, records: AwaitingRecord[]): Promise<void> {
    const { identity, register } = this.#desk;
    for (let from: string | null = null; records.length < pageMax; ) {
      const rows = register.unacknowledged.page({ centre: identity.centre, precedence, from, limit: pageMax });
      for (const { key, place } of rows) {
        if (records.length < pageMax && !this.#void.has(key)) records.push(...this.#standing(key, place));
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageMax) return;
      from = keyAfter(last.key);
      await setImmediate();
    }
  }

  #standing(key: string, place: Place): readonly AwaitingRecord[] {
    const { register } = this.#desk;
    if (register.standing(place.log, place.index)?.kind !== 'void') {
      return this.#placed(place.log, register.entry(place.log, place.index)).flatMap((placed) => this.#reading(placed));
    }
    if (this.#void.size < voidKeptMax) this.#void.add(key);
    return [];
  }

  #forgetAfterAdoption(): void {
    const { register } = this.#desk;
    const said = register.identities.map(({ origin }) => register.log(origin)?.held.tallies.get(adoptionsSaid) ?? 0);
    const adoptions = said.reduce((sum, count) => sum + count, 0);
    if (adoptions !== this.#adoptions) this.#void.clear();
    this.#adoptions = adoptions;
  }

  /** Those ahead of what is held; at most `urgentAheadMax`. */
  #urgent(): readonly PlacedRecord[] {
    const { identity, register } = this.#desk;
    const view = identity.peer === null ? undefined : register.log(identity.peer.origin)?.urgent;
    const entries = view === undefined || view === null ? [] : [...eachRow(view.entries, allKeys)];
    const placed = entries.flatMap(({ value }) => this.#placed(view?.origin ?? '', value));
    return placed.filter(
      (each) => !this.#isAcknowledged(each) && register.standing(each.place.log, each.place.index)?.kind !== 'void',
    );
  }

  #placed(log: string, entry: Entry | undefined): readonly PlacedRecord[] {
    if (entry === undefined || entry.record === null) return [];
    const { index, id, record } = entry;
    return asksAcknowledgement(record, this.#desk.identity.centre) ? [{ place: { log, index }, id, record }] : [];
  }

  #reading(placed: PlacedRecord): readonly AwaitingRecord[] {
    const { identity } = this.#desk;
    const at = { realMs: this.#desk.nowMs(), scenarioMs: this.#desk.dutyTimeMs() };
    const reading = addresseesOf(this.#desk.register, placed, at).find(({ centre }) => centre === identity.centre);
    return reading === undefined ? [] : [{ ...placed, reading }];
  }

  #isAcknowledged({ place, id }: PlacedRecord): boolean {
    const own = this.#desk.register.log(this.#desk.identity.origin)?.held;
    return own?.acknowledgements.get(recordKey(place, id))?.some(({ rung }) => rung === 'A1') === true;
  }

  #precedenceOf({ record }: PlacedRecord): Precedence {
    return precedenceFor(record, this.#desk.identity.centre) ?? 'R';
  }
}
