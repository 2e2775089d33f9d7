import assert from 'node:assert/strict';
import { mustAccept } from '#base/refusal.ts';
import { dayMs, textOfTime } from '#base/time.ts';
import { type RunningHttp, startHttp } from '#centre/http/start-http.ts';
import type { Role } from '#centre/people/officer.ts';
import { addOfficer, issueToken, People } from '#centre/people/people.ts';
import type { PaperDesk } from '#test/officers/paper-desk.ts';
import { noticeContent } from '#test/paper-circle.ts';

/** Who works in a test: one officer for each role, a second drafter's twin who also verifies, and one with both hands. */
export const staff: Readonly<Record<string, readonly Role[]>> = {
  drafter: ['drafter'],
  verifier: ['verifier'],
  releaser: ['releaser'],
  watch: ['watch-officer'],
  supervisor: ['supervisor'],
  auditor: ['auditor'],
  both: ['drafter', 'verifier', 'releaser'],
};

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body of an answer in JSON; its shape is what the tests check. */
  readonly json: Record<string, unknown>;
}

/** A desk with its officers, served over real HTTP. */
export class OfficersHouse {
  readonly desk: PaperDesk;
  readonly tokens = new Map<string, string>();
  readonly faults: Error[] = [];
  address = '';
  #http: RunningHttp | undefined;

  private constructor(desk: PaperDesk) {
    this.desk = desk;
  }

  static async open(desk: PaperDesk): Promise<OfficersHouse> {
    const house = new OfficersHouse(desk);
    for (const [id, roles] of Object.entries(staff)) {
      mustAccept(await addOfficer(desk.peoplePath, { id, name: `Officer ${id}`, roles: [...roles] }));
      house.tokens.set(id, mustAccept(await issueToken(desk.peoplePath, id)));
    }
    await house.start();
    return house;
  }

  async start(heartbeatMs = 60_000): Promise<void> {
    this.#http = mustAccept(
      await startHttp({
        desk: this.desk,
        people: mustAccept(await People.open(this.desk.peoplePath)),
        keyLists: async () => ({ own: 'own note', theirs: null }),
        listen: { host: '127.0.0.1', port: 0 },
        tls: null,
        hosts: [],
        heartbeatMs,
        onFault: (error) => this.faults.push(error),
      }),
    );
    this.address = this.#http.address;
  }

  async stop(): Promise<void> {
    await this.#http?.close();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.desk.close();
  }

  headers(officer: string | null): Record<string, string> {
    const token = officer === null ? undefined : (this.tokens.get(officer) ?? officer);
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Asks as an officer; `body` is sent as JSON, or as it stands if it is text. */
  async ask(officer: string | null, request: string, body?: unknown): Promise<Answered> {
    return await this.askWith(officer, request, { body, headers: {} });
  }

  async askWith(
    officer: string | null,
    request: string,
    { body, headers }: { readonly body?: unknown; readonly headers: Readonly<Record<string, string>> },
  ): Promise<Answered> {
    const [method = 'GET', path = '/'] = request.split(' ');
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${this.address}${path}`, {
      method,
      headers: { ...this.headers(officer), ...type, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    const json = isJson ? (JSON.parse(text) as Answered['json']) : {};
    return { status: response.status, headers: response.headers, text, json };
  }

  /** A notice that both sides' rules accept: the window opens in three days. */
  notice(change: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      agreement: 'BMLN',
      format: 'NOTIFY',
      content: noticeContent(this.desk.dutyTimeMs() + 3 * dayMs),
      effectiveAt: textOfTime(this.desk.dutyTimeMs() + 3 * dayMs),
      ...change,
    };
  }

  /** Drafts and verifies; gives the draft's number and hash. */
  async verified(input = this.notice()): Promise<{ readonly id: number; readonly hash: string }> {
    const { id, hash } = await this.drafted(input);
    const verified = await this.ask('verifier', `POST /v1/drafts/${id}/verify`, { hash });
    assert.equal(verified.status, 200, verified.text);
    return { id, hash };
  }

  async drafted(input = this.notice(), officer = 'drafter'): Promise<{ readonly id: number; readonly hash: string }> {
    const drafted = await this.ask(officer, 'POST /v1/drafts', input);
    assert.equal(drafted.status, 201, drafted.text);
    const { draft } = drafted.json as { draft: { id: number; hash: string } };
    return { id: draft.id, hash: draft.hash };
  }
}
