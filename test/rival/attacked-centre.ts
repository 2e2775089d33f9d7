import { mustAccept, type Refusal } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { pathsOf } from '#centre/config.ts';
import { openCentreKeys } from '#centre/signer/key-file.ts';
import type { Lane } from '#exchange/delivery.ts';
import type { Message } from '#exchange/message.ts';
import { Caller } from '#test/federation/caller.ts';
import { identityOf } from '#test/federation/courier.ts';
import { PairOfCentres, type PairOptions, passphrase, until } from '#test/federation/pair-of-centres.ts';
import { HostileLog } from '#test/rival/hostile-log.ts';

/** The United States' centre, real and alone; China's link key and log keys are in other hands. */
export class AttackedCentre {
  readonly pair: PairOfCentres;
  readonly us: Centre;
  readonly address: string;
  /** The link key of China. */
  readonly identity: { readonly key: string; readonly cert: string };
  /** China's log as the attacker has it. */
  readonly log: HostileLog;
  readonly alarms: Refusal[] = [];

  private constructor(parts: Pick<AttackedCentre, 'pair' | 'us' | 'address' | 'identity' | 'log'>) {
    this.pair = parts.pair;
    this.us = parts.us;
    this.address = parts.address;
    this.identity = parts.identity;
    this.log = parts.log;
    this.us.listen((news) => news.kind === 'alarm' && this.alarms.push(news.refusal));
  }

  static async start(options: Partial<PairOptions> = {}): Promise<AttackedCentre> {
    return await AttackedCentre.of(await PairOfCentres.make({ status: 'test', ...options }));
  }

  static async of(pair: PairOfCentres): Promise<AttackedCentre> {
    const { centre: us, linkAddress: address = '' } = await pair.start('US');
    const { logs } = mustAccept(await openCentreKeys({ path: pathsOf(pair.directory('CN')).keys, passphrase, cost: 0 }));
    const [keys] = logs;
    if (keys === undefined) throw new Error('the keys of one log were made');
    const log = new HostileLog({ centre: 'CN', peer: 'US', origin: keys.origin, log: keys.log });
    return new AttackedCentre({ pair, us, address, identity: await identityOf(pair, 'CN'), log });
  }

  /** A lane with China's link key, greeted; the greeting shows nothing of the centre's own log unless a checkpoint is given. */
  async call(lane: Lane, shown?: Uint8Array): Promise<Caller> {
    const caller = await Caller.call({ address: this.address, identity: this.identity }, lane);
    caller.say(
      {
        kind: 'hello',
        protocol: 1,
        centre: 'CN',
        origin: this.log.owner.origin,
        lane,
        held: this.us.linkState().own.logged,
        urgentHeld: [],
      },
      shown === undefined ? [] : [shown],
    );
    await caller.hear('hello');
    await until('the line is open', () => this.us.linkState().line === 'open');
    return caller;
  }

  get held(): number {
    return this.us.linkState().theirs.held;
  }

  /** Resolves when the leaves below are durable there. */
  async holds(size: number): Promise<void> {
    await until(`${size} leaves are held, and not ${this.held}`, () => this.held >= size);
  }

  async remove(): Promise<void> {
    await this.pair.remove();
  }
}

export function say(caller: Caller, { header, attachments }: Message): void {
  caller.say(header, attachments);
}
