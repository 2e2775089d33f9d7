import assert from 'node:assert/strict';
import { cp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Chance } from '#base/chance.ts';
import { mustAccept } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { pathsOf, readCentreConfig, readPeerConfig } from '#centre/config.ts';
import { openCentre } from '#centre/open-centre.ts';
import { addOfficer, issueToken, People } from '#centre/people/people.ts';
import { slotBytes } from '#centre/signer/anchor.ts';
import { StoreRefusal } from '#centre/store/store.ts';
import { checkStore } from '#cli/store/check-store.ts';
import { Refused } from '#cli/terminal/report.ts';
import { fileTest, untilQuiet } from '#test/federation/concord.ts';
import { PairOfCentres, passphrase } from '#test/federation/pair-of-centres.ts';
import { chanceOf, seedOf } from '#test/federation/seed.ts';

/** Flips in each file of a centre's directory. */
const flips = {
  'store.sqlite': 50,
  'store.sqlite-wal': 50,
  anchor: 30,
  'keys.sealed': 8,
  'keys.note': 8,
  'peer.keys.note': 8,
  'centre.json': 15,
  'peer.json': 15,
  'people.json': 15,
} as const;
type FileName = keyof typeof flips;
/** Places at which each of them is cut off. */
const cutsEach = 5;
/** Of a slot of the anchor, what holds something. */
const slotUsedBytes = 600;
/**
 * What a flip may change in texts that people may write by hand: no statement, key or name of a log depends on it. Who the other side is,
 * the signed lists decide.
 */
const settings = ['linkListen', 'httpListen', 'agreements', 'heartbeatSeconds', 'askSeconds', 'diskReserveMiB']
  .map((each) => `centre.json ${each}`)
  .concat(['address', 'group', 'budget', 'origin', 'centre'].map((each) => `peer.json ${each}`));

const seed = seedOf('flips');
const pair = await PairOfCentres.make({ status: 'test' });
after(() => pair.remove());
/** As a kill leaves it, with a log of changes beside the store; and as an orderly end does. */
const whole = join(pair.folder, 'whole');
const ended = join(pair.folder, 'ended');
const flipped = join(pair.folder, 'flipped');
const readingsOfWhole = fillWhole();

/** What is read of a centre: its leaves, and what the folds make of them. */
interface Readings {
  readonly own: readonly string[];
  readonly theirs: readonly string[];
  readonly folds: string;
}

type Outcome = 'refused by name' | 'found by the check' | 'nothing is read differently' | 'an earlier commit' | 'a setting';

/** Keeps two copies of the United States' directory, and gives what is read of them. */
async function fillWhole(): Promise<Readings> {
  for (const role of ['drafter', 'verifier', 'releaser'] as const) {
    const { people } = pathsOf(pair.directory('US'));
    mustAccept(await addOfficer(people, { id: role, name: `Officer ${role}`, roles: [role] }));
    mustAccept(await issueToken(people, role));
  }
  const { cn, us } = await pair.startBoth();
  for (let number = 0; number < 30; number += 1) {
    await fileTest(us, `ours ${number}`, number % 9 === 0 ? 'Z' : 'R');
    await fileTest(cn, `theirs ${number}`, number % 7 === 0 ? 'Z' : 'R');
  }
  await untilQuiet(cn, us);
  await cp(pair.directory('US'), whole, { recursive: true });
  await pair.stop('CN');
  const readings = await readingsOf(us);
  await pair.stop('US');
  await cp(pair.directory('US'), ended, { recursive: true });
  return readings;
}

async function readingsOf(centre: Centre): Promise<Readings> {
  const { identity, store } = centre;
  const leavesOf = async (log: string): Promise<readonly string[]> => {
    const leaves = await store.leaves(log, 0, { count: 10_000, bytes: 100_000_000 });
    return leaves.map((leaf) => Buffer.from(leaf).toString('utf8'));
  };
  return {
    own: await leavesOf(identity.origin),
    theirs: await leavesOf(identity.peer?.origin ?? ''),
    folds: JSON.stringify(centre.register.dump()),
  };
}

async function putBack(name: FileName): Promise<void> {
  await rm(flipped, { recursive: true, force: true });
  await cp(name === 'store.sqlite' ? ended : whole, flipped, { recursive: true });
}

async function cut(name: FileName, chance: Chance): Promise<void> {
  await putBack(name);
  const path = join(flipped, name);
  await truncate(path, chance.below((await stat(path)).size));
}

async function flip(name: FileName, chance: Chance): Promise<void> {
  await putBack(name);
  const bytes = await readFile(join(flipped, name));
  const at = name === 'anchor' ? chance.below(2) * slotBytes + chance.below(slotUsedBytes) : chance.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.below(8));
  await writeFile(join(flipped, name), bytes);
}

