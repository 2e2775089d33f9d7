import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededChance } from '#base/chance.ts';
import { KeptShelves } from '#centre/folds/kept-shelves.ts';
import { ShelfFile } from '#centre/folds/shelf-file.ts';
import type { Register } from '#exchange/register.ts';
import { besideOf, foldIn, randomStory, readAll, type Telling } from '#test/exchange/random-story.ts';
import { fullProfile, type PaperCircle } from '#test/paper-circle.ts';

/** The folds of a circle as one file keeps them: they may be kept, or lost since they were kept, at any point. */
class KeptFolds {
  readonly #circle: PaperCircle;
  readonly #path: string;
  #file: ShelfFile;
  #shelves: KeptShelves;
  register: Register;

  constructor(circle: PaperCircle, path: string) {
    this.#circle = circle;
    this.#path = path;
    this.#file = ShelfFile.open(path, (error) => assert.fail(error.message));
    this.#shelves = new KeptShelves(this.#file);
    this.register = circle.register([fullProfile], this.#shelves);
  }

  keep(): void {
    this.#shelves.keep({ kept: 'yes' });
  }

  lose(): void {
    this.#file.close();
    this.#file = ShelfFile.open(this.#path, (error) => assert.fail(error.message));
    this.#shelves = new KeptShelves(this.#file);
    this.register = this.#circle.register([fullProfile], this.#shelves);
  }

  close(): void {
    this.#file.close();
  }

  sizeOf(origin: string): number {
    return this.register.log(origin)?.held.size ?? 0;
  }
}

/** Folds a story with the folds kept and lost on the way; what stood beside the leaves is told again after each loss. */
function foldWithLosses(kept: KeptFolds, given: { circle: PaperCircle; telling: Telling }, chance: SeededChance): Register {
  const { circle, telling } = given;
  const beside = besideOf(telling);
  let told = 0;
  for (;;) {
    const open = [circle.cn, circle.us].filter((log) => kept.sizeOf(log.origin) < (telling.sizes.get(log.origin) ?? 0));
    if (open.length === 0 && told === beside.length) return kept.register;
    if (chance.below(12) === 0) kept.keep();
    if (chance.below(25) === 0) readAll(kept.register);
    if (chance.below(25) === 0) {
      kept.lose();
      for (const tell of beside.slice(0, told)) tell(kept.register);
      continue;
    }
    const log = open[chance.below(open.length + (told < beside.length ? 1 : 0))];
    if (log !== undefined) {
      const index = kept.sizeOf(log.origin);
      kept.register.take(log.origin, index, log.leaves[index] ?? new Uint8Array());
    } else if (told < beside.length) {
      beside[told]?.(kept.register);
      told += 1;
    }
  }
}

test('folds that were kept, lost and taken up again are those that were never interrupted', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const chance = new SeededChance(seed);
      const { circle, telling } = randomStory(chance);
      const folder = mkdtempSync(join(tmpdir(), 'anshin-folds-'));
      const kept = new KeptFolds(circle, join(folder, 'folds.sqlite'));
      const broken = readAll(foldWithLosses(kept, { circle, telling }, chance));
      assert.equal(broken, readAll(foldIn(circle, telling, chance)), `seed ${seed}`);
      kept.keep();
      kept.lose();
      const held = kept.register.held().map(({ origin, size }) => [origin, size]);
      assert.deepEqual(new Map(held as [string, number][]), telling.sizes);
      for (const tell of besideOf(telling)) tell(kept.register);
      assert.equal(readAll(kept.register), broken, `seed ${seed}, after a start`);
      kept.close();
      rmSync(folder, { recursive: true });
    }),
    { numRuns: 40 },
  );
});
