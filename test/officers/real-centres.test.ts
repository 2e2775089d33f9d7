import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { dayMs, textOfTime } from '#base/time.ts';
import type { Desk } from '#centre/desk.ts';
import { startHttp } from '#centre/http/start-http.ts';
import { addOfficer, issueToken, People } from '#centre/people/people.ts';
import { placeKey } from '#exchange/log-view.ts';
import { firstRow, keysUnder } from '#exchange/shelf.ts';
import { parseProof } from '#log/proof.ts';
import { PairOfCentres, type Party, until } from '#test/federation/pair-of-centres.ts';
import { noticeContent } from '#test/paper-circle.ts';
import { root } from '#test/run/test-files.ts';

/** Officers of one real centre at work over HTTP. */
class Officers {
  readonly desk: Desk;
  readonly #address: string;
  readonly #tokens: ReadonlyMap<string, string>;
  readonly close: () => Promise<void>;

  private constructor(
    desk: Desk,
    served: { readonly address: string; readonly close: () => Promise<void> },
    tokens: ReadonlyMap<string, string>,
  ) {
    this.desk = desk;
    this.#address = served.address;
    this.close = served.close;
    this.#tokens = tokens;
  }

  static async at(pair: PairOfCentres, party: Party): Promise<Officers> {
    const { centre } = await pair.start(party);
    const path = `${pair.directory(party)}/people.json`;
    const tokens = new Map<string, string>();
    for (const role of ['drafter', 'verifier', 'releaser', 'watch-officer', 'supervisor'] as const) {
      mustAccept(await addOfficer(path, { id: role, name: role, roles: [role] }));
      tokens.set(role, mustAccept(await issueToken(path, role)));
    }
    const served = await startHttp({
      desk: centre,
      people: mustAccept(await People.open(path)),
      keyLists: async () => ({ own: '', theirs: null }),
      listen: { host: '127.0.0.1', port: 0 },
      tls: null,
      hosts: [],
      heartbeatMs: 1000,
      onFault: (error) => assert.fail(error),
    });
    return new Officers(centre, mustAccept(served), tokens);
  }

  async ask(officer: string, request: string, body?: unknown): Promise<Record<string, unknown>> {
    const text = await this.read(officer, request, body);
    return JSON.parse(text) as Record<string, unknown>;
  }

