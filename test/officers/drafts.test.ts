import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mustAccept } from '#base/refusal.ts';
import { dayMs, hourMs, minuteMs, textOfTime } from '#base/time.ts';
import { journalFaults } from '#centre/people/journal.ts';
import { openOffice } from '#centre/people/office.ts';
import { People } from '#centre/people/people.ts';
import { type Answered, OfficersHouse } from '#test/officers/officers-house.ts';
import { PaperDesk } from '#test/officers/paper-desk.ts';
import { noticeContent } from '#test/paper-circle.ts';

let house: OfficersHouse;
before(async () => {
  house = await OfficersHouse.open(await PaperDesk.open('exercise'));
});
after(async () => await house.close());

interface FiledAnswer {
  readonly filed: { readonly index: number; readonly id: string; readonly record: Record<string, unknown> };
  readonly draft: { readonly state: string; readonly released: { readonly number: string } };
}

function filedIn(answered: Answered): FiledAnswer {
  assert.equal(answered.status, 200, answered.text);
  return answered.json as unknown as FiledAnswer;
}

function assertRefused(answered: Answered, status: number, code: string): void {
  assert.deepEqual([answered.status, answered.json['code']], [status, code], answered.text);
}

test('a notice is drafted, verified by another and released by a third, under the hash that all saw', async () => {
  const { id, hash } = await house.drafted();
  const shown = await house.ask('verifier', `GET /v1/drafts/${id}`);
  const check = shown.json['check'] as Record<string, unknown> & { margins: { state: string; text: { en: unknown } }[] };
  assert.deepEqual([check['passes'], check['faults'], check['refusals'], check['state']], [true, [], [], 'notified']);
  assert.deepEqual(check.margins[0]?.text.en, { state: 'open', margin: '72 h before the window; minimum 24 h' });
  const rendering = await house.ask('verifier', `GET /v1/drafts/${id}/rendering?language=en`);
  assert.match(rendering.text, /^EXERCISE/);
  assert.equal((await house.ask('verifier', `POST /v1/drafts/${id}/verify`, { hash })).status, 200);
  const { filed, draft } = filedIn(await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash }));
  assert.equal(filed.record['approved'], hash);
  assert.deepEqual([draft.state, draft.released.number], ['released', filed.record['number']]);
  const { origin } = house.desk.identity;
  assert.equal(house.desk.register.standing(origin, filed.index)?.kind, 'accepted');
});

test('nobody verifies or releases what they wrote, in any version of it', async () => {
  const { id, hash } = await house.drafted(house.notice(), 'both');
  assertRefused(await house.ask('both', `POST /v1/drafts/${id}/verify`, { hash }), 403, 'people.same-person');
  const edited = await house.ask('drafter', `PUT /v1/drafts/${id}`, house.notice());
  const again = (edited.json as { draft: { hash: string } }).draft.hash;
  assertRefused(await house.ask('both', `POST /v1/drafts/${id}/verify`, { hash: again }), 403, 'people.same-person');
  assert.equal((await house.ask('verifier', `POST /v1/drafts/${id}/verify`, { hash: again })).status, 200);
  assertRefused(await house.ask('both', `POST /v1/drafts/${id}/release`, { hash: again }), 403, 'people.same-person');
  filedIn(await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash: again }));
});

test('each step is for the hash as it is now: an edit takes the verification with it', async () => {
  const { id, hash } = await house.verified();
  const edited = await house.ask('drafter', `PUT /v1/drafts/${id}`, house.notice({ releasability: 'public' }));
  const now = (edited.json as { draft: { hash: string; state: string } }).draft;
  assert.equal(now.state, 'drafted');
  assertRefused(await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash }), 409, 'draft.state');
  assertRefused(await house.ask('verifier', `POST /v1/drafts/${id}/verify`, { hash }), 409, 'draft.hash');
  assert.equal((await house.ask('verifier', `POST /v1/drafts/${id}/verify`, { hash: now.hash })).status, 200);
  assertRefused(await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash }), 409, 'draft.hash');
});

