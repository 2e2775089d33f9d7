import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustAccept } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { pathsOf } from '#centre/config.ts';
import type { Role } from '#centre/people/officer.ts';
import { addOfficer, issueToken } from '#centre/people/people.ts';
import { pairThatSpoke } from '#test/federation/ceremony.ts';
import { fileTest, isReceipted, untilQuiet } from '#test/federation/concord.ts';
import { type PairOfCentres, type Party, passphrase, until } from '#test/federation/pair-of-centres.ts';
import { type Ran, runAnshin } from './run-anshin.ts';

/** The commands of one side, each by an officer of its own. */
class Side {
  readonly #pair: PairOfCentres;
  readonly #party: Party;

  constructor(pair: PairOfCentres, party: Party) {
    this.#pair = pair;
    this.#party = party;
  }

  get directory(): string {
    return this.#pair.directory(this.#party);
  }

  file(name: string): string {
    return join(this.#pair.folder, `${this.#party}.${name}`);
  }

  async appoint(id: string, role: Role): Promise<void> {
    const { people } = pathsOf(this.directory);
    mustAccept(await addOfficer(people, { id, name: id, roles: [role] }));
    await writeFile(this.file(`${id}.token`), mustAccept(await issueToken(people, id)));
  }

  async as(officer: string, ...args: readonly string[]): Promise<Ran> {
    const where = ['--dir', this.directory, '--token-file', this.file(`${officer}.token`)];
    return await runAnshin(['succession', ...args, ...where, '--passphrase-file', join(this.#pair.folder, 'passphrase')]);
  }
}

/** Record and proof of a leaf, as files. */
async function exported(centre: Centre, index: number, path: string): Promise<readonly string[]> {
  const { origin } = centre.identity;
  await writeFile(`${path}.json`, (await centre.store.leaf(origin, index)) ?? new Uint8Array());
  await writeFile(`${path}.tlog-proof`, mustAccept(await centre.proof(origin, index)));
  return ['--record', `${path}.json`, '--proof', `${path}.tlog-proof`];
}

function flat(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

test('a succession by commands: two persons, two halves of a passphrase, and the lists of the pairing suffice to verify', async (t) => {
  const pair = await pairThatSpoke();
  t.after(() => pair.remove());
  const [cn, us] = [new Side(pair, 'CN'), new Side(pair, 'US')];
  await writeFile(join(pair.folder, 'passphrase'), passphrase);
  for (const side of [cn, us]) {
    for (const id of ['ana', 'bao']) await side.appoint(id, 'supervisor');
    await side.appoint('lin', 'drafter');
    await copyFile(pathsOf(side.directory).keyList, side.file('keys.note'));
  }
  const paired = ['--keys', cn.file('keys.note'), '--keys', us.file('keys.note')];

  const { first, second } = await divided(pair, cn);
  const offline = pathsOf(cn.directory).offline;
  const request = cn.file('request');
  const asked = ['prepare', '--reason', 'stolen-key', '--out', request];
  await wrongLines(cn, request);
  const prepared = await cn.as('ana', ...asked);
  assert.equal(prepared.code, 0, prepared.stderr);
  const note = cn.file('succession');
  const groups = /groups\s+((?:\d{5} ?){8})/.exec(prepared.stdout)?.[1]?.trim() ?? '';
  const sign = ['offline', 'sign', request, '--groups', groups, '--offline', offline, '--out', note, '--passphrase-file', first];
  assert.ok((await runAnshin(sign)).stderr.includes('signer.passphrase'), 'one half does not open them');
  const signed = await runAnshin([...sign, '--second-passphrase-file', second]);
  assert.equal(signed.code, 0, signed.stderr);
  assert.ok(signed.stdout.includes(groups) && groups.length === 47, 'the groups are the same everywhere');
  const shown = await runAnshin(['succession', 'show', note]);
  assert.ok(shown.stdout.includes(groups) && shown.stdout.includes('stolen-key'));

  const old = await pair.start('CN');
  const before = await exported(old.centre, 0, join(pair.folder, 'before'));
  await pair.stop('CN');
  const same = await cn.as('ana', 'apply', note, '--groups', groups);
  assert.ok(same.stderr.includes('people.same-person'), same.stderr);
  for (const run of [
    await cn.as('bao', 'apply', note, '--groups', groups),
    await us.as('ana', 'accept', note, '--groups', groups),
    await us.as('bao', 'accept', note, '--groups', groups),
  ])
    assert.equal(run.code, 0, run.stderr);

  await verified(pair, { before, paired, note });
});

/** Where their log receipts a leaf of ours for the first time. */
async function receiptOf(centre: Centre, index: number): Promise<number> {
  const { origin } = centre.identity;
  for (let at = 0; at < centre.store.size(origin); at += 1) {
    const record = JSON.parse(new TextDecoder().decode(await centre.store.leaf(origin, at))) as {
      readonly basis: { readonly format: string };
      readonly content: { readonly from: number; readonly to: number };
    };
    if (record.basis.format === 'RECEIPT' && record.content.from <= index && index < record.content.to) return at;
  }
  throw new Error(`no receipt of leaf ${index}`);
}

async function exportedTheirs(centre: Centre, index: number, path: string): Promise<readonly string[]> {
  const [, record = '', , proof = ''] = await exported(centre, index, path);
  return ['--receipt', record, '--receipt-proof', proof];
}

/** One passphrase becomes two halves; gives the files of both. */
async function divided(pair: PairOfCentres, cn: Side): Promise<{ readonly first: string; readonly second: string }> {
  const offline = pathsOf(cn.directory).offline;
  const [first, second] = [join(pair.folder, 'first'), join(pair.folder, 'second')];
  await writeFile(first, 'the half of the first person\n');
  await writeFile(second, 'the half of the second person\n');
  const divide = ['offline', 'divide', '--offline', offline, '--passphrase-file', join(pair.folder, 'passphrase')];
  const twice = await runAnshin([...divide, '--first-half-file', first, '--second-passphrase-file', first]);
  assert.equal(twice.code, 2, 'one half twice is no division');
  const done = await runAnshin([...divide, '--first-half-file', first, '--second-passphrase-file', second]);
  assert.equal(done.code, 0, done.stderr);
  return { first, second };
}

/** Wrong lines and wrong people come to nothing. */
async function wrongLines(cn: Side, request: string): Promise<void> {
  const asked = ['prepare', '--reason', 'stolen-key', '--out', request];
  assert.equal((await cn.as('ana', 'prepare', '--reason', 'boredom', '--out', request)).code, 2);
  assert.equal((await cn.as('ana', 'prepare', '--reason', 'retired-suite', '--out', request)).code, 2);
  assert.equal((await cn.as('ana', ...asked, '--retired', 'ed25519')).code, 2);
  assert.equal((await cn.as('ana', ...asked, '--size', 'all')).code, 2);
  const drafter = await cn.as('lin', ...asked);
  assert.ok(drafter.code === 1 && drafter.stderr.includes('people.role'), drafter.stderr);
}

/** What was said after it, and before it, by whoever has the lists of the pairing alone; and by whoever has the new list too. */
async function verified(
  pair: PairOfCentres,
  { before, paired, note }: { readonly before: readonly string[]; readonly paired: readonly string[]; readonly note: string },
): Promise<void> {
  const centres = await pair.startBoth();
  const filed = await fileTest(centres.cn, 'after');
  await until('the receipt', () => isReceipted(centres.cn, filed));
  await untilQuiet(centres.cn, centres.us);
  const after = await exported(centres.cn, filed.index, join(pair.folder, 'after'));
  const again = await exported(centres.cn, 0, join(pair.folder, 'again'));
  const receiptAt = await receiptOf(centres.us, 0);
  const receipt = await exportedTheirs(centres.us, receiptAt, join(pair.folder, 'receipt'));
  for (const files of [after, again]) {
    const proved = await runAnshin(['verify', ...files, ...paired]);
    assert.equal(proved.code, 0, proved.stderr);
    assert.ok(flat(proved.stdout).includes('goes on from cn.anshin.example/us-cn/test'), proved.stdout);
  }
  const withReceipt = await runAnshin(['verify', ...again, ...receipt, ...paired]);
  assert.equal(withReceipt.code, 0, withReceipt.stderr);
  const known = await runAnshin(['verify', ...before, ...paired, '--keys', note]);
  assert.ok(flat(known.stdout).includes('both of which it reported stolen later'), known.stdout + known.stderr);
  const said = await readFile(join(pair.folder, 'receipt.json'), 'utf8');
  assert.ok(said.includes('cn.anshin.example/us-cn/test'), 'the receipt names the log as it was called then');
}