  async read(officer: string, request: string, body?: unknown): Promise<string> {
    const [method = 'GET', path = '/'] = request.split(' ');
    const headers = { authorization: `Bearer ${this.#tokens.get(officer)}`, 'content-type': 'application/json' };
    const response = await fetch(`${this.#address}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.ok(response.ok, `${request}: ${text}`);
    return text;
  }

  /** Draft, verification, release; gives the index in our log. */
  async send(input: unknown): Promise<number> {
    const { draft } = (await this.ask('drafter', 'POST /v1/drafts', input)) as { draft: { id: number; hash: string } };
    await this.ask('verifier', `POST /v1/drafts/${draft.id}/verify`, { hash: draft.hash });
    const { filed } = (await this.ask('releaser', `POST /v1/drafts/${draft.id}/release`, { hash: draft.hash })) as {
      filed: { index: number };
    };
    return filed.index;
  }

  /** Whether the agreement is in force, as this side sees it. */
  async isInForce(): Promise<boolean> {
    const answer = (await this.ask('drafter', 'GET /v1/agreements')) as { agreements: { inForceFrom: unknown }[] };
    return answer.agreements[0]?.inForceFrom !== null;
  }

  async adopt(): Promise<void> {
    const { agreements } = (await this.ask('drafter', 'GET /v1/agreements')) as { agreements: { hash: string }[] };
    const inForceFrom = textOfTime(this.desk.dutyTimeMs());
    await this.send({
      agreement: 'CORE',
      format: 'ADOPT',
      content: { agreement: 'BMLN', version: agreements[0]?.hash, inForceFrom },
    });
  }
}

/** Asks until the answer shows it; fails with what was waited for. */
async function untilShown(what: string, isShown: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await isShown()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`waited in vain for ${what}`);
}

test('two real centres adopt, notify, receive and acknowledge by their officers over HTTP', async (t) => {
  const pair = await PairOfCentres.make({ status: 'exercise', agreements: ['bmln-full'], heartbeatSeconds: 1 });
  const [cn, us] = [await Officers.at(pair, 'CN'), await Officers.at(pair, 'US')];
  t.after(async () => {
    await cn.close();
    await us.close();
    await pair.remove();
  });
  await until('the line is open', () => [cn, us].every(({ desk }) => desk.linkState().line === 'open'));
  const at = textOfTime(Date.now() + dayMs);
  for (const side of [cn, us]) await side.ask('supervisor', 'POST /v1/exercise/clock', { at });
  await cn.adopt();
  await us.adopt();
  await untilShown('the adoptions', async () => (await cn.isInForce()) && (await us.isInForce()));
  const index = await cn.send({ agreement: 'BMLN', format: 'NOTIFY', content: noticeContent(cn.desk.dutyTimeMs() + 3 * dayMs) });
  const awaited = async (): Promise<readonly number[]> => {
    const { needs } = (await us.ask('watch-officer', 'GET /v1/state')) as { needs: { acknowledge: { index: number }[] } };
    return needs.acknowledge.map((each) => each.index);
  };
  await untilShown('the notice', async () => (await awaited()).includes(index));
  await us.ask('watch-officer', `POST /v1/records/theirs/${index}/acknowledge`, { rung: 'A1', outcome: 'received' });
  const place = { log: cn.desk.identity.origin, index };
  await until('the acknowledgement', () => {
    const log = cn.desk.register.log(us.desk.identity.origin);
    return log !== undefined && firstRow(log.held.acknowledgements, keysUnder(placeKey(place))) !== undefined;
  });
  const matters = await Promise.all([
    cn.ask('drafter', `GET /v1/matters/own/${index}`),
    us.ask('drafter', `GET /v1/matters/theirs/${index}`),
  ]);
  const [here, there] = matters.map((matter) => {
    const [due] = matter['due'] as { margins: { state: string; text: { en: { margin: string } } }[] }[];
    return [matter['state'], due?.margins[0]?.state, due?.margins[0]?.text.en.margin];
  });
  assert.deepEqual(here, ['notified', 'met', '72 h before the window; minimum 24 h']);
  assert.deepEqual(there, here);
  const proof = await us.read('releaser', `GET /v1/records/theirs/${index}/proof`);
  assert.equal(mustAccept(parseProof(bytesOfText(proof))).index, index);
  assert.match(await us.read('watch-officer', `GET /v1/records/theirs/${index}/rendering?language=zh`), /^EXERCISE 演习/);
});

test('the two example files are filed as they stand, at the times that the page names', async (t) => {
  const read = (path: string): string => readFileSync(join(root, 'docs/operate', path), 'utf8');
  const [adoption, notice] = ['adopt', 'notify'].map((name) => JSON.parse(read(`examples/${name}.json`)) as unknown);
  const times = [...read('commands.md').matchAll(/^anshin clock (\S+)/gm)].map(([, at]) => at);
  assert.equal(times.length, 2);
  const pair = await PairOfCentres.make({ status: 'exercise', agreements: ['bmln-full'], heartbeatSeconds: 1 });
  const sides = [await Officers.at(pair, 'CN'), await Officers.at(pair, 'US')] as const;
  t.after(async () => {
    for (const side of sides) await side.close();
    await pair.remove();
  });
  const [cn, us] = sides;
  await until('the line is open', () => sides.every(({ desk }) => desk.linkState().line === 'open'));
  const setClocks = async (at: string | undefined) => {
    for (const side of sides) await side.ask('supervisor', 'POST /v1/exercise/clock', { at });
  };
  await setClocks(times[0]);
  for (const side of sides) await side.send(adoption);
  await untilShown('the adoptions', async () => (await cn.isInForce()) && (await us.isInForce()));
  await setClocks(times[1]);
  const { check } = (await cn.ask('drafter', 'POST /v1/check', notice)) as { check: { passes: boolean } };
  assert.ok(check.passes, JSON.stringify(check));
  const index = await cn.send(notice);
  await untilShown('the notice, accepted by the other side', async () => {
    const { records } = (await us.ask('drafter', 'GET /v1/records?log=theirs')) as {
      records: { index: number; standing: { kind: string } | null }[];
    };
    return records.some((record) => record.index === index && record.standing?.kind === 'accepted');
  });
  const { due } = (await us.ask('drafter', `GET /v1/matters/theirs/${index}`)) as { due: { margins: { state: string }[] }[] };
  assert.equal(due[0]?.margins[0]?.state, 'met');
});
