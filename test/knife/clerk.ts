import { hexOf } from '#base/bytes.ts';
import type { Chance } from '#base/chance.ts';
import type { Life } from '#test/knife/life.ts';
import { LossFound, type Witness } from '#test/knife/witness.ts';

export type Tokens = Readonly<Record<'drafter' | 'verifier' | 'releaser', string>>;

/** How far a statement has come, as far as answers say. `asked`: the next step was asked for already, and no answer came. */
type Progress =
  | { readonly at: 'nothing' }
  | { readonly at: 'drafted'; readonly id: number; readonly hash: string; readonly asked: boolean }
  | { readonly at: 'verified'; readonly id: number; readonly hash: string };

/** A request by one of the officers. */
interface Request {
  readonly officer: keyof Tokens;
  readonly what: string;
  readonly body?: unknown;
  readonly key?: string;
}

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

const requestWithinMs = 30_000;
const pauseMs = 20;

/**
 * Officers at a centre that keeps being killed: they draft, verify and release over HTTP, go on with the next life where the answers
 * of the last one left them, and tell the witness what was answered. What an answer said must still be so.
 */
export class Clerk {
  readonly #life: Life;
  readonly #tokens: Tokens;
  readonly #witness: Witness;
  readonly #chance: Chance;
  #progress: Progress = { at: 'nothing' };
  #stopped = false;

  constructor(parts: { readonly life: Life; readonly tokens: Tokens; readonly witness: Witness; readonly chance: Chance }) {
    this.#life = parts.life;
    this.#tokens = parts.tokens;
    this.#witness = parts.witness;
    this.#chance = parts.chance;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Works until it is stopped; rejects with the first answer that a later one takes back. */
  async work(): Promise<void> {
    while (!this.#stopped) {
      const { address } = this.#life;
      const done = address !== undefined && (await this.#step(address));
      if (!done) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** One request; whether it was answered. */
  async #step(address: string): Promise<boolean> {
    switch (this.#progress.at) {
      case 'nothing':
        return await this.#draft(address);
      case 'drafted':
        return await this.#verify(address, this.#progress);
      case 'verified':
        return await this.#release(address, this.#progress);
    }
  }

  async #draft(address: string): Promise<boolean> {
    const precedence = this.#chance.below(6) === 0 ? 'Z' : 'R';
    const text = hexOf(this.#chance.bytes(1 + this.#chance.below(180)));
    const body = { agreement: 'CORE', format: 'TEST', content: { text }, precedence };
    const answer = await this.#ask(address, { officer: 'drafter', what: 'POST /v1/drafts', body });
    if (answer === undefined) return false;
    if (answer.status !== 201) throw unexpected('a new draft', answer);
    const { id, hash } = answer.json['draft'] as { id: number; hash: string };
    this.#progress = { at: 'drafted', id, hash, asked: false };
    return true;
  }

  async #verify(address: string, { id, hash, asked }: Extract<Progress, { at: 'drafted' }>): Promise<boolean> {
    this.#progress = { at: 'drafted', id, hash, asked: true };
    const answer = await this.#ask(address, { officer: 'verifier', what: `POST /v1/drafts/${id}/verify`, body: { hash } });
    if (answer === undefined) return false;
    // It may have been verified by the request whose answer did not come.
    const isRepeated = asked && answer.code === 'draft.state' && answer.text.includes('is verified');
    if (answer.status !== 200 && !isRepeated) throw unexpected(`draft ${id}, answered with 201`, answer);
    this.#progress = { at: 'verified', id, hash };
    return true;
  }

  async #release(address: string, { id, hash }: Extract<Progress, { at: 'verified' }>): Promise<boolean> {
    // The same key each time, so that a request whose answer did not come is not done twice.
    const answer = await this.#ask(address, {
      officer: 'releaser',
      what: `POST /v1/drafts/${id}/release`,
      body: { hash },
      key: `release-${id}`,
    });
    if (answer === undefined || answer.code === 'link.opening') return false;
    if (answer.status !== 200) throw unexpected(`draft ${id}, verified`, answer);
    const filed = answer.json['filed'] as { origin: string; index: number; id: string };
    this.#witness.answered(filed, hash);
    this.#progress = { at: 'nothing' };
    if (this.#chance.below(4) === 0) await this.#prove(address, filed.index);
    return true;
  }

  async #prove(address: string, index: number): Promise<void> {
    const answer = await this.#ask(address, { officer: 'releaser', what: `GET /v1/records/own/${index}/proof` });
    if (answer === undefined) return;
    if (answer.status !== 200) throw unexpected(`the proof of leaf ${index}`, answer);
    this.#witness.proved(answer.text);
  }

  /** The answer; undefined where the centre died before it gave one. */
  async #ask(address: string, { officer, what, body, key }: Request): Promise<Answer | undefined> {
    const [method = 'GET', path = '/'] = what.split(' ');
    const headers = {
      authorization: `Bearer ${this.#tokens[officer]}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      const signal = AbortSignal.timeout(requestWithinMs);
      const response = await fetch(`${address}${path}`, { method, headers, signal, ...sent });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.includes('json') === true;
      const json = isJson ? (JSON.parse(text) as Answer['json']) : {};
      return { status: response.status, code: typeof json['code'] === 'string' ? json['code'] : '', text, json };
    } catch (error) {
      // A process that lives answers.
      if (this.#life.address === address) throw new LossFound(`${what} was not answered: ${String(error)}`);
      return undefined;
    }
  }
}

function unexpected(what: string, { status, text }: Answer): LossFound {
  return new LossFound(`${what}: ${status} ${text.slice(0, 600)}`);
}
