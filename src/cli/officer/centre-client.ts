import type { Refusal } from '#base/refusal.ts';
import { codeOf } from '#cli/terminal/input.ts';
import { Refused, UsageFault } from '#cli/terminal/report.ts';

const answerWithinMs = 60_000;

/** A fault of one field, as a centre names it. */
export interface FieldFault {
  readonly path: string;
  readonly reason: string;
}

/** An officer's tool at a centre: one address, one token. The centre's answers are taken as what it says, and no more. */
export class CentreClient {
  readonly url: string;
  readonly #token: string;

  constructor(at: { readonly url: string; readonly token: string }) {
    this.url = at.url.replace(/\/+$/, '');
    this.#token = at.token;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.#ask('GET', path)).json()) as T;
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return (await (await this.#ask('POST', path, { body, headers: {} })).json()) as T;
  }

  /** A request that may be repeated: under one key the centre does it once. */
  async postOnce<T>(path: string, body: unknown, key: string | undefined): Promise<T> {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    return (await (await this.#ask('POST', path, { body, headers })).json()) as T;
  }

  async put<T>(path: string, body: unknown): Promise<T> {
    return (await (await this.#ask('PUT', path, { body, headers: {} })).json()) as T;
  }

  async text(path: string): Promise<string> {
    return await (await this.#ask('GET', path)).text();
  }

  async bytes(path: string): Promise<Uint8Array> {
    return await (await this.#ask('GET', path)).bytes();
  }

  /** The event stream as it comes; ends with the signal. */
  async events(signal: AbortSignal, lastId: string | undefined): Promise<ReadableStream<Uint8Array>> {
    const headers = { ...this.#headers(), ...(lastId === undefined ? {} : { 'last-event-id': lastId }) };
    const response = await this.#fetch('/v1/events', { headers, signal });
    if (!response.ok || response.body === null) throw await refusedBy(response);
    return response.body;
  }

  async #ask(
    method: string,
    path: string,
    sent?: { readonly body: unknown; readonly headers: Readonly<Record<string, string>> },
  ): Promise<Response> {
    const headers = {
      ...this.#headers(),
      ...sent?.headers,
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const body = sent === undefined ? {} : { body: JSON.stringify(sent.body) };
    const response = await this.#fetch(path, { method, ...body, headers, signal: AbortSignal.timeout(answerWithinMs) });
    if (response.ok) return response;
    throw await refusedBy(response);
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, init);
    } catch (error) {
      if (init.signal?.aborted === true && !(error instanceof DOMException && error.name === 'TimeoutError')) throw error;
      const cause = error instanceof Error ? error.cause : undefined;
      throw new UsageFault(
        `no centre answers at ${this.url} (${codeOf(cause ?? error)}): start it with anshin serve, or give its address by --url`,
      );
    }
  }
}

/** Reads problem details (RFC 9457). What answers may be no centre at all. */
async function refusedBy(response: Response): Promise<Error> {
  const text = await response.text();
  let problem: Partial<Refusal> & { readonly faults?: readonly FieldFault[] };
  try {
    problem = JSON.parse(text) as typeof problem;
  } catch {
    problem = {};
  }
  if (typeof problem.code !== 'string' || typeof problem.clause !== 'string') {
    return new UsageFault(`${response.url} answers ${response.status}, and not as a centre does: check --url`);
  }
  const faults = (problem.faults ?? []).map(({ path, reason }) => `${path} ${reason}`).join('; ');
  // The detail of a malformed request is its first fault.
  const detail = faults.startsWith(String(problem.detail)) ? faults : `${problem.detail}${faults === '' ? '' : `: ${faults}`}`;
  return new Refused({ refusal: { code: problem.code, clause: problem.clause, detail, evidence: problem.evidence ?? {} } });
}
