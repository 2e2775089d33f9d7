import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { request } from 'node:http';
import { request as requestByTls } from 'node:https';
import { after, before, test } from 'node:test';
import { requestBytesMax, signInFailuresPerMinuteMax } from '#base/limits.ts';
import { mustAccept } from '#base/refusal.ts';
import { startHttp } from '#centre/http/start-http.ts';
import { certificateOf } from '#centre/link/certificate.ts';
import { issueToken, People, withdrawToken } from '#centre/people/people.ts';
import { OfficersHouse, staff } from '#test/officers/officers-house.ts';
import { PaperDesk } from '#test/officers/paper-desk.ts';

let house: OfficersHouse;
before(async () => {
  house = await OfficersHouse.open(await PaperDesk.open('exercise'));
});
after(async () => await house.close());

const everyone = Object.keys(staff);
const writers = ['drafter', 'watch', 'both'];
const hash = '0'.repeat(64);

/** Who may ask what; what each route then makes of a request without sense is not the point here. */
const rights: Readonly<Record<string, readonly string[]>> = {
  'GET /v1/state': everyone,
  'GET /v1/agreements': everyone,
  'GET /v1/key-lists': everyone,
  'GET /v1/journal': ['auditor', 'supervisor'],
  'GET /v1/drafts': everyone,
  'GET /v1/drafts/1': everyone,
  'GET /v1/drafts/1/rendering?language=en': everyone,
  'POST /v1/check': writers,
  'POST /v1/drafts': writers,
  'PUT /v1/drafts/1': writers,
  'POST /v1/drafts/1/withdraw': writers,
  'POST /v1/drafts/1/verify': ['verifier', 'both'],
  'POST /v1/drafts/1/return': ['verifier', 'releaser', 'both'],
  'POST /v1/drafts/1/release': ['releaser', 'watch', 'both'],
  'GET /v1/records?log=own': everyone,
  'GET /v1/records/own/0': everyone,
  'GET /v1/records/own/0/rendering?language=zh': everyone,
  'GET /v1/records/own/0/bytes': everyone,
  'GET /v1/records/own/0/proof': ['releaser', 'both'],
  'POST /v1/records/theirs/0/acknowledge': ['watch', 'releaser', 'both'],
  'GET /v1/matters?log=own': everyone,
  'GET /v1/matters/own/0': everyone,
  'POST /v1/exercise/clock': ['supervisor'],
  'POST /v1/store/confirm': ['supervisor'],
  'GET /v1/records/own/0/inclusion?size=1': ['releaser', 'both'],
  'POST /v1/store/backup': ['supervisor'],
};

for (const [asked, allowed] of Object.entries(rights)) {
  test(`${asked} is for ${allowed === everyone ? 'every officer' : allowed.join(', ')}, and nobody without a token`, async () => {
    const body = asked.startsWith('GET') ? undefined : {};
    for (const stranger of [null, 'not-a-token', `anshin_${'A'.repeat(43)}`]) {
      const answered = await house.ask(stranger, asked, body);
      assert.deepEqual([answered.status, answered.json['code']], [401, 'people.token'], answered.text);
      assert.match(answered.headers.get('www-authenticate') ?? '', /^Bearer/);
    }
    for (const officer of everyone) {
      const answered = await house.ask(officer, asked, body);
      const isRefused = answered.status === 403 && answered.json['code'] === 'people.role';
      assert.equal(isRefused, !allowed.includes(officer), `${officer}: ${answered.text}`);
      assert.notEqual(answered.status, 401);
      assert.notEqual(answered.status, 500);
    }
  });
}

test('events are for every officer, and nobody without a token', async () => {
  assert.equal((await house.ask(null, 'GET /v1/events')).status, 401);
  for (const officer of everyone) {
    const stop = new AbortController();
    const response = await fetch(`${house.address}/v1/events`, { headers: house.headers(officer), signal: stop.signal });
    assert.equal(response.status, 200);
    stop.abort();
  }
});

