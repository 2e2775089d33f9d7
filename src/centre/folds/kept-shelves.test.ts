import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededChance } from '#base/chance.ts';
import { KeptShelves } from '#centre/folds/kept-shelves.ts';
import { ShelfFile } from '#centre/folds/shelf-file.ts';
import { MemoryShelves } from '#exchange/memory-shelf.ts';
import { allKeys, eachRow, firstRow, indexKey, keysUnder, lastRow, type Shelf } from '#exchange/shelf.ts';

const names = ['entries', 'gaps', 'silent'];

function failing(error: Error): void {
  assert.fail(error.message);
}

/** Everything that can be asked of a shelf near a key. */
function asked(shelf: Shelf<unknown>, key: string, limit: number): unknown {
  const range = { from: key, to: '~', limit };
  return [
    shelf.get(key),
    shelf.rows({ ...range, order: 'up' }),
    shelf.rows({ ...range, order: 'down' }),
    shelf.rows({ ...range, from: '', to: key, order: 'up' }),
    firstRow(shelf, keysUnder('a', key.slice(2))),
    lastRow(shelf, { from: '', to: key }),
  ];
}

test('shelves on disk answer as those in memory do, whatever was written, kept and opened again in between', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const chance = new SeededChance(seed);
      const folder = mkdtempSync(join(tmpdir(), 'anshin-folds-'));
      const path = join(folder, 'folds.sqlite');
      let file = ShelfFile.open(path, failing);
      let kept = new KeptShelves(file);
      const plain = new MemoryShelves();
      const keyOf = (): string => `${'ab'[chance.below(2)] ?? ''} ${indexKey(chance.below(90))}`;
      for (let step = 0; step < 400; step += 1) {
        const name = names[chance.below(names.length)] ?? '';
        const key = keyOf();
        const [one, other] = [kept.shelf<unknown>(name), plain.shelf<unknown>(name)];
        switch (chance.below(chance.below(10) === 0 ? 8 : 6)) {
          case 0:
          case 1:
          case 2: {
            const value = { step, text: 'x'.repeat(chance.below(20)) };
            one.set(key, value);
            other.set(key, value);
            break;
          }
          case 3:
            one.delete(key);
            other.delete(key);
            break;
          case 6:
            kept.keep({ step: String(step) });
            assert.equal(kept.waiting, 0);
            break;
          case 7:
            kept.keep({ step: String(step) });
            file.close();
            file = ShelfFile.open(path, failing);
            assert.deepEqual({ ...file.marks() }, { step: String(step) });
            kept = new KeptShelves(file);
            break;
          default: {
            const limit = 1 + chance.below(100);
            assert.deepEqual(asked(one, key, limit), asked(other, key, limit), `seed ${seed}, step ${step}`);
          }
        }
      }
      for (const name of names)
        assert.deepEqual([...eachRow(kept.shelf(name), allKeys)], [...eachRow(plain.shelf(name), allKeys)], `seed ${seed}`);
      file.close();
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 12 },
  );
});

test('what was not kept is gone after a start, and what was kept is one state', () => {
  const folder = mkdtempSync(join(tmpdir(), 'anshin-folds-'));
  const path = join(folder, 'folds.sqlite');
  const first = ShelfFile.open(path, failing);
  const shelves = new KeptShelves(first);
  for (const name of names) shelves.shelf(name).set('a', 1);
  shelves.keep({ at: 'one' });
  for (const name of names) shelves.shelf(name).set('a', 2);
  first.close();
  const again = ShelfFile.open(path, failing);
  const reopened = new KeptShelves(again);
  assert.deepEqual([again.marks()['at'], ...names.map((name) => reopened.shelf(name).get('a'))], ['one', 1, 1, 1]);
  again.close();
  rmSync(folder, { recursive: true });
});