test('a draft is released once: a repetition under its key gives the same record, any other is refused', async () => {
  const { id, hash } = await house.verified();
  const size = house.desk.circle.cn.size;
  const release = `POST /v1/drafts/${id}/release`;
  const key = { 'idempotency-key': 'release-1' };
  const first = filedIn(await house.askWith('releaser', release, { body: { hash }, headers: key }));
  assert.deepEqual(filedIn(await house.askWith('releaser', release, { body: { hash }, headers: key })), first);
  assertRefused(await house.ask('releaser', release, { hash }), 409, 'draft.state');
  assertRefused(await house.askWith('both', release, { body: { hash }, headers: key }), 409, 'draft.state');
  assertRefused(
    await house.askWith('releaser', release, { body: { hash: '0'.repeat(64) }, headers: key }),
    409,
    'request.repeat',
  );
  assertRefused(
    await house.askWith('releaser', release, { body: { hash }, headers: { 'idempotency-key': 'a b' } }),
    400,
    'request.form',
  );
  assert.equal(house.desk.circle.cn.size, size + 1);
});

test('many releases at once file one record', async () => {
  const { id, hash } = await house.verified();
  const size = house.desk.circle.cn.size;
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash })),
  );
  assert.deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, ...Array.from({ length: 7 }, () => 409)],
  );
  assert.equal(house.desk.circle.cn.size, size + 1);
});

test('a release that failed before the record was logged can be tried again', async () => {
  const { id, hash } = await house.verified();
  const size = house.desk.circle.cn.size;
  house.desk.failing = async () => await Promise.reject(new Error('the power went'));
  assertRefused(await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash }), 500, 'request.failed');
  assert.equal(house.faults.pop()?.message, 'the power went');
  assert.equal(house.desk.circle.cn.size, size);
  filedIn(await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash }));
});

test('a release that failed after the record was logged is found there, and not filed again', async () => {
  const { id, hash } = await house.verified();
  const size = house.desk.circle.cn.size;
  house.desk.failing = async (file) => {
    await file();
    throw new Error('the answer was lost');
  };
  const key = { 'idempotency-key': 'release-2' };
  const release = `POST /v1/drafts/${id}/release`;
  assertRefused(await house.askWith('releaser', release, { body: { hash }, headers: key }), 500, 'request.failed');
  house.faults.length = 0;
  assert.equal(filedIn(await house.askWith('releaser', release, { body: { hash }, headers: key })).filed.index, size);
  assert.equal(house.desk.circle.cn.size, size + 1);
});

test('a release that the process did not survive is settled when the office opens again', async () => {
  const { id, hash } = await house.verified();
  const people = mustAccept(await People.open(house.desk.peoplePath));
  const office = await openOffice(house.desk, people);
  const releaser = mustAccept(await people.officerOf(house.tokens.get('releaser') ?? ''));
  const filed = Promise.withResolvers<void>();
  house.desk.failing = async (file) => {
    await file();
    filed.resolve();
    return await new Promise(() => {});
  };
  void office.drafts.release(id, hash, { officer: releaser, key: null });
  await filed.promise;
  assert.equal(mustAccept(await office.drafts.get(id)).state, 'verified');
  await house.stop();
  await house.start();
  const shown = await house.ask('releaser', `GET /v1/drafts/${id}`);
  const draft = shown.json['draft'] as { state: string; released: { index: number; hash: string } };
  assert.deepEqual([draft.state, draft.released.index, draft.released.hash], ['released', house.desk.circle.cn.size - 1, hash]);
});

test('what the machine finds is told field by field, and stops verification', async () => {
  const content = { ...noticeContent(house.desk.dutyTimeMs() + 3 * dayMs), count: 0, colour: 'red' };
  const { id, hash } = await house.drafted(house.notice({ content }));
  const check = (await house.ask('verifier', `GET /v1/drafts/${id}`)).json['check'] as Record<string, unknown>;
  assert.deepEqual(check['faults'], [
    { path: '/content/count', reason: 'less than 1' },
    { path: '/content/colour', reason: 'is not a field of this format' },
  ]);
  assert.deepEqual([check['passes'], check['refusals']], [false, []]);
  assertRefused(await house.ask('verifier', `POST /v1/drafts/${id}/verify`, { hash }), 422, 'draft.check');
  const outOfCycle = await house.ask('drafter', 'POST /v1/check', {
    agreement: 'BMLN',
    format: 'CANCEL',
    content: { reason: 'technical' },
  });
  const tried = outOfCycle.json['check'] as { refusals: { code: string }[] };
  assert.deepEqual(
    tried.refusals.map(({ code }) => code),
    ['agreement.life-cycle'],
    outOfCycle.text,
  );
});

