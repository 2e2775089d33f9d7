import { SeededChance } from '#base/chance.ts';
import { minuteMs, textOfTime } from '#base/time.ts';
import type { Centre } from '#centre/centre.ts';
import type { PeerConfig } from '#centre/config.ts';
import type { News } from '#centre/desk.ts';
import type { Opened } from '#centre/opened.ts';
import { type SampleCentre, sampleCentre } from '#log/sample-centre.ts';
import type { DraftRecord, Precedence } from '#record/envelope-schema.ts';
import { testDraft } from '#test/federation/concord.ts';
import type { Lie } from './disk.ts';
import { Network, otherOf, type Party } from './network.ts';
import { Promises } from './promises.ts';
import { SignatureBook } from './signature-book.ts';
import { epochMs, generousBudget, Station } from './station.ts';
import { VirtualTime } from './virtual-time.ts';

export const parties: readonly Party[] = ['CN', 'US'];

export interface SimulationOptions {
  readonly seed: number;
  readonly instruments?: Opened['instruments'];
  readonly lies?: ReadonlySet<Lie>;
  readonly heartbeatSeconds?: number;
  readonly budget?: PeerConfig['budget'];
}

/** A record whose filing was answered: it may never be lost. */
export interface Answered {
  readonly party: Party;
  readonly origin: string;
  readonly index: number;
  readonly id: string;
  readonly precedence: Precedence;
  readonly atMs: number;
}

/** Keys of two centres from fixed seeds; they are made once for all runs. */
let keysMade: Promise<Readonly<Record<Party, SampleCentre>>> | undefined;

async function makeKeys(): Promise<Readonly<Record<Party, SampleCentre>>> {
  const place = { circle: 'us-cn', status: 'test' } as const;
  const cn = await sampleCentre({ ...place, centre: 'CN', host: 'cn.anshin.example', seed: 1 });
  const us = await sampleCentre({ ...place, centre: 'US', host: 'us.anshin.example', seed: 11 });
  return { CN: cn, US: us };
}

/** Two machines, a network between them, and a time that is theirs alone; all of it a function of the seed. */
export class Simulation {
  readonly time = new VirtualTime();
  /** Chance of the faults and the load; the stations and the network have their own. */
  readonly chance: SeededChance;
  readonly keys: Readonly<Record<Party, SampleCentre>>;
  readonly network: Network;
  readonly book: SignatureBook;
  readonly stations: Readonly<Record<Party, Station>>;
  readonly answered: Answered[] = [];
  /** Codes of the alarms that each side's officers were shown. */
  readonly alarms: Readonly<Record<Party, string[]>> = { CN: [], US: [] };
  /** Records that sounded, as `ORIGIN INDEX`, and how often. */
  readonly sounded = new Map<string, number>();
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  /** Whether nothing goes wrong any more. */
  isMended = false;
  readonly #listeners: ((party: Party, news: News) => void)[] = [];

  private constructor(options: SimulationOptions, keys: Readonly<Record<Party, SampleCentre>>) {
    const { seed } = options;
    this.keys = keys;
    this.chance = new SeededChance(seed);
    this.network = new Network(this.time, new SeededChance(seed + 1));
    this.book = new SignatureBook((what) => this.violated(what));
    const station = (party: Party, part: number): Station =>
      new Station({
        party,
        keys,
        instruments: options.instruments ?? new Map(),
        time: this.time,
        chance: new SeededChance(seed + part),
        network: this.network,
        book: this.book,
        lies: options.lies ?? new Set(),
        heartbeatSeconds: options.heartbeatSeconds ?? 60,
        budget: options.budget ?? generousBudget,
        news: (news) => this.#hear(party, news),
        trace: (text) => this.say(`${party} ${text}`),
        violated: (what) => this.violated(what),
      });
    this.stations = { CN: station('CN', 2), US: station('US', 3) };
    this.network.tap = new Promises(this).tap;
  }

