import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { PairOfCentres, type Party } from '#test/federation/pair-of-centres.ts';
import type { Answer, Order } from './centre-process.ts';

/** Two centres in processes of their own, full durability, paired over a real link. Owner of the processes and of their folder. */
export class TwoCentres {
  readonly #pair: PairOfCentres;
  readonly #children: Readonly<Record<Party, ChildProcess>>;

  private constructor(pair: PairOfCentres, children: Readonly<Record<Party, ChildProcess>>) {
    this.#pair = pair;
    this.#children = children;
  }

  /** With a folder for `profiles` each process leaves what the profiler saw there when it stops. */
  static async start(profiles: string | undefined): Promise<TwoCentres> {
    const pair = await PairOfCentres.make({ status: 'test' });
    const children = { US: start(pair, 'US', profiles), CN: start(pair, 'CN', profiles) };
    await Promise.all(Object.values(children).map((child) => answerOf(child, 'open')));
    return new TwoCentres(pair, children);
  }

  async ask<K extends Order['kind']>(party: Party, order: Extract<Order, { readonly kind: K }>) {
    const answered = answerOf(this.#children[party], order.kind);
    this.#children[party].send(order);
    return await answered;
  }

  /** What both used since they were asked last: the sender's first. */
  async metered() {
    return [(await this.ask('CN', { kind: 'meter' })).metered, (await this.ask('US', { kind: 'meter' })).metered] as const;
  }

  async stop(): Promise<void> {
    for (const party of ['CN', 'US'] as const) {
      const child = this.#children[party];
      if (child.exitCode !== null) continue;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.send({ kind: 'stop' } satisfies Order);
      await ended;
    }
    await this.#pair.remove();
  }
}

function start(pair: PairOfCentres, party: Party, profiles: string | undefined): ChildProcess {
  const execArgv = profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(profiles, party)}`];
  return fork(join(import.meta.dirname, 'centre-process.ts'), [pair.directory(party)], { execArgv });
}

function answerOf<K extends Answer['kind']>(child: ChildProcess, kind: K): Promise<Extract<Answer, { readonly kind: K }>> {
  return new Promise((resolve, reject) => {
    const listen = (answer: Answer) => {
      if (answer.kind !== kind) return;
      child.off('message', listen);
      child.off('exit', died);
      resolve(answer as Extract<Answer, { readonly kind: K }>);
    };
    const died = () => reject(new Error(`a centre ended before it answered ${kind}`));
    child.on('message', listen);
    child.on('exit', died);
  });
}
