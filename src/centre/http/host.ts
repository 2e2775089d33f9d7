import { isIP } from 'node:net';
import { accept, type Result, refuse } from '#base/refusal.ts';

/** Whether an address is reached from this machine alone. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Officers' tokens travel in every request: beyond this machine they go by TLS or not at all. */
export function checkListen(listen: { readonly host: string; readonly port: number }, hasTls: boolean): Result<void> {
  if (hasTls || isLoopback(listen.host)) return accept(undefined);
  const detail =
    `plain HTTP on ${listen.host} would send officers' tokens in the clear: listen on 127.0.0.1, ` +
    'or configure a certificate and key for TLS';
  return refuse('http.address', detail, { host: listen.host, port: listen.port });
}

/**
 * Whether a request was meant for this server. A page of a stranger whose name resolves to this machine (DNS rebinding) would
 * name its own host here. The port is not compared: a forwarded port is still this server.
 */
export function checkHost(header: string | undefined, names: ReadonlySet<string>): Result<void> {
  const name = nameIn(header ?? '');
  if (name !== undefined && (isLoopback(name) || names.has(name))) return accept(undefined);
  return refuse('request.host', `this server is not ${JSON.stringify((header ?? '').slice(0, 100))}`);
}

function nameIn(header: string): string | undefined {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9.-]+))(?::\d{1,5})?$/.exec(header.toLowerCase());
  return parts?.[1] ?? parts?.[2];
}
