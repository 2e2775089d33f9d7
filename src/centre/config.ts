import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOfText } from '#base/bytes.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { isErrno, writeDurably } from '#centre/store/durable-file.ts';
import { originOf } from '#log/checkpoint.ts';
import { faultsOf, type Schema, type Static } from '#record/schema.ts';

const centre = { type: 'string', pattern: '^[A-Z]{2,8}$' } as const;
/** A port is a number below 65,536. */
const port = '(?:[0-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';
const address = { type: 'string', pattern: `^(?:\\[[0-9a-f:]+\\]|[A-Za-z0-9.-]+):${port}$`, maxLength: 260 } as const;
const base64 = { type: 'string', pattern: '^[A-Za-z0-9+/]+={0,2}$', maxLength: 4000 } as const;
const count = { type: 'integer', minimum: 1 } as const;

/** `centre.json`: what a centre is. One directory is one circle and one status; others have directories and keys of their own. */
export const centreConfigSchema = {
  type: 'object',
  properties: {
    format: { const: 'anshin-centre/1' },
    centre,
    host: { type: 'string', pattern: '^[a-z0-9][a-z0-9.-]{0,99}$' },
    circle: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,39}$' },
    status: { enum: ['actual', 'exercise', 'test'] },
    exercise: { type: 'string', minLength: 1, maxLength: 80 },
    linkListen: address,
    httpListen: address,
    agreements: { type: 'array', items: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,60}$' }, maxItems: 64 },
    heartbeatSeconds: { type: 'integer', minimum: 1, maximum: 3600 },
    askSeconds: { type: 'integer', minimum: 1, maximum: 600 },
    diskReserveMiB: { type: 'integer', minimum: 1 },
  },
  required: ['format', 'centre', 'host', 'circle', 'status', 'httpListen', 'agreements', 'heartbeatSeconds', 'askSeconds'],
  additionalProperties: false,
} as const;

/** `peer.json`: the other side as the pairing established it. The keys in it were compared by people. */
export const peerConfigSchema = {
  type: 'object',
  properties: {
    format: { const: 'anshin-peer/1' },
    centre,
    origin: { type: 'string', maxLength: 160 },
    address,
    offline: {
      type: 'object',
      properties: { ed25519: base64, mldsa44: base64 },
      required: ['ed25519', 'mldsa44'],
      additionalProperties: false,
    },
    group: { type: 'string', pattern: '^[A-Za-z0-9_:-]{1,100}$' },
    budget: {
      type: 'object',
      properties: { bytesPerDay: count, recordsPerDay: count, flashPerHour: count },
      required: ['bytesPerDay', 'recordsPerDay', 'flashPerHour'],
      additionalProperties: false,
    },
  },
  required: ['format', 'centre', 'origin', 'offline', 'group', 'budget'],
  additionalProperties: false,
} as const;

export type CentreConfig = Static<typeof centreConfigSchema>;
export type PeerConfig = Static<typeof peerConfigSchema>;

/** The files of a centre's directory. */
export function pathsOf(directory: string) {
  return {
    config: join(directory, 'centre.json'),
    keys: join(directory, 'keys.sealed'),
    offline: join(directory, 'offline.sealed'),
    keyList: join(directory, 'keys.note'),
    peer: join(directory, 'peer.json'),
    peerKeyList: join(directory, 'peer.keys.note'),
    anchor: join(directory, 'anchor'),
    store: join(directory, 'store.sqlite'),
    /** What the folds made of the store's leaves: only a cache. */
    folds: join(directory, 'folds.sqlite'),
    people: join(directory, 'people.json'),
    former: join(directory, 'former'),
    succession: join(directory, 'succession'),
  } as const;
}

export function ownOriginOf(config: CentreConfig): string {
  return originOf({ host: config.host, circle: config.circle, status: config.status });
}

export async function readCentreConfig(directory: string): Promise<Result<CentreConfig>> {
  const path = pathsOf(directory).config;
  const config = await readConfig<CentreConfig>(path, centreConfigSchema);
  if (!config.ok || config.value === undefined) {
    return config.ok
      ? refuse('config.missing', `there is no centre at ${directory}: set one up with anshin init`, { path })
      : config;
  }
  if ((config.value.status === 'exercise') !== (config.value.exercise !== undefined)) {
    return refuse('config.form', `${path}: the field exercise stands where the status is exercise, and nowhere else`, { path });
  }
  return accept(config.value);
}

/** The other side, or nothing before pairing. */
export async function readPeerConfig(directory: string): Promise<Result<PeerConfig | undefined>> {
  return readConfig<PeerConfig>(pathsOf(directory).peer, peerConfigSchema);
}

export async function writeConfig(
  path: string,
  value: CentreConfig | PeerConfig,
  how: 'create' | 'replace',
): Promise<Result<void>> {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (await writeDurably(path, bytesOfText(text), { mode: 0o600, how })) return accept(undefined);
  return refuse('store.exists', `${path} exists already and is not overwritten`, { path });
}

/** Splits `host:port`. The schema has seen its form. */
export function addressOf(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

async function readConfig<T>(path: string, schema: Schema): Promise<Result<T | undefined>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    const [fault] = faultsOf(schema, value);
    if (fault !== undefined) return refuse('config.form', `${path}: ${fault.path} ${fault.reason}`, { path });
    return accept(value as T);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return accept(undefined);
    if (error instanceof SyntaxError) return refuse('config.form', `${path} is not JSON: ${error.message}`, { path });
    throw error;
  }
}
