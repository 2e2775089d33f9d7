import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustAccept } from '#base/refusal.ts';
import { minuteMs, type TimeMs } from '#base/time.ts';
import type { Centre } from '#centre/centre.ts';
import { pathsOf } from '#centre/config.ts';
import { type RunningHttp, startHttp } from '#centre/http/start-http.ts';
import { addOfficer, issueToken, People } from '#centre/people/people.ts';
import { CentreClient } from '#cli/officer/centre-client.ts';
import type { EvidenceAnswer } from '#cli/officer/export.ts';
import { type RecordAnswer, type StateAnswer, standingText, stateText } from '#cli/officer/reading.ts';
import { Refused, refusalText } from '#cli/terminal/report.ts';
import { type VerifyOptions, verify } from '#cli/verify/verify-command.ts';
import { PairOfCentres, type PairOptions, type Party, until } from '#test/federation/pair-of-centres.ts';
import { CaseFile, maskOf } from './golden-file.ts';

type Language = 'en' | 'zh' | 'ja';

/** The hour at which every case begins, by a clock that only the case moves. */
const beginsMs: TimeMs = Date.UTC(2026, 2, 2, 3);
const offices: Readonly<Record<Party, string>> = { CN: 'wei', US: 'ana' };

/** Two centres, their officers and a third party, in one case. Owner of the clocks. */
export class Stage {
  readonly pair: PairOfCentres;
  readonly file: CaseFile;
  readonly #clocks: Record<Party, TimeMs>;
  readonly #clients = new Map<Party, CentreClient>();
  readonly #https: RunningHttp[] = [];

  private constructor(pair: PairOfCentres, file: CaseFile, clocks: Record<Party, TimeMs>) {
    this.pair = pair;
    this.file = file;
    this.#clocks = clocks;
  }

  static async open(name: string, title: string, options: Partial<PairOptions> = {}): Promise<Stage> {
    const clocks = { CN: beginsMs, US: beginsMs };
    const nowMs = { CN: () => clocks.CN, US: () => clocks.US };
    const pair = await PairOfCentres.make({ status: 'test', agreements: ['bmln-full'], ...options, nowMs });
    mkdirSync(join(pair.folder, 'shown'));
    return new Stage(pair, new CaseFile(name, title), clocks);
  }

  nowMs(party: Party): TimeMs {
    return this.#clocks[party];
  }

  /** Time goes by, on both sides alike. */
  pass(ms: number): void {
    for (const party of ['CN', 'US'] as const) this.#clocks[party] += ms;
  }

  /** One side's clock is set, and stays wrong. */
  skew(party: Party, ms: number): void {
    this.#clocks[party] += ms;
  }

  /** An officer of a running centre, who watches and releases. */
  async serve(party: Party): Promise<void> {
    const centre = this.centre(party);
    const path = pathsOf(this.pair.directory(party)).people;
    const id = offices[party];
    const added = await addOfficer(path, { id, name: id, roles: ['watch-officer', 'releaser'] });
    assert.ok(added.ok || added.refusal.code === 'people.officer', 'an officer');
    const token = mustAccept(await issueToken(path, id));
    const http = mustAccept(
      await startHttp({
        desk: centre,
        people: mustAccept(await People.open(path)),
        keyLists: async () => ({ own: '', theirs: null }),
        listen: { host: '127.0.0.1', port: 0 },
        tls: null,
        hosts: [],
        heartbeatMs: minuteMs,
        onFault: (error) => assert.fail(error),
      }),
    );
    this.#https.push(http);
    this.#clients.set(party, new CentreClient({ url: http.address, token }));
  }

  /** Both lanes of these sides are up, and a heartbeat has counted on each. */
  async alive(...parties: readonly Party[]): Promise<void> {
    await until('all paths are alive', () =>
      parties.every((party) => {
        const { paths } = this.centre(party).linkState();
        return paths.length === 2 && paths.every(({ connected, state }) => connected && state === 'alive');
      }),
    );
  }

