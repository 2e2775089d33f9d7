import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { SeededChance } from '#base/chance.ts';
import { seedOf } from '#test/federation/seed.ts';
import { OfficersHouse, staff } from '#test/officers/officers-house.ts';
import { PaperDesk } from '#test/officers/paper-desk.ts';
import { jsonMutations, mutated, oneOf, textMutations } from '#test/rival/mutation.ts';

const count = 3_000;
const paths = [
  'GET /v1/state',
  'GET /v1/agreements',
  'GET /v1/key-lists',
  'GET /v1/journal?from=0&limit=10',
  'GET /v1/drafts?from=1&limit=10',
  'GET /v1/drafts/1',
  'GET /v1/drafts/1/rendering?language=en',
  'GET /v1/records?log=theirs&from=0&limit=10',
  'GET /v1/records/own/0',
  'GET /v1/records/theirs/0/rendering?language=zh',
  'GET /v1/records/own/0/bytes',
  'GET /v1/records/own/0/proof',
  'GET /v1/records/own/0/inclusion?size=1',
  'GET /v1/matters?log=own',
  'GET /v1/matters/own/0',
  'GET /v1/events',
  'POST /v1/check',
  'POST /v1/drafts',
  'POST /v1/drafts',
  'PUT /v1/drafts/1',
  'POST /v1/drafts/1/verify',
  'POST /v1/drafts/1/return',
  'POST /v1/drafts/1/withdraw',
  'POST /v1/drafts/1/release',
  'POST /v1/records/theirs/0/acknowledge',
  'POST /v1/exercise/clock',
  'POST /v1/store/confirm',
];

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

test('3,000 hostile requests by officers and strangers are each answered with what is wrong, and none is our own fault', async (t) => {
  const seed = seedOf('hostile requests');
  const chance = new SeededChance(seed);
  const house = await OfficersHouse.open(await PaperDesk.open('exercise'));
  t.after(() => house.close());
  const { hash } = await house.drafted();
  const bodies = [house.notice(), { hash }, { reason: 'no' }, { rung: 'A1', outcome: 'received' }].map((body) =>
    new TextEncoder().encode(JSON.stringify(body)),
  );
  const statuses = new Map<number, number>();
  for (let number = 0; number < count; number += 1) {
    const [method = '', path = ''] = oneOf(paths, chance).split(' ');
    const officer = chance.below(10) === 0 ? null : oneOf(Object.keys(staff), chance);
    const status = await answerTo(house, {
      method,
      path: chance.below(2) === 0 ? path : hostilePath(path, chance),
      headers: { 'content-type': 'application/json', ...house.headers(officer), ...hostileHeader(chance) },
      body: method === 'GET' ? new Uint8Array() : hostileBody(bodies, chance),
    });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    assert.deepEqual(house.faults, [], `seed ${seed}, request ${number}: ${method} ${path}`);
    assert.notEqual(status, 500, `seed ${seed}, request ${number}: ${method} ${path}`);
  }
  t.diagnostic(
    [...statuses]
      .toSorted(([a], [b]) => a - b)
      .map((each) => each.join(': '))
      .join(', '),
  );
  assert.equal((await house.ask('watch', 'GET /v1/state')).status, 200);
});

/** One body in three is a good one, for another request as often as not. */
function hostileBody(bodies: readonly Uint8Array[], chance: SeededChance): Uint8Array {
  const body = oneOf(bodies, chance);
  return chance.below(3) === 0 ? body : mutated(body, chance, { mutations: jsonMutations, others: bodies });
}

/** What a request line can carry at all: printable ASCII, the rest in percent. */
function hostilePath(path: string, chance: SeededChance): string {
  const bytes = mutated(new TextEncoder().encode(path), chance, { mutations: textMutations, others: [] }).subarray(0, 4_000);
  const text = [...bytes].map((byte) =>
    byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`,
  );
  return `/${text.join('').replace(/^\/+/, '')}`;
}

function hostileHeader(chance: SeededChance): Readonly<Record<string, string>> {
  const kind = chance.below(12);
  if (kind === 0) return { 'idempotency-key': 'x'.repeat(1 + chance.below(200)) };
  if (kind === 1)
    return { 'content-type': oneOf(['text/plain', 'application/json; charset=utf-16', 'multipart/form-data', ''], chance) };
  if (kind === 2)
    return { authorization: oneOf(['Bearer', `Bearer ${'A'.repeat(5_000)}`, 'Basic eDp4', 'bearer  x  y'], chance) };
  if (kind === 3) return { 'last-event-id': '\u00ff'.repeat(100), accept: '*/*;q=9', 'x-forwarded-for': '::1' };
  return {};
}

/** The status of the answer; 0 where the server cut the connection before one. */
function answerTo(house: OfficersHouse, { method, path, headers, body }: Sent): Promise<number> {
  const { hostname, port } = new URL(house.address);
  return new Promise((resolve) => {
    const asked = request({ hostname, port, method, path, headers: { ...headers, 'content-length': body.length } }, (answer) => {
      answer.resume().once('close', () => resolve(answer.statusCode ?? 0));
      // A stream of events has no end of its own.
      if (answer.headers['content-type']?.startsWith('text/event-stream') === true) answer.destroy();
    });
    asked.once('error', () => resolve(0));
    asked.end(body);
  });
}
