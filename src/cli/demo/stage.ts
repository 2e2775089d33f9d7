import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { CastCentre } from '#cli/demo/cast.ts';
import { CentreProcess } from '#cli/demo/centre-process.ts';
import { CentreClient } from '#cli/officer/centre-client.ts';

const waitMs = 30_000;
const lookEveryMs = 20;

/** A record that a centre filed, by its place. */
export interface FiledAnswer {
  readonly origin: string;
  readonly index: number;
  readonly id: string;
  readonly record: { readonly number: string };
}

export interface DraftAnswer {
  readonly draft: { readonly id: number; readonly hash: string };
  readonly check: { readonly passes: boolean } | null;
}

export interface MarginAnswer {
  readonly deadline: string;
  readonly state: string;
  readonly text: { readonly en: { readonly state: string; readonly margin: string } };
}

interface RecordAnswer {
  readonly addressees: readonly {
    readonly centre: string;
    readonly receipt: { readonly log: string; readonly at: number } | null;
    readonly rungs: readonly { readonly rung: string }[];
  }[];
}

export interface LinkAnswer {
  readonly link: {
    readonly line: string;
    readonly own: { readonly logged: number; readonly held: number | null; readonly cosigned: number };
    readonly theirs: { readonly verified: number; readonly held: number };
  };
}

/** One centre on stage: its process, and its officers, each with a token of their own. */
export class StageCentre {
  readonly cast: CastCentre;
  readonly process: CentreProcess;
  readonly #clients: ReadonlyMap<string, CentreClient>;

  private constructor(cast: CastCentre, process: CentreProcess, clients: ReadonlyMap<string, CentreClient>) {
    this.cast = cast;
    this.process = process;
    this.#clients = clients;
  }

  static async enter(cast: CastCentre): Promise<StageCentre> {
    const process = await CentreProcess.start(cast.directory, cast.passphraseFile);
    const clients = new Map<string, CentreClient>();
    for (const officer of ['drafter', 'verifier', 'releaser', 'watch', 'supervisor']) {
      const token = (await readFile(cast.tokenFile(officer), 'utf8')).trim();
      clients.set(officer, new CentreClient({ url: cast.http, token }));
    }
    return new StageCentre(cast, process, clients);
  }

  get name(): string {
    return this.cast.centre;
  }

  as(officer: string): CentreClient {
    const client = this.#clients.get(officer);
    if (client === undefined) throw new Error(`no ${officer} works at ${this.name}`);
    return client;
  }

  async setClock(at: string): Promise<void> {
    await this.as('supervisor').post('/v1/exercise/clock', { at });
  }

  /** Drafted, verified and released by three people, each of whom confirms the same hash. */
  async file(input: unknown): Promise<FiledAnswer> {
    const { draft } = await this.as('drafter').post<DraftAnswer>('/v1/drafts', input);
    const path = `/v1/drafts/${draft.id}`;
    await this.as('verifier').post(`${path}/verify`, { hash: draft.hash });
    const { filed } = await this.as('releaser').post<{ readonly filed: FiledAnswer }>(`${path}/release`, { hash: draft.hash });
    return filed;
  }

  async acknowledge(index: number): Promise<FiledAnswer> {
    const said = { rung: 'A1', outcome: 'received' };
    const { filed } = await this.as('watch').post<{ readonly filed: FiledAnswer }>(
      `/v1/records/theirs/${index}/acknowledge`,
      said,
    );
    return filed;
  }

  /** Where the receipt of one of our records stands in the other side's log, once it is here. */
  async receiptOf(index: number): Promise<{ readonly log: string; readonly at: number }> {
    return await waitFor(`the receipt of leaf ${index} at ${this.name}`, async () => {
      const { addressees } = await this.as('watch').get<RecordAnswer>(`/v1/records/own/${index}`);
      return addressees[0]?.receipt ?? undefined;
    });
  }

  async hasRung(index: number): Promise<void> {
    await waitFor(`the acknowledgement of leaf ${index} at ${this.name}`, async () => {
      const { addressees } = await this.as('watch').get<RecordAnswer>(`/v1/records/own/${index}`);
      return addressees[0]?.rungs.some(({ rung }) => rung === 'A1') === true ? true : undefined;
    });
  }

  /** Waits until a record of the other side is here, so that an officer on watch sees it. */
  async hasTheirs(index: number): Promise<void> {
    await waitFor(`leaf ${index} of the other side at ${this.name}`, async () => {
      const { link } = await this.as('watch').get<LinkAnswer>('/v1/state');
      return link.theirs.held > index ? true : undefined;
    });
  }

  async marginsOf(log: 'own' | 'theirs', index: number): Promise<readonly MarginAnswer[]> {
    interface MatterAnswer {
      readonly due: readonly { readonly margins: readonly MarginAnswer[] }[];
    }
    const { due } = await this.as('watch').get<MatterAnswer>(`/v1/matters/${log}/${index}`);
    return due[0]?.margins ?? [];
  }

  async link(): Promise<LinkAnswer['link']> {
    return (await this.as('watch').get<LinkAnswer>('/v1/state')).link;
  }
}

/** Looks until something is there; throws with what was waited for. */
export async function waitFor<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const endMs = performance.now() + waitMs; ; ) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`waited ${waitMs / 1000} s in vain for ${what}`);
    await pause(lookEveryMs);
  }
}

/** Waits until each side holds and has cosigned all that the other logged. */
export async function waitForQuiet(centres: readonly StageCentre[]): Promise<void> {
  for (const centre of centres) {
    await waitFor(`${centre.name}'s log to be held and cosigned`, async () => {
      const { own } = await centre.link();
      return own.held === own.logged && own.cosigned === own.logged ? true : undefined;
    });
  }
}
