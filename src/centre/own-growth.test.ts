import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { accept, mustAccept, refuse } from '#base/refusal.ts';
import { Appender } from '#centre/append.ts';
import { OwnGrowth } from '#centre/own-growth.ts';
import { americaOrigin, chinaOrigin, practiceCentre } from '#centre/signer/practice-centre.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';
import { realWorld } from '#centre/world.ts';

test('what is appended enters the folds in the order of the log, once each, whatever came first or was refused', async (t) => {
  const centre = await practiceCentre(chinaOrigin, americaOrigin);
  const path = join(centre.folder, 'store');
  mustAccept(await createSqliteStore(path));
  const store = mustAccept(await openSqliteStore(path));
  const signer = mustAccept(await centre.openSigner(() => 1_767_600_000_000));
  const appender = mustAccept(await Appender.start({ store, signer, origin: chinaOrigin, turn: realWorld.turn }));
  t.after(async () => {
    await appender.close();
    await signer.close();
    await store.close();
    await centre.remove();
  });
  const entered: [number, string][] = [];
  const growth = new OwnGrowth(appender, 0, (index, record) => entered.push([index, new TextDecoder().decode(record)]));
  const work = (number: number) =>
    growth.append({
      build: () =>
        number % 5 === 4
          ? refuse('draft.state', 'not now')
          : accept({
              records: Array.from({ length: number % 3 }, (_, part) => bytesOfText(`${number}/${part}`)),
              leaves: [],
              tiles: [],
              documents: [],
            }),
      cosign: null,
      urgent: number % 4 === 0,
    });
  const outcomes = await Promise.all(Array.from({ length: 200 }, (_, number) => work(number)));
  assert.ok(outcomes.some(({ ok }) => !ok));
  const leaves = await store.leaves(chinaOrigin, 0, { count: 1_000, bytes: 1_000_000 });
  assert.deepEqual(
    entered,
    leaves.map((leaf, index) => [index, new TextDecoder().decode(leaf)]),
  );
});
