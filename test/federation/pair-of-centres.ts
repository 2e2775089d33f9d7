import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import type { Centre } from '#centre/centre.ts';
import type { CentreConfig } from '#centre/config.ts';
import { openCentre, type RunningCentre } from '#centre/open-centre.ts';
import type { OpenOptions } from '#centre/opened.ts';
import { exportPairing, parsePairing } from '#centre/pairing.ts';
import { initCentre, pairCentre } from '#centre/setup.ts';

export type Party = 'CN' | 'US';

export interface PairOptions {
  readonly status: 'actual' | 'exercise' | 'test';
  /** The other side's address as each sees it: a path in between may take its place. */
  readonly addressOf?: (listening: string) => string;
  readonly agreements?: readonly string[];
  readonly heartbeatSeconds?: number;
  /** How long a start asks the other side. */
  readonly askSeconds?: number;
  readonly nowMs?: Readonly<Record<Party, () => TimeMs>>;
}

/** Of every centre here. */
export const passphrase: Uint8Array = bytesOfText('for tests only');
/** Sealing made cheap: these keys guard nothing. */
const testCost = 10;

/** Two real centres with stores, keys and a link of their own, paired and not yet started. */
export class PairOfCentres {
  readonly folder: string;
  readonly running = new Map<Party, RunningCentre>();
  readonly #options: PairOptions;

  private constructor(folder: string, options: PairOptions) {
    this.folder = folder;
    this.#options = options;
  }

  static async make(options: PairOptions): Promise<PairOfCentres> {
    const pair = new PairOfCentres(await mkdtemp(join(tmpdir(), 'anshin-')), options);
    const listening = `127.0.0.1:${await freePort()}`;
    for (const party of ['CN', 'US'] as const) {
      const config = pair.#config(party, party === 'US' ? listening : undefined);
      mustAccept(
        await initCentre({ directory: pair.directory(party), config, passphrase, cost: testCost, nowMs: pair.nowMs(party) }),
      );
    }
    for (const [party, other] of [
      ['CN', 'US'],
      ['US', 'CN'],
    ] as const) {
      const { text, fingerprint } = mustAccept(await exportPairing(pair.directory(other)));
      const pairing = mustAccept(parsePairing(bytesOfText(text)));
      const address = other === 'US' ? (options.addressOf?.(listening) ?? listening) : undefined;
      const via = { ...pairing, address };
      mustAccept(
        await pairCentre({ directory: pair.directory(party), passphrase, pairing: via, fingerprint, nowMs: pair.nowMs(party) }),
      );
    }
    return pair;
  }

  directory(party: Party): string {
    return join(this.folder, party);
  }

  nowMs(party: Party): TimeMs {
    return this.#options.nowMs?.[party]() ?? Date.now();
  }

  /** What opens a centre of the pair. */
  optionsOf(party: Party): OpenOptions {
    return { directory: this.directory(party), passphrase, nowMs: () => this.nowMs(party) };
  }

  async start(party: Party): Promise<RunningCentre> {
    const running = mustAccept(await openCentre(this.optionsOf(party)));
    this.running.set(party, running);
    return running;
  }

  /** Starts both and waits until both may file. */
  async startBoth(): Promise<{ readonly cn: Centre; readonly us: Centre }> {
    const us = (await this.start('US')).centre;
    const cn = (await this.start('CN')).centre;
    await until('both lines are open', () => [cn, us].every((centre) => centre.linkState().line === 'open'));
    return { cn, us };
  }

  async stop(party: Party): Promise<void> {
    await this.running.get(party)?.close();
    this.running.delete(party);
  }

  async remove(): Promise<void> {
    await Promise.all([this.stop('CN'), this.stop('US')]);
    await rm(this.folder, { recursive: true });
  }

  #config(party: Party, linkListen: string | undefined): CentreConfig {
    const { status, agreements = [], heartbeatSeconds = 60, askSeconds = 10 } = this.#options;
    return {
      format: 'anshin-centre/1',
      centre: party,
      host: `${party.toLowerCase()}.anshin.example`,
      circle: 'us-cn',
      status,
      ...(status === 'exercise' ? { exercise: 'QUIET HARBOUR' } : {}),
      ...(linkListen === undefined ? {} : { linkListen }),
      httpListen: '127.0.0.1:0',
      agreements,
      heartbeatSeconds,
      askSeconds,
      diskReserveMiB: 1,
    };
  }
}

/** Awaits a condition, looking often; fails with what was waited for. */
export async function until(what: string, holds: () => boolean, withinMs = 20_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
