import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hexOf } from '#base/bytes.ts';
import { dayMs, textOfTime } from '#base/time.ts';
import { sha256 } from '#crypto/engine.ts';
import { OfficersHouse } from '#test/officers/officers-house.ts';
import { PaperDesk } from '#test/officers/paper-desk.ts';
import { fullProfile, noticeContent } from '#test/paper-circle.ts';

let house: OfficersHouse;
let index: number;
before(async () => {
  house = await OfficersHouse.open(await PaperDesk.open('exercise'));
  ({ index } = await house.desk.hearLaunch({ format: 'NOTIFY', content: noticeContent(house.desk.dutyTimeMs() + 3 * dayMs) }));
});
after(async () => await house.close());

test('the state says who we are, how the link stands, what time it is and what waits for the officer', async () => {
  const { json } = await house.ask('watch', 'GET /v1/state');
  assert.deepEqual(json['identity'], house.desk.identity);
  assert.deepEqual(json['link'], house.desk.linkState());
  assert.deepEqual(json['times'], { now: textOfTime(house.desk.nowMs()), duty: textOfTime(house.desk.dutyTimeMs()) });
  assert.deepEqual(json['me'], { id: 'watch', name: 'Officer watch', roles: ['watch-officer'] });
  const { acknowledge, confirmStore } = json['needs'] as {
    acknowledge: { index: number; precedence: string }[];
    confirmStore: boolean;
  };
  assert.deepEqual(
    acknowledge.filter((each) => each.index === index).map(({ precedence }) => precedence),
    ['P'],
  );
  assert.equal(confirmStore, false);
});

test('records are listed in order with their standing, a page at a time', async () => {
  const first = await house.ask('auditor', 'GET /v1/records?log=theirs&limit=1');
  const { records, next, size } = first.json as unknown as {
    records: { index: number; standing: unknown }[];
    next: number;
    size: number;
  };
  assert.deepEqual([records.map((each) => each.index), next, size], [[0], 1, index + 1]);
  const rest = await house.ask('auditor', 'GET /v1/records?log=theirs&from=1');
  const last = (rest.json as unknown as { records: { index: number; number: string }[]; next: null }).records.at(-1);
  assert.deepEqual([last?.index, last?.number, rest.json['next']], [index, 'BMLN/US/24/000001/NOTIFY', null]);
});

test('a record is read with its standing, and its bytes are those whose hash is its id', async () => {
  const { json } = await house.ask('auditor', `GET /v1/records/theirs/${index}`);
  assert.deepEqual(json['standing'], house.desk.register.standing(house.desk.circle.us.origin, index));
  assert.deepEqual(json['matter'], { log: 'theirs', index });
  const response = await fetch(`${house.address}/v1/records/theirs/${index}/bytes`, { headers: house.headers('auditor') });
  assert.equal(hexOf(sha256(new Uint8Array(await response.arrayBuffer()))), json['id']);
});

test('a record is rendered in each language, between banners in an exercise', async () => {
  for (const [language, banner] of [
    ['en', /^EXERCISE[^]*EXERCISE[^\n]*\n$/],
    ['zh', /^.*演习/],
    ['ja', /^.*演習/],
  ] as const) {
    const { text, headers } = await house.ask('auditor', `GET /v1/records/theirs/${index}/rendering?language=${language}`);
    assert.match(text, banner);
    assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8');
  }
  const adoption = await house.ask('auditor', 'GET /v1/records/own/0/rendering?language=en');
  assert.match(adoption.text, /BMLN/);
});

test('a matter is read with its deadlines in words', async () => {
  const listed = (await house.ask('auditor', 'GET /v1/matters?log=theirs')).json as unknown as {
    matters: { index: number; state: string }[];
    next: null;
  };
  assert.deepEqual(
    listed.matters.map((each) => [each.index, each.state]),
    [[index, 'notified']],
  );
  const { json } = await house.ask('auditor', `GET /v1/matters/theirs/${index}`);
  const due = json['due'] as { centre: string; margins: { text: { en: { margin: string } } }[] }[];
  assert.equal(due[0]?.centre, 'CN');
  assert.match(due[0]?.margins[0]?.text.en.margin ?? '', /before the window; minimum 24 h/);
  assert.deepEqual(json['restsOn'], house.desk.register.held());
  assert.equal((await house.ask('auditor', 'GET /v1/matters/theirs/9999')).status, 404);
  assert.deepEqual((await house.ask('auditor', `GET /v1/matters?log=theirs&before=${index}`)).json['matters'], []);
});

