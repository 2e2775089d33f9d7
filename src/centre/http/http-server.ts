import { randomUUID } from 'node:crypto';
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { eventReadersMax, eventReadersPerOfficerMax, requestBytesMax } from '#base/limits.ts';
import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import { textOfTime } from '#base/time.ts';
import { bare, FormFault, giveAnswer, giveRefusal, type Refused, refusalOfError } from '#centre/http/answers.ts';
import { EventFeed } from '#centre/http/event-feed.ts';
import { eventOfNews } from '#centre/http/event-news.ts';
import { streamEvents } from '#centre/http/event-stream.ts';
import { checkHost } from '#centre/http/host.ts';
import { problemOf } from '#centre/http/problem.ts';
import { nothing, type Route } from '#centre/http/route.ts';
import { Strangers } from '#centre/link/strangers.ts';
import type { Office } from '#centre/people/office.ts';
import { hasRole, type Officer, type Role, roles } from '#centre/people/officer.ts';
import { faultsOf, type Schema } from '#record/schema.ts';

/** Where officers' tools reach the centre, and how. */
export interface Front {
  readonly listen: { readonly host: string; readonly port: number };
  /** PEM; null for plain HTTP, on this machine alone. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Names, besides those of this machine to itself, by which tools address the server. */
  readonly hosts: readonly string[];
  /** Between two `time` events. */
  readonly heartbeatMs: number;
  /** Hears of errors that are our own fault; the officer gets a 500 without their words. */
  readonly onFault: (error: Error) => void;
}

const requestWithinMs = 30_000;
const connectionsMax = 512;
/** Of these, connections on which nobody has signed in yet; beyond it one is dropped, so that strangers keep no officer out. */
const unsignedMax = 256;
const keyForm = /^[A-Za-z0-9_-]{1,64}$/;
const safety = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** The server. Owner of its sockets, of the event feed and of who is signed in on each request. */
export class HttpServer {
  readonly #office: Office;
  readonly #front: Front;
  readonly #app: FastifyInstance;
  readonly #feed = new EventFeed(randomUUID());
  readonly #officers = new WeakMap<FastifyRequest, Officer>();
  /** How to end each stream, and whose it is. */
  readonly #streams = new Map<() => void, string>();
  readonly #stops: readonly (() => void)[];
  readonly #names: ReadonlySet<string>;
  /** Who has not signed in is nobody's news: a journal takes what fails to. */
  readonly #strangers = new Strangers(() => undefined, unsignedMax);

