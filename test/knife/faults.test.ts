import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SeededChance } from '#base/chance.ts';
import type { Centre } from '#centre/centre.ts';
import { assertConcord, fileTest, isReceipted, untilQuiet } from '#test/federation/concord.ts';
import { PairOfCentres, passphrase, until } from '#test/federation/pair-of-centres.ts';
import type { Tokens } from '#test/knife/clerk.ts';
import { employ } from '#test/knife/employ.ts';
import { compileLibrary, ForgetfulDisk } from '#test/knife/forgetful-disk.ts';
import { Life, type LifeLine } from '#test/knife/life.ts';

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly json: Readonly<Record<string, unknown>>;
}

const manner = { unflushed: '', flushUs: 0 };
/** Records that are tried until a disk without room has none: the log of changes has some of its own. */
const triesMax = 400;

/** China in this process, and the United States in another, on a disk whose calls can be made to fail. */
class FailingHouse {
  readonly pair: PairOfCentres;
  readonly cn: Centre;
  readonly life: Life;
  readonly alarms: string[] = [];
  readonly #tokens: Tokens;

  private constructor(parts: {
    readonly pair: PairOfCentres;
    readonly cn: Centre;
    readonly disk: ForgetfulDisk;
    readonly tokens: Tokens;
  }) {
    this.pair = parts.pair;
    this.cn = parts.cn;
    this.#tokens = parts.tokens;
    const environment = { ANSHIN_PASSPHRASE_FILE: join(parts.pair.folder, 'passphrase') };
    this.life = new Life({
      party: 'US',
      disk: parts.disk,
      environment,
      alarms: ['link.peer', 'store.full', 'signer.anchor'],
      heard: (line) => this.#hear(line),
    });
  }

  static async open(t: TestContext): Promise<FailingHouse> {
    const pair = await PairOfCentres.make({ status: 'test', heartbeatSeconds: 1 });
    const tokens = await employ(pair, 'US');
    const { cn, us } = await pair.startBoth();
    await fileTest(us, 'before');
    await fileTest(cn, 'before');
    await untilQuiet(cn, us);
    await pair.stop('US');
    await writeFile(join(pair.folder, 'passphrase'), passphrase);
    const library = await compileLibrary(pair.folder);
    const disk = await ForgetfulDisk.of(pair.directory('US'), { platter: join(pair.folder, 'platter'), library });
    const house = new FailingHouse({ pair, cn, disk, tokens });
    t.after(async () => {
      await house.life.kill();
      await pair.remove();
    });
    house.life.begin(manner);
    await house.life.opened;
    return house;
  }

  get disk(): ForgetfulDisk {
    return this.life.disk;
  }