test('the proof of a record for the parties is exported by a releaser, and that is journalled', async () => {
  assert.equal((await house.ask('auditor', `GET /v1/records/theirs/${index}/proof`)).status, 403);
  const proof = await house.ask('releaser', `GET /v1/records/theirs/${index}/proof`);
  assert.match(proof.text, /^c2sp\.org\/tlog-proof@v1\n/);
  assert.equal(proof.headers.get('content-disposition'), `attachment; filename="theirs-${index}.tlog-proof"`);
  const { entries } = (await house.ask('supervisor', 'GET /v1/journal?limit=200')).json as unknown as {
    entries: { act: string; officer: string; details: unknown }[];
  };
  const { act, officer, details } = entries.at(-1) ?? {};
  assert.deepEqual(
    [act, officer, details],
    ['proof-exported', 'releaser', { log: house.desk.circle.us.origin, index, releasability: 'parties' }],
  );
  const { id, hash } = await house.verified(house.notice({ releasability: 'public' }));
  const released = await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash });
  const { filed } = released.json as { filed: { index: number } };
  assert.equal((await house.ask('auditor', `GET /v1/records/own/${filed.index}/proof`)).status, 200);
});

test('agreements come with their formats, so that a form can be made of them', async () => {
  const { agreements } = (await house.ask('drafter', 'GET /v1/agreements')).json as unknown as {
    agreements: {
      hash: string;
      inForceFrom: string | null;
      title: { en: string };
      formats: { code: string; schema: unknown }[];
    }[];
  };
  const [full] = agreements;
  assert.deepEqual(
    [full?.hash, full?.inForceFrom],
    [fullProfile.hash, textOfTime(house.desk.circle.counted(Date.parse('2024-09-02T00:00:00Z')))],
  );
  assert.deepEqual(full?.formats.find(({ code }) => code === 'NOTIFY')?.schema, fullProfile.formats.get('NOTIFY')?.schema);
  assert.deepEqual((await house.ask('auditor', 'GET /v1/key-lists')).json, { own: 'own note', theirs: null });
});

test('a supervisor sets the scenario clock forward and confirms the store', async () => {
  const at = textOfTime(house.desk.dutyTimeMs() + dayMs);
  assert.deepEqual((await house.ask('supervisor', 'POST /v1/exercise/clock', { at })).json, { at });
  const back = await house.ask('supervisor', 'POST /v1/exercise/clock', { at: '2020-01-01T00:00:00.000Z' });
  assert.equal(back.status, 400);
  assert.equal((await house.ask('supervisor', 'POST /v1/store/confirm', { reason: 'No other copy.' })).status, 503);
  house.desk.line = 'confirm';
  const { needs } = (await house.ask('supervisor', 'GET /v1/state')).json as { needs: { confirmStore: boolean } };
  assert.equal(needs.confirmStore, true);
  assert.deepEqual((await house.ask('supervisor', 'POST /v1/store/confirm', { reason: 'No other copy.' })).json, {
    line: 'open',
  });
  assert.deepEqual(house.faults, []);
});

test('a void record is read from the store with what refuses it, and one that came ahead of its turn from the folds', async () => {
  const { desk } = house;
  const { us, cn } = desk.circle;
  const spoilt = { ...noticeContent(desk.dutyTimeMs() + 3 * dayMs), count: 0 };
  const { log, index: at, id, known } = await desk.hearLaunch({ format: 'NOTIFY', content: spoilt });
  assert.equal(desk.register.entry(log, at)?.record, null);
  const content = { log, index: at, code: 'agreement.content', clause: 'agreement 3', detail: '/content/count is less than 1' };
  const references = [{ relation: 'rejects', log, index: at, id } as const];
  const refusal = desk.circle.core(cn, desk.nowMs(), { format: 'REFUSAL', content, more: { references } });
  desk.register.take(refusal.log, refusal.index, refusal.known.bytes);
  const { json } = await house.ask('auditor', `GET /v1/records/theirs/${at}`);
  assert.deepEqual([json['record'], json['matter']], [known.record, null]);
  assert.deepEqual(
    (json['refusals'] as { code: string }[]).map(({ code }) => code),
    ['agreement.content'],
  );
  assert.match((await house.ask('auditor', `GET /v1/records/theirs/${at}/rendering?language=en`)).text, /Launches|launches/);
  const ahead = us.size + 5;
  desk.register.takeUrgent(us.origin, ahead, new TextEncoder().encode('no record'));
  assert.equal((await house.ask('auditor', `GET /v1/records/theirs/${ahead}/bytes`)).text, 'no record');
});
