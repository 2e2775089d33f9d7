import { hexOf } from '#base/bytes.ts';
import { timeOfText } from '#base/time.ts';
import type { Centre } from '#centre/centre.ts';
import { receiptsOf } from '#exchange/standing.ts';
import { append, emptyFrontier, hashLeaf, rootOf } from '#log/tree.ts';
import { idOf, parseRecord } from '#record/envelope.ts';
import { assertConcord } from '#test/federation/concord.ts';
import type { FaultName } from './faults.ts';
import { otherOf, type Party } from './network.ts';
import { parties, type Simulation } from './simulation.ts';

/** Alarms that faults explain between two honest centres. Nothing else is ever sounded. */
const explained: Readonly<Record<string, readonly FaultName[]>> = {
  'store.full': ['full'],
  'signer.clock': ['clock'],
  'record.filing-time': ['clock'],
  'signer.went-back': ['store', 'machine'],
  'link.heartbeat': ['partition', 'one-way', 'slow', 'power'],
};

/** What two honest centres must have come to once they have exchanged everything. */
export class Agreement {
  readonly #simulation: Simulation;
  #seen = '';
  #sinceMs = 0;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#sinceMs = simulation.time.nowMs;
  }

  /** Whether each holds all that the other logged, and nothing new has come for so long. */
  isQuiet(forMs: number): boolean {
    const { stations, time } = this.#simulation;
    const held = parties.map((party) => JSON.stringify(stations[party].centre?.register.held()));
    const sizes = parties.map((party) => `${stations[party].flushed(stations[party].origin)} ${stations[party].crashes}`);
    const seen = [...held, ...sizes].join();
    const alike = held[0] === held[1] && parties.every((party) => this.#simulation.hasAll(party)) && this.#simulation.linesOpen;
    if (!alike || seen !== this.#seen) this.#sinceMs = time.nowMs;
    this.#seen = seen;
    return time.nowMs - this.#sinceMs >= forMs;
  }

  async check(names: readonly FaultName[]): Promise<void> {
    const { stations } = this.#simulation;
    const [cn, us] = [this.#simulation.centre('CN'), this.#simulation.centre('US')];
    try {
      const voids = parties.flatMap((party) => this.#voidsOf(us, stations[party].origin, names));
      await this.#simulation.drive(assertConcord(cn, us, voids));
    } catch (error) {
      this.#simulation.violated(`they do not agree: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#checkAnswered();
    this.#checkSignatures();
    this.#checkTimes(names);
    this.#checkAlarms(names);
    this.#checkSounded();
  }

  /** What is void between honest centres: the record by which a clock that went back says so, and nothing else. */
  #voidsOf(centre: Centre, origin: string, names: readonly FaultName[]): readonly string[] {
    const voids: string[] = [];
    for (const [index, leaf] of this.#leaves(origin).entries()) {
      const standing = centre.register.standing(origin, index);
      if (standing?.kind !== 'void') continue;
      const parsed = parseRecord(leaf);
      const isMark =
        parsed.ok && parsed.value.record.originator.role === 'machine' && parsed.value.record.basis.format === 'TEST';
      if (!isMark || standing.refusal.code !== 'record.filing-time' || !names.includes('clock'))
        this.#simulation.violated(`leaf ${index} of ${origin} is void: ${standing.refusal.code} ${standing.refusal.detail}`);
      voids.push(standing.refusal.code);
    }
    return voids;
  }

  #leaves(origin: string): readonly Uint8Array[] {
    return this.#simulation.stations.CN.disk.image.logs.get(origin) ?? [];
  }

  #checkAnswered(): void {
    for (const { party, origin, index, id } of this.#simulation.answered) {
      for (const station of Object.values(this.#simulation.stations)) {
        const leaf = station.disk.image.logs.get(origin)?.[index];
        if (leaf === undefined || idOf(leaf) !== id)
          this.#simulation.violated(
            `${party} was told that ${index} is filed, and ${station.party} has ${leaf === undefined ? 'nothing' : 'another leaf'} there`,
          );
      }
    }
  }

  /** Every signature ever given is over a tree that the log still begins with. */
  #checkSignatures(): void {
    for (const origin of parties.map((party) => this.#simulation.stations[party].origin)) {
      const roots = rootsOf(this.#leaves(origin));
      for (const given of this.#simulation.book.given.values())
        if (given.origin === origin && roots[given.size] !== given.root)
          this.#simulation.violated(
            `${given.party} ${given.kind} a root for ${given.size} leaves of ${origin} that is not the log's`,
          );
    }
  }

  /** While no clock is wrong, a receipt's time lies between the filing and the answer's way back; both sides show the same one. */
  #checkTimes(names: readonly FaultName[]): void {
    if (names.includes('clock')) return;
    const [cn, us] = [this.#simulation.centre('CN'), this.#simulation.centre('US')];
    for (const { origin, index, atMs: _atMs } of this.#simulation.answered) {
      const [shown, other] = [cn, us].map((centre) => receiptsOf(centre.register, { log: origin, index })[0]);
      const leaf = parseRecord(this.#leaves(origin)[index] ?? new Uint8Array());
      const filedAt = leaf.ok ? timeOfText(leaf.value.record.filedAt) : leaf;
      if (shown === undefined || other === undefined || !filedAt.ok || shown.receivedAtMs !== other.receivedAtMs)
        return this.#simulation.violated(`leaf ${index} of ${origin} has no receipt, or two times of it`);
      if (shown.receivedAtMs < filedAt.value)
        this.#simulation.violated(`leaf ${index} of ${origin} was received before it was filed`);
    }
  }

  #checkAlarms(names: readonly FaultName[]): void {
    for (const party of parties) {
      for (const code of new Set(this.#simulation.alarms[party])) {
        const why = explained[code] ?? [];
        if (!why.some((name) => names.includes(name)))
          this.#simulation.violated(`${party} sounds ${code}, which nothing explains`);
      }
    }
  }

  /** A FLASH sounds once at the other side; where that was killed meanwhile its officers read it in the list of what awaits them. */
  #checkSounded(): void {
    for (const { party, origin, index, precedence } of this.#simulation.answered) {
      if (precedence === 'R') continue;
      const times = this.#simulation.sounded.get(`${origin} ${index}`) ?? 0;
      const other: Party = otherOf[party];
      const { crashes } = this.#simulation.stations[other];
      if (times > 1 + crashes || (times === 0 && crashes === 0))
        this.#simulation.violated(`${party}'s urgent record ${index} sounded ${times} times at ${other}`);
    }
  }
}

function rootsOf(leaves: readonly Uint8Array[]): readonly string[] {
  let frontier = emptyFrontier;
  return [
    hexOf(rootOf(frontier)),
    ...leaves.map((leaf) => {
      ({ frontier } = append(frontier, [hashLeaf(leaf)]));
      return hexOf(rootOf(frontier));
    }),
  ];
}