  async ask(officer: keyof Tokens, what: string, body?: unknown): Promise<Answer> {
    const [method = 'GET', path = '/'] = what.split(' ');
    const headers = {
      authorization: `Bearer ${this.#tokens[officer]}`,
      'content-type': 'application/json',
      'idempotency-key': 'once',
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${this.life.address ?? ''}${path}`, { method, headers, ...sent });
    const json = (await response.json()) as Answer['json'];
    return { status: response.status, code: typeof json['code'] === 'string' ? json['code'] : '', json };
  }

  draft(): Promise<Answer> {
    const content = { text: 'a test of the path'.padEnd(400, '.') };
    return this.ask('drafter', 'POST /v1/drafts', { agreement: 'CORE', format: 'TEST', content });
  }

  /** A draft that only needs to be released. */
  async verified(): Promise<{ readonly id: number; readonly hash: string }> {
    const { json } = await this.draft();
    const { id, hash } = json['draft'] as { readonly id: number; readonly hash: string };
    assert.equal((await this.ask('verifier', `POST /v1/drafts/${id}/verify`, { hash })).status, 200);
    return { id, hash };
  }

  release({ id, hash }: { readonly id: number; readonly hash: string }): Promise<Answer> {
    return this.ask('releaser', `POST /v1/drafts/${id}/release`, { hash });
  }

  /** Loses power, and starts again on a disk that is well. */
  async startAgain(): Promise<void> {
    await this.life.kill();
    await this.disk.lose(new SeededChance(1));
    await this.disk.fail('-', '');
    this.life.begin(manner);
    await this.life.opened;
  }

  /** Both have everything, and nothing is missing or said twice. */
  async assertWhole(): Promise<void> {
    await this.life.kill();
    await this.disk.lose(new SeededChance(2));
    const us = (await this.pair.start('US')).centre;
    await until('the line is open', () => us.linkState().line === 'open');
    await untilQuiet(this.cn, us);
    await assertConcord(this.cn, us);
    assert.deepEqual(await us.store.check(), []);
  }

  #hear(line: LifeLine): void {
    if (line.kind === 'alarm') this.alarms.push(line.refusal.code);
  }
}

async function untilRefused(house: FailingHouse): Promise<Answer> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const answer = await house.draft();
    if (answer.status !== 201) return answer;
  }
  return assert.fail('the disk took everything');
}

test('a full disk refuses by name and receipts nothing; with room again everything goes on, without a start', async (t) => {
  const house = await FailingHouse.open(t);
  const waiting = await house.verified();
  await house.disk.fail('n', 'store');
  const refused = await untilRefused(house);
  assert.deepEqual([refused.status, refused.code], [507, 'store.full']);
  assert.equal((await house.release(waiting)).code, 'store.full');
  assert.equal((await house.ask('drafter', 'GET /v1/state')).status, 200);
  const filed = await fileTest(house.cn, 'to a full disk', 'Z');
  await until('the alarm', () => house.alarms.includes('store.full'));
  assert.ok(!isReceipted(house.cn, filed));
  await house.disk.fail('-', '');
  await until('the receipt', () => isReceipted(house.cn, filed));
  assert.equal((await house.draft()).status, 201);
  assert.equal((await house.release(waiting)).status, 200);
  await house.assertWhole();
});

test('a read-only disk refuses by name, a start on it too; when it can be written again everything goes on', async (t) => {
  const house = await FailingHouse.open(t);
  await house.disk.fail('r', '');
  const refused = await house.draft();
  assert.deepEqual([refused.status, refused.code], [507, 'store.full']);
  assert.equal((await house.ask('drafter', 'GET /v1/state')).status, 200);
  const filed = await fileTest(house.cn, 'to a read-only disk');
  await until('the alarm', () => house.alarms.includes('store.full'));
  assert.ok(!isReceipted(house.cn, filed));
  await house.life.kill();
  house.life.begin(manner);
  await assert.rejects(house.life.opened, /ended by itself with 1.*signer\.anchor/s);
  await house.startAgain();
  await until('the receipt', () => isReceipted(house.cn, filed));
  assert.equal((await house.draft()).status, 201);
  await house.assertWhole();
});

test('after a failed flush of the store nothing more is answered or receipted until the next start', async (t) => {
  const house = await FailingHouse.open(t);
  const waiting = await house.verified();
  await house.disk.fail('e', 'store');
  const refused = await house.draft();
  assert.deepEqual([refused.status, refused.code], [507, 'store.full']);
  // The disk says that it is well again: what it holds is uncertain all the same.
  await house.disk.fail('-', '');
  assert.equal((await house.draft()).code, 'store.full');
  assert.equal((await house.release(waiting)).code, 'store.full');
  const filed = await fileTest(house.cn, 'to a disk in doubt', 'Z');
  await until('the alarm', () => house.alarms.includes('store.full'));
  assert.ok(!isReceipted(house.cn, filed));
  await house.startAgain();
  await until('the receipt', () => isReceipted(house.cn, filed));
  assert.equal((await house.release(waiting)).status, 200);
  await house.assertWhole();
});

test('after a failed flush of the anchor nothing is signed or cosigned until the next start, which signs what is stored, once', async (t) => {
  const house = await FailingHouse.open(t);
  const waiting = await house.verified();
  await house.disk.fail('e', 'anchor');
  const refused = await house.release(waiting);
  assert.deepEqual([refused.status, refused.code], [503, 'signer.anchor']);
  await house.disk.fail('-', '');
  const other = await house.verified();
  assert.equal((await house.release(other)).code, 'signer.anchor');
  const filed = await fileTest(house.cn, 'to an anchor in doubt', 'Z');
  await until('the alarm', () => house.alarms.includes('signer.anchor'));
  assert.ok(!isReceipted(house.cn, filed));
  await house.startAgain();
  await until('the receipt', () => isReceipted(house.cn, filed));
  const [first, second] = [await house.release(waiting), await house.release(waiting)];
  assert.deepEqual([first.status, second.status], [200, 200]);
  assert.deepEqual(second.json['filed'], first.json['filed'], 'it is filed once');
  assert.equal((await house.release(other)).status, 200);
  await house.assertWhole();
});