/** What comes of the flip. Throws if it is none of what may come of it: above all, if anything else is read than was written. */
async function outcomeOf(name: FileName, expected: Readings): Promise<Outcome> {
  if (name === 'people.json') return await outcomeForPeople();
  const opened = await openCentre({ directory: flipped, passphrase, nowMs: () => Date.now() }).catch((error: unknown) => {
    // An address that the system does not lend: it says so by name.
    if (name === 'centre.json' && error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  });
  if (opened?.ok !== true) return 'refused by name';
  if (name === 'centre.json' || name === 'peer.json') {
    await opened.value.close();
    return await outcomeForSettings();
  }
  const { centre } = opened.value;
  const read = await readingsOf(centre).catch((error: unknown) => {
    assert.ok(error instanceof StoreRefusal);
    return undefined;
  });
  const isWhole = (await centre.store.check()).length === 0;
  await opened.value.close();
  if (read === undefined || !isWhole) return 'found by the check';
  if (isDeepStrictEqual(read, expected)) return 'nothing is read differently';
  if (name === 'store.sqlite') {
    assert.ok((await checkStore(flipped)).faults.length > 0, 'what is read differently is found by the check');
    return 'found by the check';
  }
  assert.equal(name, 'store.sqlite-wal');
  assert.deepEqual(read.own, expected.own, 'our own log is what it was');
  assert.deepEqual(read.theirs, expected.theirs.slice(0, read.theirs.length), 'of the other log nothing else is shown');
  return 'an earlier commit';
}

async function outcomeForSettings(): Promise<Outcome> {
  const [was, is] = await Promise.all([whole, flipped].map(settingsIn));
  const names = new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])]);
  const changed = [...names].filter((each) => JSON.stringify(was?.get(each)) !== JSON.stringify(is?.get(each)));
  assert.deepEqual(
    changed.filter((each) => !settings.includes(each)),
    [],
  );
  return 'a setting';
}

async function settingsIn(folder: string): Promise<ReadonlyMap<string, unknown>> {
  const [own, peer] = [mustAccept(await readCentreConfig(folder)), mustAccept(await readPeerConfig(folder))];
  return new Map<string, unknown>([
    ...Object.entries(own).map(([key, value]) => [`centre.json ${key}`, value] as const),
    ...Object.entries(peer ?? {}).map(([key, value]) => [`peer.json ${key}`, value] as const),
  ]);
}

/** A name may have changed, or a token no longer be known; nobody has another right. */
async function outcomeForPeople(): Promise<Outcome> {
  const people = await People.open(pathsOf(flipped).people);
  if (!people.ok) return 'refused by name';
  const [was, is] = await Promise.all([whole, flipped].map((folder) => rightsIn(folder)));
  assert.deepEqual(is, was);
  return 'a setting';
}

async function rightsIn(folder: string): Promise<unknown> {
  const { officers } = JSON.parse(await readFile(pathsOf(folder).people, 'utf8')) as {
    readonly officers: readonly { readonly roles: unknown }[];
  };
  return officers.map(({ roles }) => roles);
}

test('a flipped bit anywhere in a centre’s directory is refused by name, found by the check, or changes nothing that is read', async (t) => {
  const expected = await readingsOfWhole;
  const chance = chanceOf(seed, 0);
  const counts = new Map<string, number>();
  for (const [name, count] of Object.entries(flips)) {
    for (let round = 0; round < count; round += 1) {
      await flip(name as FileName, chance);
      const outcome = `${name}: ${await outcomeOf(name as FileName, expected)}`;
      counts.set(outcome, 1 + (counts.get(outcome) ?? 0));
    }
  }
  for (const [outcome, count] of counts) t.diagnostic(`${count} ${outcome}`);
  const seen = (name: FileName): number =>
    (counts.get(`${name}: refused by name`) ?? 0) + (counts.get(`${name}: found by the check`) ?? 0);
  // How much of the log of changes is in use depends on when it was last folded in.
  for (const name of ['store.sqlite', 'keys.sealed', 'keys.note', 'peer.keys.note'] as const) {
    assert.ok(seen(name) > 0, `a flip in ${name} is seen`);
  }
  assert.equal(counts.get('anchor: nothing is read differently'), flips.anchor, 'one slot of the anchor stands in for the other');
});

test('a file cut off anywhere is refused by name, found by the check, or an earlier commit of which nothing was signed since', async (t) => {
  const expected = await readingsOfWhole;
  const chance = chanceOf(seed, 2);
  for (const name of Object.keys(flips)) {
    for (let round = 0; round < cutsEach; round += 1) {
      await cut(name as FileName, chance);
      t.diagnostic(`${name}: ${await outcomeOf(name as FileName, expected)}`);
    }
  }
});

test('a check of a store with a flipped bit names its faults, is refused by name, or finds what is whole', async (t) => {
  const chance = chanceOf(seed, 1);
  let found = 0;
  for (let round = 0; round < 20; round += 1) {
    await flip('store.sqlite', chance);
    const faults = await checkStore(flipped).then(
      (findings) => findings.faults.length,
      (error: unknown) => {
        if (error instanceof Refused) return 1;
        throw error;
      },
    );
    found += Math.min(faults, 1);
  }
  t.diagnostic(`${found} of 20 were found`);
  assert.ok(found > 0);
});