  static async make(options: SimulationOptions): Promise<Simulation> {
    keysMade ??= makeKeys();
    return new Simulation(options, await keysMade);
  }

  say(text: string): void {
    this.trace.push(`${textOfTime(epochMs + Math.floor(this.time.nowMs)).slice(8, 23)} ${text}`);
  }

  violated(what: string): void {
    this.say(`VIOLATED: ${what}`);
    this.violations.push(what);
  }

  listen(listener: (party: Party, news: News) => void): void {
    this.#listeners.push(listener);
  }

  /** Lets time pass until something holds, at most so long; stops at once where something is violated. */
  async pass(forMs: number, until: () => boolean = () => false): Promise<boolean> {
    return await this.time.pass(forMs, () => this.violations.length > 0 || until());
  }

  /** Lets time pass until a promise is settled. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = promise.finally(() => {
      settled = true;
    });
    done.catch(() => undefined);
    await this.time.pass(10 * minuteMs, () => settled);
    if (!settled) throw new Error('ten minutes were not enough');
    return await done;
  }

  /** The centre of a side that must be running. */
  centre(party: Party): Centre {
    const { centre, standing } = this.stations[party];
    if (centre === undefined) throw new Error(`${party} does not run: it is ${standing}`);
    return centre;
  }

  /** Starts both, and lets each hold something of the other, so that either can show the other how far it has signed. */
  async begin(): Promise<void> {
    for (const party of parties) this.stations[party].start();
    await this.pass(minuteMs, () => this.linesOpen);
    for (const party of parties) this.file(party, 'R');
    await this.pass(minuteMs, () => this.linesOpen && parties.every((party) => this.hasAll(party)));
  }

  get linesOpen(): boolean {
    return parties.every((party) => this.stations[party].centre?.linkState().line === 'open');
  }

  /** Whether a side holds all that the other logged. */
  hasAll(party: Party): boolean {
    const { origin } = this.stations[otherOf[party]];
    return this.stations[party].flushed(origin) === this.stations[otherOf[party]].flushed(origin);
  }

  file(party: Party, precedence: Precedence, draft?: DraftRecord): void {
    const { centre } = this.stations[party];
    if (centre === undefined) return;
    const text = `record ${this.answered.length} of ${party}`;
    centre
      .file(draft ?? testDraft(centre, text, precedence))
      .then((filed) => {
        if (!filed.ok) return this.say(`${party} may not file: ${filed.refusal.code}`);
        const { origin, index, id } = filed.value;
        const flushed = this.stations[party].flushed(origin);
        if (index >= flushed) this.violated(`${party} was told of leaf ${index} when ${flushed} were flushed`);
        this.answered.push({ party, origin, index, id, precedence, atMs: this.time.nowMs });
        return this.say(`${party} filed ${index} (${precedence})`);
      })
      .catch((error: unknown) => this.violated(`filing failed: ${String(error)}`));
  }

  #hear(party: Party, news: News): void {
    for (const listener of this.#listeners) listener(party, news);
    if (news.kind === 'record' && news.urgent && news.origin === this.stations[party].theirs) {
      const key = `${news.origin} ${news.index}`;
      this.sounded.set(key, (this.sounded.get(key) ?? 0) + 1);
    }
    if (news.kind === 'line') this.say(`${party} line ${news.line}`);
    if (news.kind === 'link') this.say(`${party} ${news.lane} ${news.connected ? 'greeted' : 'lost'}`);
    if (news.kind !== 'alarm') return;
    const { code, detail } = news.refusal;
    this.alarms[party].push(code);
    this.say(`${party} alarm ${code}: ${detail.slice(0, 160)}`);
    // What a peer sends is refused; whatever throws is our own mistake.
    if (/assertion failed|TypeError|RangeError|ReferenceError/.test(detail)) this.violated(`${party}: ${detail}`);
  }
}