test('a refusal is problem details with the code, its clause and the evidence', async () => {
  const answered = await house.ask('verifier', 'POST /v1/drafts/7/verify?', { hash });
  assert.equal(answered.headers.get('content-type'), 'application/problem+json; charset=utf-8');
  assert.deepEqual(answered.json, {
    type: 'urn:anshin:refusal:draft.unknown',
    title: 'The draft does not allow it',
    status: 404,
    detail: 'there is no draft 7',
    instance: '/v1/drafts/7/verify',
    code: 'draft.unknown',
    clause: 'officers 4',
    evidence: { draft: 7 },
  });
});

test('what a route does not ask for is refused, field by field', async () => {
  const answered = await house.ask('verifier', 'POST /v1/drafts/1/verify', { hash: 'short', colour: 'red' });
  assert.deepEqual([answered.status, answered.json['code']], [400, 'request.form']);
  assert.deepEqual(answered.json['faults'], [
    { path: '/hash', reason: 'does not match ^[0-9a-f]{64}$' },
    { path: '/colour', reason: 'is not a field of this format' },
  ]);
  const refused: readonly (readonly [string, string, unknown, number])[] = [
    ['drafter', 'POST /v1/drafts', { ...house.notice(), salt: '00' }, 400],
    ['drafter', 'POST /v1/drafts', '{"agreement":', 400],
    ['drafter', 'POST /v1/drafts', '[]', 400],
    ['drafter', 'POST /v1/drafts', '"text"', 400],
    ['drafter', 'POST /v1/drafts', '{"__proto__": {"agreement": "BMLN"}}', 400],
    ['drafter', 'POST /v1/drafts', '', 400],
    ['drafter', 'POST /v1/drafts', `{"agreement":"${'x'.repeat(requestBytesMax)}"}`, 413],
    ['drafter', 'POST /v1/drafts/1/withdraw', { why: 'because' }, 400],
    ['auditor', 'GET /v1/state?access_token=x', undefined, 400],
    ['auditor', 'GET /v1/drafts?limit=ten', undefined, 400],
    ['auditor', 'GET /v1/drafts?limit=1&limit=2', undefined, 400],
    ['auditor', 'GET /v1/drafts/0', undefined, 400],
    ['auditor', 'GET /v1/records/mine/0', undefined, 400],
    ['auditor', 'GET /v1/records/own/9999', undefined, 404],
    ['auditor', 'GET /v1/records/own/0/rendering?language=tlh', undefined, 400],
    ['auditor', 'GET /v1/nothing', undefined, 404],
    ['auditor', 'DELETE /v1/drafts/1', undefined, 404],
    ['auditor', 'GET /v1/drafts/%zz', undefined, 400],
    [null as never, 'GET /v1/nothing', undefined, 401],
  ];
  for (const [officer, asked, body, status] of refused) {
    const answered = await house.ask(officer, asked, body);
    assert.equal(answered.status, status, `${asked}: ${answered.text}`);
    assert.match(answered.headers.get('content-type') ?? '', /^application\/problem\+json/, asked);
  }
  const form = await house.askWith('drafter', 'POST /v1/drafts', {
    body: 'agreement=BMLN',
    headers: { 'content-type': 'text/plain' },
  });
  assert.equal(form.status, 415, form.text);
});

test('answers are not to be kept, framed, sniffed or read by other sites', async () => {
  const { headers } = await house.askWith('auditor', 'GET /v1/state', { headers: { origin: 'https://elsewhere.example' } });
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.equal(headers.get('access-control-allow-origin'), null);
});

