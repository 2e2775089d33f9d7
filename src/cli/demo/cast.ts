import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOfText } from '#base/bytes.ts';
import { type CentreConfig, pathsOf } from '#centre/config.ts';
import { exportPairing, parsePairing } from '#centre/pairing.ts';
import type { Role } from '#centre/people/officer.ts';
import { addOfficer, issueToken } from '#centre/people/people.ts';
import { initCentre, pairCentre } from '#centre/setup.ts';
import type { Scenario } from '#cli/demo/scenario.ts';
import { taken } from '#cli/terminal/report.ts';

/** Sealing made cheap: the passphrase of an exercise lies beside its keys, so that guessing it gains nothing. */
const exerciseCost = 12;

/** Everyone in a centre of the exercise: no two steps of one record are by one person. */
const officers: readonly { readonly id: string; readonly roles: readonly Role[] }[] = [
  { id: 'drafter', roles: ['drafter'] },
  { id: 'verifier', roles: ['verifier'] },
  { id: 'releaser', roles: ['releaser'] },
  { id: 'watch', roles: ['watch-officer'] },
  { id: 'supervisor', roles: ['supervisor'] },
  { id: 'second-supervisor', roles: ['supervisor'] },
];

/** The folder of one centre of the exercise, and what lies in it. */
export interface CastCentre {
  readonly centre: string;
  readonly directory: string;
  readonly passphraseFile: string;
  readonly tokenFile: (officer: string) => string;
  readonly http: string;
  readonly link: string;
  readonly fingerprint: string;
}

export interface Ports {
  readonly link: readonly [number, number];
  readonly http: readonly [number, number];
}

/** Sets up both centres, pairs them, appoints their officers, and copies the key lists out. */
export async function castCentres(folder: string, scenario: Scenario, ports: Ports): Promise<readonly CastCentre[]> {
  const cast: CastCentre[] = [];
  for (const [position, party] of scenario.parties.entries()) {
    cast.push(await castOne(folder, { scenario, party, link: ports.link[position] ?? 0, http: ports.http[position] ?? 0 }));
  }
  await mkdir(join(folder, 'keys'), { recursive: true });
  for (const own of cast) {
    for (const other of cast) if (other !== own) await pair(own, other);
    await copyFile(pathsOf(own.directory).keyList, join(folder, 'keys', `${own.centre}.keys.note`));
  }
  return cast;
}

async function castOne(
  folder: string,
  part: {
    readonly scenario: Scenario;
    readonly party: Scenario['parties'][number];
    readonly link: number;
    readonly http: number;
  },
): Promise<CastCentre> {
  const { scenario, party } = part;
  const directory = join(folder, party.centre);
  const beside = join(folder, `${party.centre}-officers`);
  const [http, link] = [`127.0.0.1:${part.http}`, `127.0.0.1:${part.link}`];
  const config: CentreConfig = {
    format: 'anshin-centre/1',
    centre: party.centre,
    host: party.host,
    circle: scenario.circle,
    status: 'exercise',
    exercise: scenario.exercise,
    linkListen: link,
    httpListen: http,
    agreements: [scenario.agreement],
    heartbeatSeconds: 15,
    askSeconds: 10,
    // A few records need little room, and a small disk should not end the exercise.
    diskReserveMiB: 64,
  };
  await mkdir(beside, { recursive: true, mode: 0o700 });
  const passphraseFile = join(beside, 'passphrase');
  const passphrase = `exercise-${randomBytes(16).toString('hex')}`;
  await writeFile(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
  const options = { directory, config, passphrase: bytesOfText(passphrase), cost: exerciseCost, nowMs: Date.now() };
  const { fingerprint } = taken(await initCentre(options));
  const tokenFile = (officer: string): string => join(beside, `${officer}.token`);
  const { people } = pathsOf(directory);
  for (const { id, roles } of officers) {
    taken(await addOfficer(people, { id, name: `${party.centre} ${id} (exercise)`, roles }));
    await writeFile(tokenFile(id), `${taken(await issueToken(people, id))}\n`, { mode: 0o600 });
  }
  return { centre: party.centre, directory, passphraseFile, tokenFile, http: `http://${http}`, link, fingerprint };
}

/** Takes the other side in. Both sides are on this machine, so that the digits are compared here. */
async function pair(own: CastCentre, other: CastCentre): Promise<void> {
  const { text, fingerprint } = taken(await exportPairing(other.directory));
  const pairing = taken(parsePairing(bytesOfText(text)));
  const passphrase = await passphraseOf(own);
  taken(await pairCentre({ directory: own.directory, passphrase, pairing, fingerprint, nowMs: Date.now() }));
}

async function passphraseOf({ passphraseFile }: CastCentre): Promise<Uint8Array> {
  return bytesOfText((await readFile(passphraseFile, 'utf8')).trimEnd());
}