  /** Each side knows how much the other holds of its log, and what it has cosigned of it. */
  async agreed(cosigned: Readonly<Record<Party, number>>): Promise<void> {
    await until('both sides know what the other holds', () =>
      (
        [
          ['CN', 'US'],
          ['US', 'CN'],
        ] as const
      ).every(([party, other]) => {
        const { own } = this.centre(party).linkState();
        const folded = this.centre(other)
          .register.held()
          .find(({ owner }) => owner === party);
        return own.held === folded?.size && own.cosigned === cosigned[party];
      }),
    );
  }

  /** Evidence is kept: so many pieces, and so many leaves apart. */
  async keptEvidence(party: Party, count: { readonly forks: number; readonly apart: number }): Promise<void> {
    for (let tries = 0; tries < 2_000; tries += 1) {
      const { forks, apart } = await this.evidence(party);
      if (forks.length === count.forks && apart.length === count.apart) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.fail('the evidence is kept');
  }

  centre(party: Party): Centre {
    return this.pair.running.get(party)?.centre ?? assert.fail(`${party} runs`);
  }

  /** What `anshin state` shows in three languages; what waits and what asks for attention is all that is translated. */
  async showState(party: Party): Promise<void> {
    const state = await this.#client(party).get<StateAnswer>('/v1/state');
    this.file.add(`${party}: anshin state`, stateText(state, 'en'));
    for (const language of ['zh', 'ja'] as const) {
      const text = stateText(state, language);
      this.file.add(`${party}: anshin state --language ${language}`, text.slice(text.indexOf('\n\n') + 2));
    }
  }

  /** How a record stands, as `anshin show` says it below the record itself. */
  async showStanding(party: Party, log: 'own' | 'theirs', index: number): Promise<void> {
    const answer = await this.#client(party).get<RecordAnswer>(`/v1/records/${log}/${index}`);
    for (const language of ['en', 'zh', 'ja'] as const)
      await this.#addStanding(answer, language, `${party}: anshin show ${log} ${index}`);
  }

  async #addStanding(answer: RecordAnswer, language: Language, heading: string): Promise<void> {
    this.file.add(language === 'en' ? heading : `${heading} --language ${language}`, standingText(answer, language));
  }

  /** A record and its proof as a releaser writes them out; gives the options of `anshin verify`. */
  async exported(
    party: Party,
    log: 'own' | 'theirs',
    index: number,
  ): Promise<{ readonly record: string; readonly proof: string }> {
    const path = `/v1/records/${log}/${index}`;
    const record = await this.#client(party).bytes(`${path}/bytes`);
    const proof = await this.#client(party).bytes(`${path}/proof`);
    return {
      record: this.keep(`${party}-${log}-${index}.json`, record),
      proof: this.keep(`${party}-${log}-${index}.tlog-proof`, proof),
    };
  }

  /** Evidence of two histories, as `anshin evidence` writes it out. */
  async evidence(party: Party): Promise<EvidenceAnswer> {
    return await this.#client(party).get<EvidenceAnswer>('/v1/evidence');
  }

  /** Writes a file that is shown to the third party. */
  keep(name: string, bytes: Uint8Array): string {
    const path = join(this.pair.folder, 'shown', name);
    writeFileSync(path, bytes);
    return path;
  }

  /** The key lists as they were at the pairing. */
  get keys(): readonly string[] {
    return (['CN', 'US'] as const).map((party) => pathsOf(this.pair.directory(party)).keyList);
  }

  /** What a third party hears who has these files and no centre. */
  async verify(heading: string, options: VerifyOptions): Promise<void> {
    const given = { keys: this.keys, ...options };
    try {
      this.file.add(`a third party: anshin verify, ${heading}`, (await verify(given)).text);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.file.add(`a third party: anshin verify, ${heading}`, refusalText('this is not proved', error));
    }
  }

  async close(): Promise<void> {
    await this.stopServing();
    await this.pair.remove();
  }

  async stopServing(): Promise<void> {
    for (const http of this.#https.splice(0)) await http.close();
  }

  compare(): void {
    this.file.compare(maskOf(this.pair.folder));
  }

  #client(party: Party): CentreClient {
    return this.#clients.get(party) ?? assert.fail(`${party} has an officer`);
  }
}