test('a late notice is amber or missed, and can be released: late is better than never', async () => {
  const content = noticeContent(house.desk.dutyTimeMs() + 20 * hourMs);
  const tried = await house.ask('drafter', 'POST /v1/check', house.notice({ content }));
  const { record, check } = tried.json as unknown as {
    record: { precedence: unknown };
    check: { passes: boolean; margins: { state: string; text: { en: { margin: string } } }[] };
  };
  assert.deepEqual(record.precedence, { action: 'O', info: 'O' }, tried.text);
  assert.deepEqual([check.passes, check.margins[0]?.state], [true, 'missed']);
  assert.equal(check.margins[0]?.text.en.margin, '20 h before the window; minimum 24 h');
});

test('a text that no record can hold is refused at once', async () => {
  const narrative = { language: 'en', text: 'a tab\there' };
  assertRefused(await house.ask('drafter', 'POST /v1/drafts', house.notice({ narrative })), 422, 'text.forbidden');
  assertRefused(
    await house.ask('drafter', 'POST /v1/drafts', house.notice({ content: { count: 1.5 } })),
    422,
    'record.number-range',
  );
  assertRefused(await house.ask('drafter', 'POST /v1/drafts', house.notice({ content: { count: null } })), 422, 'record.json');
  assertRefused(await house.ask('drafter', 'POST /v1/drafts', house.notice({ agreement: 'NONE' })), 422, 'agreement.unknown');
  assertRefused(await house.ask('drafter', 'POST /v1/drafts', house.notice({ format: 'NONE' })), 422, 'agreement.format');
  const references = [{ relation: 'updates', log: 'own', index: 9999 }];
  assertRefused(await house.ask('drafter', 'POST /v1/drafts', house.notice({ references })), 404, 'request.unknown');
});

test('a watch officer alone releases what the agreement marks, in coded fields, by two steps', async () => {
  const { id, hash } = await house.verified();
  const notice = filedIn(await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash })).filed;
  const content = {
    occurredAt: textOfTime(house.desk.dutyTimeMs()),
    anomaly: 'off-course',
    condition: 'continuing',
    notDirectedAt: ['CN', 'US'],
    requests: ['warn-shipping'],
  };
  const references = [{ relation: 'reports', log: 'own', index: notice.index }];
  const anomaly = { agreement: 'BMLN', format: 'ANOMALY', content, references };
  const narrative = { language: 'en', text: 'We are sorry.' };
  assertRefused(await house.ask('watch', 'POST /v1/drafts', { ...anomaly, narrative }), 403, 'draft.alone');
  assertRefused(await house.ask('watch', 'POST /v1/drafts', house.notice()), 403, 'draft.alone');
  const drafted = await house.drafted(anomaly, 'watch');
  assertRefused(await house.ask('releaser', `POST /v1/drafts/${drafted.id}/release`, { hash: drafted.hash }), 403, 'people.role');
  const released = filedIn(await house.ask('watch', `POST /v1/drafts/${drafted.id}/release`, { hash: drafted.hash }));
  assert.deepEqual(released.filed.record['precedence'], { action: 'Z', info: 'Z' });
  assert.equal(house.desk.register.standing(house.desk.identity.origin, released.filed.index)?.kind, 'accepted');
  const byTwo = await house.drafted({ ...anomaly, narrative }, 'drafter');
  assertRefused(await house.ask('watch', `POST /v1/drafts/${byTwo.id}/release`, { hash: byTwo.hash }), 409, 'draft.state');
});