  constructor(office: Office, front: Front, routes: readonly Route[]) {
    this.#office = office;
    this.#front = front;
    this.#names = new Set([front.listen.host, ...front.hosts].map((name) => name.toLowerCase()));
    this.#app = Fastify({
      serverFactory: (handler) => serverOf(front, handler),
      bodyLimit: requestBytesMax,
      exposeHeadRoutes: false,
      frameworkErrors: (error, request, reply) => {
        const problem = problemOf(refuse('request.form', error.message).refusal, request.url.slice(0, 200), []);
        reply.hijack();
        reply.raw.writeHead(problem.status, { ...safety, 'content-type': 'application/problem+json; charset=utf-8' });
        reply.raw.end(JSON.stringify(problem));
      },
    });
    this.#app.server.on('connection', (socket: Socket) => this.#strangers.enter(socket));
    this.#app.removeContentTypeParser('text/plain');
    this.#app.setValidatorCompiler(({ schema, httpPart }) => validatorOf(schema as Schema, httpPart));
    this.#app.addHook('onRequest', async (request, reply) => await this.#admit(request, reply));
    this.#app.setErrorHandler(async (error: Error, request, reply) => await this.#fail(error, request, reply));
    this.#app.setNotFoundHandler(async (request, reply) => {
      return await this.#refuse(
        request,
        reply,
        bare('request.unknown', `there is no ${request.method} ${request.url.split('?')[0]} here`),
      );
    });
    for (const route of routes) this.#add(route);
    this.#addEvents();
    this.#stops = [
      office.desk.listen((news) => this.#feed.publish(news.kind, eventOfNews(office.desk.identity, news))),
      office.drafts.listen((id) => this.#feed.publish('draft', { id })),
    ];
  }

  /** Resolves to the address in use. Rejects as the socket does. */
  async listen(): Promise<string> {
    return await this.#app.listen(this.#front.listen);
  }

  /** Ends the event streams, lets requests under way finish, and closes the socket. */
  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    for (const end of this.#streams.keys()) end();
    this.#strangers.dismiss();
    await this.#app.close();
  }

  /** Before anything of a request is read: the right host, then who asks. */
  async #admit(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    reply.headers(safety);
    if (this.#front.tls !== null) reply.header('strict-transport-security', 'max-age=31536000');
    const host = checkHost(request.headers.host, this.#names);
    if (!host.ok) return await this.#refuse(request, reply, { refusal: host.refusal, faults: [] });
    const officer = await this.#signIn(request);
    if (!officer.ok) return await this.#refuse(request, reply, { refusal: officer.refusal, faults: [] });
    this.#officers.set(request, officer.value);
    this.#strangers.admitted(request.raw.socket);
    return undefined;
  }

  async #signIn(request: FastifyRequest): Promise<Result<Officer>> {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined) return await this.#office.people.officerOf(token);
    return refuse('people.token', 'the request carries no token: send it as Authorization: Bearer, never in the address');
  }

  #add(route: Route): void {
    const { params, query, body } = route;
    this.#app.route({
      method: route.method,
      url: route.path,
      schema: route.method === 'GET' ? { params, querystring: query } : { params, querystring: query, body },
      onRequest: async (request, reply) => await this.#authorise(request, reply, route.roles),
      handler: async (request, reply) => await this.#answer(route, request, reply),
    });
  }

  async #authorise(request: FastifyRequest, reply: FastifyReply, allowed: readonly Role[]): Promise<FastifyReply | undefined> {
    const officer = this.#officers.get(request);
    if (officer !== undefined && hasRole(officer, allowed)) return undefined;
    const detail = `this needs the role ${allowed.join(' or ')}; ${officer?.id ?? 'nobody'} has ${officer?.roles.join(', ') ?? 'none'}`;
    return await this.#refuse(request, reply, bare('people.role', detail));
  }

  async #answer(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const officer = this.#officers.get(request);
    const key = keyOf(request);
    assert(officer !== undefined, 'a route is reached by an officer alone');
    if (!key.ok) return await this.#refuse(request, reply, { refusal: key.refusal, faults: [] });
    const { params, query } = request;
    const answer = await route.answer({ officer, params, query, body: request.body ?? {}, key: key.value });
    return answer.ok
      ? await giveAnswer(reply, answer.value)
      : await this.#refuse(request, reply, { refusal: answer.refusal, faults: [] });
  }

  #addEvents(): void {
    this.#app.route({
      method: 'GET',
      url: '/v1/events',
      schema: { params: nothing, querystring: nothing },
      onRequest: async (request, reply) => await this.#authorise(request, reply, roles),
      handler: async (request, reply) => {
        const officer = this.#officers.get(request);
        assert(officer !== undefined, 'a route is reached by an officer alone');
        const full = this.#streamsFull(officer.id);
        if (full === undefined) return this.#stream(request, reply, officer.id);
        return await this.#refuse(request, reply, bare('request.streams', full));
      },
    });
  }

  /** Why no further stream is opened, and what to do; undefined if one may be. One officer cannot take all that there are. */
  #streamsFull(id: string): string | undefined {
    const own = [...this.#streams.values()].filter((each) => each === id).length;
    if (own >= eventReadersPerOfficerMax) {
      return `${id} reads events in ${own} places already: close one of these consoles, or end a program that reads under this token`;
    }
    if (this.#streams.size < eventReadersMax) return undefined;
    return `${eventReadersMax} readers of events are here already: close a console that nobody watches, and ask again`;
  }

  #stream(request: FastifyRequest, reply: FastifyReply, id: string): FastifyReply {
    const { desk } = this.#office;
    reply.header('content-type', 'text/event-stream; charset=utf-8');
    reply.hijack();
    reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>);
    const house = {
      feed: this.#feed,
      heartbeatMs: this.#front.heartbeatMs,
      times: () => ({ now: textOfTime(desk.nowMs()), duty: textOfTime(desk.dutyTimeMs()) }),
      mayRead: async () => (await this.#signIn(request)).ok,
    };
    const lastId = request.headers['last-event-id'];
    const end = streamEvents(reply.raw, house, typeof lastId === 'string' ? lastId : undefined);
    this.#streams.set(end, id);
    reply.raw.on('close', () => this.#streams.delete(end));
    return reply;
  }

  async #fail(error: Error, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const known = refusalOfError(error);
    if (known === undefined) this.#front.onFault(error);
    const ours = bare('request.failed', 'the centre failed to answer; what was asked may or may not have been done');
    return await this.#refuse(request, reply, known ?? ours);
  }

  async #refuse(request: FastifyRequest, reply: FastifyReply, what: Refused): Promise<FastifyReply> {
    const { journal } = this.#office;
    return await giveRefusal(reply, what, { journal, officer: this.#officers.get(request) });
  }
}

/** Reads an `Idempotency-Key`; null where there is none. */
function keyOf(request: FastifyRequest): Result<string | null> {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return accept(null);
  if (typeof key === 'string' && keyForm.test(key)) return accept(key);
  return refuse('request.form', 'an Idempotency-Key is 1 to 64 letters, digits, hyphens and underscores');
}

/** The same interpreter of schemas as for records: closed, without code made at run time, faults field by field. */
function validatorOf(schema: Schema, part: string | undefined) {
  return (value: unknown): { readonly value: unknown } | { readonly error: FormFault } => {
    const faults = faultsOf(schema, value ?? {}, part === 'body' || part === undefined ? '' : `/${part}`);
    return faults.length === 0 ? { value } : { error: new FormFault(faults) };
  };
}

function serverOf({ tls }: Front, handler: RequestListener): Server {
  const limits = {
    requestTimeout: requestWithinMs,
    headersTimeout: requestWithinMs,
    keepAliveTimeout: 10_000,
    maxHeaderSize: 16_384,
  };
  const server: Server =
    tls === null ? createPlainServer(limits, handler) : createTlsServer({ ...limits, ...tls, minVersion: 'TLSv1.3' }, handler);
  server.maxConnections = connectionsMax;
  return server;
}