test('a request that names another host is not for this server', async () => {
  const { port } = new URL(house.address);
  const statusFor = async (host: string): Promise<number> =>
    await new Promise((resolve, reject) => {
      const asking = request(
        { host: '127.0.0.1', port, path: '/v1/state', headers: { ...house.headers('auditor'), host } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      asking.on('error', reject).end();
    });
  assert.equal(await statusFor(`attacker.example:${port}`), 421);
  assert.equal(await statusFor('127.0.0.1.attacker.example'), 421);
  assert.equal(await statusFor('a b'), 421);
  assert.equal(await statusFor(`localhost:${port}`), 200);
  assert.equal(await statusFor('[::1]:9000'), 200);
});

test('plain HTTP is served on this machine alone, and a taken port is named', async () => {
  const setup = {
    desk: house.desk,
    people: mustAccept(await People.open(house.desk.peoplePath)),
    keyLists: async () => ({ own: '', theirs: null }),
    tls: null,
    hosts: [],
    heartbeatMs: 1000,
    onFault: () => {},
  };
  const open = await startHttp({ ...setup, listen: { host: '0.0.0.0', port: 0 } });
  assert.deepEqual([open.ok, open.ok ? '' : open.refusal.code], [false, 'http.address']);
  const listeners = house.desk.listeners;
  const taken = await startHttp({ ...setup, listen: { host: '127.0.0.1', port: Number(new URL(house.address).port) } });
  assert.match(taken.ok ? '' : taken.refusal.detail, /is taken/);
  assert.equal(house.desk.listeners, listeners);
});

test('with a certificate it is served by TLS 1.3, under the names configured', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const http = mustAccept(
    await startHttp({
      desk: house.desk,
      people: mustAccept(await People.open(house.desk.peoplePath)),
      keyLists: async () => ({ own: '', theirs: null }),
      listen: { host: '0.0.0.0', port: 0 },
      tls: { cert: certificateOf(key, 'cn.anshin.example'), key },
      hosts: ['cn.anshin.example'],
      heartbeatMs: 1000,
      onFault: () => {},
    }),
  );
  const { port } = new URL(http.address);
  const statusFor = async (host: string, maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<number | string> =>
    await new Promise((resolve) => {
      const headers = { ...house.headers('auditor'), host };
      const options = {
        host: '127.0.0.1',
        port,
        path: '/v1/state',
        headers,
        rejectUnauthorized: false,
        maxVersion,
        agent: false,
      } as const;
      const asking = requestByTls(options, (response) => {
        response.resume();
        resolve(`${response.statusCode} ${response.headers['strict-transport-security']}`);
      });
      asking.on('error', () => resolve('refused')).end();
    });
  assert.equal(await statusFor('cn.anshin.example', 'TLSv1.3'), '200 max-age=31536000');
  assert.equal(await statusFor('cn.anshin.example', 'TLSv1.2'), 'refused');
  await http.close();
});

test('a token that is withdrawn or replaced is refused from the next request on', async () => {
  const { peoplePath } = house.desk;
  const old = house.tokens.get('verifier') ?? '';
  const fresh = mustAccept(await issueToken(peoplePath, 'verifier'));
  assert.equal((await house.ask(old, 'GET /v1/state')).status, 401);
  assert.equal((await house.ask(fresh, 'GET /v1/state')).status, 200);
  mustAccept(await withdrawToken(peoplePath, 'verifier'));
  assert.equal((await house.ask(fresh, 'GET /v1/state')).status, 401);
});

test('failed sign-ins are journalled, and in a flood counted', async () => {
  house.desk.pass(60_000);
  for (let count = 0; count < signInFailuresPerMinuteMax + 7; count += 1) await house.ask('nobody', 'GET /v1/state');
  house.desk.pass(60_000);
  await house.ask('nobody', 'GET /v1/state');
  const { entries } = (await house.ask('auditor', 'GET /v1/journal?limit=200&from=1')).json as unknown as {
    entries: { act: string; details: Record<string, unknown> }[];
  };
  const counted = entries.findLast(({ act }) => act === 'sign-ins-failed');
  assert.deepEqual(counted?.details, { count: 7 });
  assert.equal(entries.at(-1)?.act, 'sign-in-failed');
  assert.deepEqual(house.faults, []);
});
