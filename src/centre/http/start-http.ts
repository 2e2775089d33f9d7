import { accept, type Result, refuse } from '#base/refusal.ts';
import type { Desk } from '#centre/desk.ts';
import { draftRoutes } from '#centre/http/draft-routes.ts';
import { checkListen } from '#centre/http/host.ts';
import { houseRoutes, type KeyListNotes } from '#centre/http/house-routes.ts';
import { type Front, HttpServer } from '#centre/http/http-server.ts';
import { matterRoutes } from '#centre/http/matter-routes.ts';
import { recordRoutes } from '#centre/http/record-routes.ts';
import type { Route } from '#centre/http/route.ts';
import { type Office, openOffice } from '#centre/people/office.ts';
import type { People } from '#centre/people/people.ts';
import { isErrno } from '#centre/store/durable-file.ts';

export interface HttpSetup extends Front {
  readonly desk: Desk;
  readonly people: People;
  readonly keyLists: () => Promise<KeyListNotes>;
}

export interface RunningHttp {
  /** Such as `http://127.0.0.1:7800`. */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/**
 * Opens the office and serves officers' tools over HTTP (`spec/officers.md`). Refused with `http.address` where tokens would
 * travel in the clear, or the address is taken or not ours. Close it before the desk.
 */
export async function startHttp(setup: HttpSetup): Promise<Result<RunningHttp>> {
  const allowed = checkListen(setup.listen, setup.tls !== null);
  if (!allowed.ok) return allowed;
  const office = await openOffice(setup.desk, setup.people);
  const server = new HttpServer(office, setup, routesOf(office, setup.keyLists));
  try {
    const address = await server.listen();
    return accept({ address, close: async () => await server.close() });
  } catch (error) {
    await server.close();
    const { host, port } = setup.listen;
    if (isErrno(error, 'EADDRINUSE'))
      return refuse('http.address', `port ${port} of ${host} is taken: stop what uses it, or choose another`);
    if (isErrno(error, 'EADDRNOTAVAIL') || isErrno(error, 'EACCES')) {
      return refuse('http.address', `this machine does not let us listen on port ${port} of ${host}`, { host, port });
    }
    throw error;
  }
}

/** Every route but the event stream. */
function routesOf(office: Office, keyLists: () => Promise<KeyListNotes>): readonly Route[] {
  return [...houseRoutes(office, keyLists), ...draftRoutes(office), ...recordRoutes(office), ...matterRoutes(office)];
}
