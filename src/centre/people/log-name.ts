import { accept, type Result, refuse } from '#base/refusal.ts';
import type { Identity } from '#centre/desk.ts';
import { nameNow } from '#log/succession.ts';

export const logNames = ['own', 'theirs'] as const;
/** How officers' tools name the two logs of a centre: an origin holds slashes, which do not go well in a path. */
export type LogName = (typeof logNames)[number];

/** The origin of a log, by its name here or by the origin itself. Refused: `request.unknown`. */
export function originOf(identity: Identity, name: string): Result<string> {
  if (name === 'own' || name === identity.origin) return accept(identity.origin);
  if (identity.peer !== null && (name === 'theirs' || name === identity.peer.origin)) return accept(identity.peer.origin);
  if (name === 'theirs') return refuse('request.unknown', 'this centre has no other side yet: pair it first');
  return refuse('request.unknown', `there is no log ${name} here: the logs are own and theirs`);
}

export function logNameOf(identity: Identity, origin: string): LogName {
  return nameNow(origin, identity.successions) === identity.origin ? 'own' : 'theirs';
}