test('a draft goes back with a reason, is mended, or is withdrawn', async () => {
  const { id, hash } = await house.verified();
  const back = await house.ask('releaser', `POST /v1/drafts/${id}/return`, { reason: 'The window is wrong.' });
  const { returned, state } = back.json['draft'] as { returned: { by: string; reason: string }; state: string };
  assert.deepEqual([state, returned.by, returned.reason], ['returned', 'releaser', 'The window is wrong.']);
  assertRefused(await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash }), 409, 'draft.state');
  const needs = (await house.ask('drafter', 'GET /v1/state')).json['needs'] as { drafts: { id: number }[] };
  assert.ok(needs.drafts.some((draft) => draft.id === id));
  assertRefused(await house.ask('watch', `POST /v1/drafts/${id}/withdraw`), 403, 'people.role');
  assert.equal((await house.ask('drafter', `POST /v1/drafts/${id}/withdraw`)).status, 200);
  assertRefused(await house.ask('drafter', `PUT /v1/drafts/${id}`, house.notice()), 409, 'draft.state');
  assertRefused(await house.ask('drafter', 'POST /v1/drafts/99999/withdraw'), 404, 'draft.unknown');
});

test('in an exercise a draft takes the scenario time of its last edit, and goes out within an hour of it', async () => {
  const { id, hash } = await house.verified();
  house.desk.pass(hourMs + minuteMs);
  assertRefused(await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash }), 422, 'draft.check');
  const saved = await house.ask('drafter', `PUT /v1/drafts/${id}`, house.notice());
  const { draft } = saved.json as { draft: { hash: string; record: { exercise: { scenarioAt: string } } } };
  assert.equal(draft.record.exercise.scenarioAt, textOfTime(house.desk.dutyTimeMs()));
  assert.equal((await house.ask('verifier', `POST /v1/drafts/${id}/verify`, { hash: draft.hash })).status, 200);
});

test('drafts are listed by number, a page at a time', async () => {
  const first = (await house.ask('auditor', 'GET /v1/drafts?limit=2')).json as unknown as {
    drafts: { id: number }[];
    next: number;
  };
  assert.deepEqual([first.drafts.map(({ id }) => id), first.next], [[1, 2], 3]);
  const second = (await house.ask('auditor', 'GET /v1/drafts?limit=2&from=3')).json as unknown as { drafts: { id: number }[] };
  assert.deepEqual(
    second.drafts.map(({ id }) => id),
    [3, 4],
  );
});

test('every step stands in the journal, whose chain holds', async () => {
  const page = await house.ask('auditor', 'GET /v1/journal?limit=200');
  const { entries } = page.json as unknown as { entries: { act: string; officer?: string; details: Record<string, unknown> }[] };
  for (const act of [
    'draft-created',
    'draft-verified',
    'draft-releasing',
    'draft-released',
    'draft-not-released',
    'draft-returned',
    'refused',
  ]) {
    assert.ok(
      entries.some((entry) => entry.act === act),
      act,
    );
  }
  const steps = entries.filter(({ details }) => details['draft'] === 1 || details['thing'] === 'draft 1');
  assert.deepEqual(
    steps.map(({ act, officer }) => [act, officer]),
    [
      ['draft-created', 'drafter'],
      ['draft-verified', 'verifier'],
      ['draft-releasing', 'releaser'],
      ['draft-released', 'releaser'],
    ],
  );
  assert.deepEqual(await journalFaults(house.desk.store), []);
  assert.deepEqual(house.faults, []);
});

test('a start reads the drafts that are not finished, and marks those of a store that has no marks', async () => {
  await house.verified();
  const people = mustAccept(await People.open(house.desk.peoplePath));
  const officers = await Promise.all(
    ['drafter', 'verifier', 'releaser'].map(async (role) => mustAccept(await people.officerOf(house.tokens.get(role) ?? ''))),
  );
  const waiting = async (): Promise<readonly (readonly number[])[]> => {
    const { drafts } = await openOffice(house.desk, people);
    return officers.map((officer) => drafts.waitingFor(officer).map(({ id }) => id));
  };
  const before = await waiting();
  assert.ok(before.flat().length > 0);
  const marked = await house.desk.store.documents('draft-unfinished', { from: '', to: null, limit: 1_000 });
  const all = await house.desk.store.documents('draft', { from: '', to: null, limit: 1_000 });
  assert.ok(marked.length < all.length);
  const documents = [
    { collection: 'draft-marks', key: 'draft-unfinished', value: null },
    ...marked.map(({ key }) => ({ collection: 'draft-unfinished', key, value: null })),
  ];
  await house.desk.store.commit({ leaves: [], tiles: [], documents });
  assert.deepEqual(await waiting(), before);
  assert.deepEqual(await house.desk.store.documents('draft-unfinished', { from: '', to: null, limit: 1_000 }), marked);
});
