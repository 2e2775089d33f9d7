import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { eventReadersPerOfficerMax } from '#base/limits.ts';
import { withdrawToken } from '#centre/people/people.ts';
import { OfficersHouse } from '#test/officers/officers-house.ts';
import { PaperDesk } from '#test/officers/paper-desk.ts';

let house: OfficersHouse;
beforeEach(async () => {
  house = await OfficersHouse.open(await PaperDesk.open('exercise'));
});
afterEach(async () => await house.close());

interface Heard {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: Record<string, unknown>;
}

/** Reads events as a console does, one after another. */
class Reader {
  readonly #chunks: AsyncIterator<string>;
  readonly stop: () => void;
  #text = '';

  private constructor(response: Response, stop: () => void) {
    assert.ok(response.body !== null);
    this.#chunks = response.body.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    this.stop = stop;
  }

  static async open(officer: string, lastId?: string): Promise<Reader> {
    const stop = new AbortController();
    const headers = { ...house.headers(officer), ...(lastId === undefined ? {} : { 'last-event-id': lastId }) };
    const response = await fetch(`${house.address}/v1/events`, { headers, signal: stop.signal });
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    return new Reader(response, () => stop.abort());
  }

  /** The next event; undefined when the server ended the stream. */
  async next(): Promise<Heard | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end === -1) {
        const { done, value } = await this.#chunks.next();
        if (done === true) return undefined;
        this.#text += value;
        continue;
      }
      const lines = this.#text.slice(0, end).split('\n');
      this.#text = this.#text.slice(end + 2);
      const field = (name: string): string | undefined =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      if (field('data') !== undefined) return { id: field('id'), event: field('event'), data: JSON.parse(field('data') ?? '{}') };
    }
  }
}

test('a reader hears of drafts, records and the clock as they change', async () => {
  const reader = await Reader.open('auditor');
  assert.equal((await reader.next())?.event, 'ready');
  const { id, hash } = await house.verified();
  await house.ask('releaser', `POST /v1/drafts/${id}/release`, { hash });
  house.desk.tell({ kind: 'link', lane: 'urgent', connected: false });
  const heard = [await reader.next(), await reader.next(), await reader.next(), await reader.next(), await reader.next()];
  assert.deepEqual(
    heard.map((each) => [each?.event, each?.data]),
    [
      ['draft', { id }],
      ['draft', { id }],
      ['record', { log: 'own', index: 1, urgent: false }],
      ['draft', { id }],
      ['link', { lane: 'urgent', connected: false }],
    ],
  );
  reader.stop();
});

test('a reader who comes back gets what it missed, or is told to read everything again', async () => {
  const reader = await Reader.open('auditor');
  const ready = await reader.next();
  reader.stop();
  house.desk.tell({ kind: 'line', line: 'opening' });
  house.desk.tell({ kind: 'line', line: 'open' });
  const back = await Reader.open('auditor', ready?.id);
  assert.deepEqual([(await back.next())?.data, (await back.next())?.data], [{ line: 'opening' }, { line: 'open' }]);
  back.stop();
  for (const id of ['of-an-earlier-run.5', `${ready?.id}000`, 'nonsense']) {
    const lost = await Reader.open('auditor', id);
    assert.equal((await lost.next())?.event, 'reload', id);
    lost.stop();
  }
});

test('the time is told at each heartbeat, and a withdrawn token ends the stream there', async () => {
  await house.stop();
  await house.start(20);
  const reader = await Reader.open('watch');
  await reader.next();
  assert.deepEqual(Object.keys((await reader.next())?.data ?? {}), ['now', 'duty']);
  await withdrawToken(house.desk.peoplePath, 'watch');
  let last: Heard | undefined;
  do last = await reader.next();
  while (last !== undefined);
});

test('closing the server ends every stream and stops listening to the desk', async () => {
  const readers = [await Reader.open('watch'), await Reader.open('auditor')];
  for (const reader of readers) await reader.next();
  await house.stop();
  for (const reader of readers) assert.equal(await reader.next(), undefined);
  assert.equal(house.desk.listeners, 0);
});

test('one officer reads events in four places and no more, and leaves the others room', async () => {
  const readers = [];
  for (let place = 0; place < eventReadersPerOfficerMax; place += 1) readers.push(await Reader.open('auditor'));
  const refused = await house.ask('auditor', 'GET /v1/events');
  assert.deepEqual([refused.status, refused.json['code']], [429, 'request.streams']);
  assert.match(String(refused.json['detail']), /close one of these consoles/);
  readers.push(await Reader.open('watch'));
  assert.equal((await readers.at(-1)?.next())?.event, 'ready');
  for (const reader of readers) reader.stop();
});
