import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Refusal } from '#base/refusal.ts';
import { addressOf } from '#centre/config.ts';
import { certificateOf } from '#centre/link/certificate.ts';
import type { StageCentre } from '#cli/demo/stage.ts';

const program = join(import.meta.dirname, '../main.ts');
const alarmWithinMs = 20_000;

/** What one attempt came to. */
export interface Attempt {
  readonly what: string;
  readonly refusal: Pick<Refusal, 'code' | 'clause' | 'detail'>;
}

/**
 * Somebody on the path, of no state, connects to a centre's link with a key that nobody pinned. Resolves with the alarm that the
 * centre raises as it cuts the connection; throws if it does not, or if a single byte came back over the open link.
 */
export async function intrude(centre: StageCentre): Promise<Attempt> {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' });
  const { host, port } = addressOf(centre.cast.link);
  const alarm = centre.process.until(({ kind }) => kind === 'alarm', alarmWithinMs);
  const socket = connect({
    host,
    port,
    key,
    cert: certificateOf(key, 'attacker.example'),
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['anshin-next/1'],
    ecdhCurve: 'X25519MLKEM768',
  });
  let heard = 0;
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.length;
  });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const { refusal } = await alarm;
  await closed;
  if (refusal === undefined || heard > 0) throw new Error(`an intruder at ${centre.name} was not cut off unheard`);
  return { what: `connects to the link port of ${centre.name} with a key of its own`, refusal };
}

export interface ForgedFile {
  readonly what: string;
  readonly record: string;
  readonly proof: string;
}

/** Alters what it takes from the path, in the way that would pay: another place, another history, other keys' signatures. */
export async function forge(
  folder: string,
  genuine: { readonly record: Uint8Array; readonly proof: Uint8Array },
): Promise<readonly ForgedFile[]> {
  await mkdir(folder, { recursive: true });
  const [record, proof] = [join(folder, 'forged-record.json'), join(folder, 'forged.tlog-proof')];
  const files = { record: join(folder, 'genuine-record.json'), proof: join(folder, 'genuine.tlog-proof') };
  await writeFile(files.record, genuine.record);
  await writeFile(files.proof, genuine.proof);
  await writeFile(record, movedImpact(genuine.record));
  await writeFile(proof, withByteFlipped(genuine.proof));
  return [
    { what: 'moves the impact area in the record by ten degrees, and keeps the proof', record, proof: files.proof },
    { what: 'flips one bit of a signature in the proof, and keeps the record', record: files.record, proof },
  ];
}

/** Hands forged files to `anshin verify`, in a process of its own; throws if it accepts them. */
export async function tryForged(forged: ForgedFile, keys: readonly string[]): Promise<Attempt> {
  const { what, record, proof } = forged;
  const args = ['verify', '--json', '--record', record, '--proof', proof, ...keys.flatMap((file) => ['--keys', file])];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const answer = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { readonly refused?: Refusal };
  if (code !== 1 || answer.refused === undefined) throw new Error(`a forged file was not refused: ${what}`);
  return { what, refusal: answer.refused };
}

function movedImpact(record: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(record);
  const moved = text.replace(/("impactAreas":\[\{"centre":\{"latE6":)(-?\d+)/, (_, before: string, lat: string) => {
    return `${before}${Number(lat) + 10_000_000}`;
  });
  if (moved === text) throw new Error('the record has no impact area to move');
  return new TextEncoder().encode(moved);
}

/** The last line of a proof is a signature line in base64; the byte flipped stands in its middle. */
function withByteFlipped(proof: Uint8Array): Uint8Array {
  const place = proof.length - 200;
  return proof.with(place, proof[place] === 0x41 ? 0x42 : 0x41);
}
