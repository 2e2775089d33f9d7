import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pageMax } from '#base/limits.ts';
import { hourMs } from '#base/time.ts';
import { Awaiting } from '#centre/people/awaiting.ts';
import { PaperDesk } from '#test/officers/paper-desk.ts';
import type { FiledRecord } from '#test/paper-log.ts';

let desk: PaperDesk;
before(async () => {
  desk = await PaperDesk.open('actual');
});
after(async () => await desk.close());

async function wire(precedence: 'O' | 'R', reference?: { readonly index: number; readonly id: string }): Promise<FiledRecord> {
  const narrative = { language: 'en', text: 'how do you read' } as const;
  const references = reference === undefined ? [] : [{ relation: 'answers', log: desk.circle.cn.origin, ...reference } as const];
  const more = { narrative, references, precedence: { action: precedence, info: precedence } } as const;
  return await desk.hearCore({ format: 'ORDERWIRE', content: {}, more });
}

test('of many records that await, the first are read, the most urgent before the others, and all are counted', async () => {
  const awaiting = new Awaiting(desk);
  // Their adoption awaits as well.
  const routine = [{ index: 0 }];
  for (let number = 1; number < pageMax + 10; number += 1) routine.push(await wire('R'));
  const urgent = await wire('O');
  // A record that our log makes void: leaf 0 there is another.
  await wire('O', { index: 0, id: 'ab'.repeat(32) });
  const first = await awaiting.list();
  assert.equal(first.count, pageMax + 11);
  assert.deepEqual(
    first.records.map(({ place }) => place.index),
    [urgent, ...routine.slice(0, pageMax - 1)].map(({ index }) => index),
  );
  const said = desk.circle.acknowledge(desk.circle.cn, desk.nowMs() + hourMs, urgent);
  desk.register.take(said.log, said.index, said.known.bytes);
  const second = await awaiting.list();
  assert.deepEqual([second.count, second.records[0]?.place.index], [pageMax + 10, routine[0]?.index]);
  assert.deepEqual((await new Awaiting(desk).list()).count, pageMax + 10);
});

test('a question reads what is new, and of the rest no more than it tells', async () => {
  const awaiting = new Awaiting(desk);
  const { count } = await awaiting.list();
  let asked = 0;
  const standing = desk.register.standing.bind(desk.register);
  desk.register.standing = (origin, index) => {
    asked += 1;
    return standing(origin, index);
  };
  await wire('R');
  assert.equal((await awaiting.list()).count, count + 1);
  assert.ok(asked <= pageMax, `${asked} standings of ${count + 1} records`);
});
