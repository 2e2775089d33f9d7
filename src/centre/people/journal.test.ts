import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { bytesOfText, textOfBytes } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { Journal, journalFaults } from '#centre/people/journal.ts';
import { lastNumber, numberedKey } from '#centre/people/numbered.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';
import type { Store } from '#centre/store/store.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anshin-journal-'));
  const path = join(folder, 'store.sqlite');
  mustAccept(await createSqliteStore(path));
  store = mustAccept(await openSqliteStore(path));
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const clock = (): number => Date.parse('2024-09-25T00:44:00.000Z');

async function put(collection: string, key: string, text: string | null): Promise<void> {
  await store.commit({
    leaves: [],
    tiles: [],
    documents: [{ collection, key, value: text === null ? null : bytesOfText(text) }],
  });
}

test('entries follow from each other, whoever writes at once, and over a new start', async () => {
  const journal = await Journal.open(store, clock);
  const drafts = Array.from({ length: 20 }, (_, draft) => draft);
  await Promise.all(
    drafts.map(async (draft) => await journal.enter({ act: 'draft-created', officer: 'li', details: { draft } }, [])),
  );
  const again = await Journal.open(store, clock);
  await again.enter({ act: 'draft-withdrawn', officer: 'li', details: { draft: 3 } }, []);
  const entries = await again.read(1, 100);
  assert.deepEqual(
    entries.map(({ number }) => number),
    Array.from({ length: 21 }, (_, at) => at + 1),
  );
  assert.deepEqual(entries[20], {
    schema: 'anshin.journal/1',
    number: 21,
    at: '2024-09-25T00:44:00.000Z',
    before: entries[20]?.before,
    act: 'draft-withdrawn',
    officer: 'li',
    details: { draft: 3 },
  });
  assert.deepEqual(await journalFaults(store), []);
});

test('an entry changed, removed or put in is found', async () => {
  const journal = await Journal.open(store, clock);
  for (let draft = 0; draft < 5; draft += 1) await journal.enter({ act: 'draft-created', officer: 'li', details: { draft } }, []);
  const third = mustAccept(textOfBytes((await store.document('journal', numberedKey(3))) ?? bytesOfText('')));
  await put('journal', numberedKey(3), third.replace('"li"', '"wu"'));
  assert.deepEqual(await journalFaults(store), ['journal: entry 4 does not follow from the one before']);
  await put('journal', numberedKey(3), null);
  assert.deepEqual(await journalFaults(store), ['journal: entry 3 is missing']);
  await put('journal', numberedKey(3), '{}');
  assert.deepEqual(await journalFaults(store), ['journal: entry 3 is not an entry']);
});

test('an entry and the documents that it is about are kept together or not at all', async () => {
  const journal = await Journal.open(store, clock);
  const document = { collection: 'draft', key: 'a', value: bytesOfText('x') };
  await assert.rejects(journal.enter({ act: 'draft-created', officer: 'li', details: {} }, [document, { ...document, key: '' }]));
  assert.equal(await store.document('draft', 'a'), undefined);
  await journal.enter({ act: 'draft-created', officer: 'li', details: {} }, [document]);
  assert.deepEqual([await lastNumber(store, 'journal'), await journalFaults(store)], [1, []]);
});

test('what an outsider sent is written in one line that a record could hold', async () => {
  const journal = await Journal.open(store, clock);
  await journal.enter({ act: 'sign-in-failed', officer: null, details: { path: `/\u0000\u202e\ud800${'x'.repeat(1000)}` } }, []);
  const [entry] = await journal.read(1, 1);
  assert.equal(entry?.details['path'], `/\ufffd\ufffd\ufffd${'x'.repeat(396)}`);
});

test('the last of numbered documents is found for any count', async () => {
  for (let count = 0; count < 40; count += 1) {
    assert.equal(await lastNumber(store, 'numbered'), count);
    await put('numbered', numberedKey(count + 1), 'x');
  }
});
