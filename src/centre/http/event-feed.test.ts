import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventBacklogMax } from '#base/limits.ts';
import { EventFeed } from '#centre/http/event-feed.ts';

test('what came after an id is told while the backlog has it, and never in part', () => {
  const feed = new EventFeed('run');
  const begin = feed.newest();
  assert.deepEqual(feed.after(begin), []);
  for (let number = 1; number <= eventBacklogMax; number += 1) feed.publish('draft', { id: number });
  assert.equal(feed.after(begin)?.length, eventBacklogMax);
  for (let number = 0; number <= eventBacklogMax; number += 1) feed.publish('draft', { id: 0 });
  assert.equal(feed.after(begin), undefined);
  assert.equal(feed.after(`run.${eventBacklogMax}`)?.length, eventBacklogMax + 1);
  assert.deepEqual(feed.after(`run.${2 * eventBacklogMax}`), [{ id: feed.newest(), kind: 'draft', data: { id: 0 } }]);
  for (const id of ['', 'run', 'run.', 'run.-1', 'run.99999', 'other.1', 'run.1e3']) assert.equal(feed.after(id), undefined, id);
});

test('a reader hears each event until it stops', () => {
  const feed = new EventFeed('run');
  const heard: unknown[] = [];
  const stop = feed.read(({ data }) => heard.push(data));
  feed.publish('a', 1);
  stop();
  feed.publish('a', 2);
  assert.deepEqual(heard, [1]);
});
