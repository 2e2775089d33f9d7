import { readFile } from 'node:fs/promises';
import { bytesOfText, textOfBytes } from '#base/bytes.ts';
import { noteBytesMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { pathsOf, readCentreConfig } from '#centre/config.ts';
import { fingerprintOf, parseKeyList, publicKeysOf, type VerifiedKeyList, verifyKeyList } from '#log/keys.ts';
import { faultsOf, type Static } from '#record/schema.ts';

const pairingSchema = {
  type: 'object',
  properties: {
    format: { const: 'anshin-pairing/1' },
    keyList: { type: 'string', maxLength: noteBytesMax },
    address: { type: 'string', pattern: '^(?:\\[[0-9a-f:]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$', maxLength: 260 },
  },
  required: ['format', 'keyList'],
  additionalProperties: false,
} as const;

/** An address that listens on every interface names none that the other side could call. */
const everywhere = /^(?:0\.0\.0\.0|\[::\]):/;

/** What one side hands to the other on any carrier: its key list, and where it listens. Trusted only once people compared the digits. */
export interface Pairing {
  readonly keyList: VerifiedKeyList;
  readonly keyListText: string;
  readonly address: string | undefined;
  /** Eight groups of five digits. */
  readonly fingerprint: string;
}

/** The pairing file of a centre, to be given to the other side. */
export async function exportPairing(directory: string): Promise<Result<{ readonly text: string; readonly fingerprint: string }>> {
  const config = await readCentreConfig(directory);
  if (!config.ok) return config;
  const keyList = await readFile(pathsOf(directory).keyList, 'utf8');
  const { linkListen } = config.value;
  const isReachable = linkListen !== undefined && !everywhere.test(linkListen);
  const file: Static<typeof pairingSchema> = {
    format: 'anshin-pairing/1',
    keyList,
    ...(isReachable ? { address: linkListen } : {}),
  };
  const read = parsePairing(bytesOfText(JSON.stringify(file)));
  return read.ok ? accept({ text: `${JSON.stringify(file, null, 2)}\n`, fingerprint: read.value.fingerprint }) : read;
}

/** Reads a pairing file. Hostile input: its keys agree with each other, and that is all that is known before the digits are compared. */
export function parsePairing(bytes: Uint8Array): Result<Pairing> {
  const value = jsonOf(bytes);
  if (!value.ok) return value;
  const [fault] = faultsOf(pairingSchema, value.value);
  if (fault !== undefined) return refuse('key.list', `the pairing file: ${fault.path} ${fault.reason}`);
  const file = value.value as Static<typeof pairingSchema>;
  const parsed = parseKeyList(bytesOfText(file.keyList));
  if (!parsed.ok) return parsed;
  const offline = publicKeysOf(parsed.value.list.offline);
  if (!offline.ok) return offline;
  const keyList = verifyKeyList(parsed.value, offline.value);
  if (!keyList.ok) return keyList;
  return accept({
    keyList: keyList.value,
    keyListText: file.keyList,
    address: file.address,
    fingerprint: fingerprintOf(offline.value),
  });
}

function jsonOf(bytes: Uint8Array): Result<unknown> {
  const text = bytes.length > 2 * noteBytesMax ? refuse('key.list', 'the pairing file is too long') : textOfBytes(bytes);
  if (!text.ok) return text;
  try {
    return accept(JSON.parse(text.value) as unknown);
  } catch {
    return refuse('key.list', 'the pairing file is not JSON');
  }
}
