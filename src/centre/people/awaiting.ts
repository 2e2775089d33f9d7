import type { Desk } from '#centre/desk.ts';
import { asksAcknowledgement } from '#centre/people/acknowledgements.ts';
import { type AddresseeReading, addresseesOf, type PlacedRecord } from '#exchange/addressee.ts';
import type { Entry } from '#exchange/log-view.ts';

/** A record of the other side that nobody on watch here has acknowledged yet. */
export interface AwaitingRecord extends PlacedRecord {
  readonly reading: AddresseeReading;
}

/**
 * The records of the other side that await A1 here. Owner of the list of those not yet seen acknowledged, so that a question
 * about a long log reads only what is new in it.
 */
export class Awaiting {
  readonly #desk: Desk;
  #read = 0;
  #open: readonly PlacedRecord[] = [];

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** In the order of the other side's log. */
  list(): readonly AwaitingRecord[] {
    const { identity, register } = this.#desk;
    const log = identity.peer === null ? undefined : register.log(identity.peer.origin);
    if (identity.peer === null || log === undefined) return [];
    const { origin } = identity.peer;
    const fresh = log.held.entries.slice(this.#read).flatMap((entry) => this.#placed(origin, entry));
    this.#read = log.held.entries.length;
    const held = [...this.#open, ...fresh].flatMap((placed) => this.#reading(placed));
    this.#open = held.map(({ place, id, record }) => ({ place, id, record }));
    const urgent = (log.urgent?.entries ?? []).flatMap((entry) => this.#placed(origin, entry));
    const found = [...held, ...urgent.flatMap((placed) => this.#reading(placed))];
    return found.filter(({ place }) => register.standing(place.log, place.index)?.kind !== 'void');
  }

  /** What its own log makes void stays void; what another log makes void may stand once more of that log is here. */
  #placed(origin: string, { index, id, record, judgement }: Entry): readonly PlacedRecord[] {
    if (record === null || judgement.kind === 'void' || judgement.kind === 'not-understood') return [];
    const placed = { place: { log: origin, index }, id, record };
    return asksAcknowledgement(placed, this.#desk.identity.centre) ? [placed] : [];
  }

  /** Nothing for a record that has its A1. */
  #reading(placed: PlacedRecord): readonly AwaitingRecord[] {
    const { identity } = this.#desk;
    const at = { realMs: this.#desk.nowMs(), scenarioMs: this.#desk.dutyTimeMs() };
    const reading = addresseesOf(this.#desk.register, placed, at).find(({ centre }) => centre === identity.centre);
    return reading === undefined || reading.rungs.some(({ rung }) => rung === 'A1') ? [] : [{ ...placed, reading }];
  }
}
