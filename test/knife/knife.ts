import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Chance } from '#base/chance.ts';
import { runAnshin } from '#test/cli/run-anshin.ts';
import { assertConcord, fileTest, untilQuiet } from '#test/federation/concord.ts';
import { PairOfCentres, passphrase } from '#test/federation/pair-of-centres.ts';
import { chanceOf } from '#test/federation/seed.ts';
import { Clerk } from '#test/knife/clerk.ts';
import { employ } from '#test/knife/employ.ts';
import { compileLibrary, ForgetfulDisk, type Loss } from '#test/knife/forgetful-disk.ts';
import { Life } from '#test/knife/life.ts';
import { LossFound, Witness } from '#test/knife/witness.ts';

export interface Round {
  readonly seed: number;
  readonly kills: number;
  /** Files whose name begins so are never flushed: for none, empty. */
  readonly unflushed: string;
  readonly progress: (kills: number) => void;
}

export interface RoundResult {
  readonly kills: number;
  /** Records whose release was answered. */
  readonly filed: number;
  /** Bytes that losses of power found unflushed, by file, and how many of them survived by luck. */
  readonly unflushed: ReadonlyMap<string, number>;
  readonly survived: number;
}

const parties = ['CN', 'US'] as const;
const clerksEach = 3;
/** How long a disk takes to flush, in microseconds: the longer, the more there is to lose. */
const flushesUs = [0, 300, 1_000, 4_000];

/**
 * Kills two centres over and over, under load, on disks that lose what was not flushed, and looks each time whether anything that
 * was answered, signed or shown is gone. Rejects with `LossFound`, and leaves the directories where they are, named in the error.
 */
export async function playRound(round: Round): Promise<RoundResult> {
  const table = await Table.lay(round);
  try {
    const result = await table.play();
    await table.clear();
    return result;
  } catch (error) {
    await table.stop();
    if (error instanceof LossFound) {
      error.message += ` (seed ${round.seed}, ${table.pair.folder})`;
      error.folder = table.pair.folder;
      throw error;
    }
    throw new Error(`seed ${round.seed}, ${table.pair.folder}`, { cause: error });
  }
}

/** Two centres, their clerks, and who holds the knife. */
class Table {
  readonly pair: PairOfCentres;
  readonly #round: Round;
  readonly #chance: Chance;
  readonly #lives: readonly Life[];
  readonly #clerks: readonly Clerk[];
  readonly #witness: Witness;
  readonly #unflushed = new Map<string, number>();
  #survived = 0;
  #kills = 0;

  private constructor(
    round: Round,
    parts: {
      readonly pair: PairOfCentres;
      readonly lives: readonly Life[];
      readonly clerks: readonly Clerk[];
      readonly witness: Witness;
    },
  ) {
    this.pair = parts.pair;
    this.#round = round;
    this.#chance = chanceOf(round.seed, 0);
    this.#lives = parts.lives;
    this.#clerks = parts.clerks;
    this.#witness = parts.witness;
  }

  static async lay(round: Round): Promise<Table> {
    const pair = await PairOfCentres.make({ status: 'test' });
    const tokens = { CN: await employ(pair, 'CN'), US: await employ(pair, 'US') };
    // Each must hold something of the other, or a start may not count on its answer.
    const first = await pair.startBoth();
    await fileTest(first.cn, 'first');
    await fileTest(first.us, 'first');
    await untilQuiet(first.cn, first.us);
    await pair.stop('CN');
    await pair.stop('US');
    const witness = new Witness();
    const lives = await livesOf(pair, witness);
    const clerks = lives.flatMap((life, side) =>
      Array.from({ length: clerksEach }, (_, seat) => {
        const chance = chanceOf(round.seed, 1 + side * clerksEach + seat);
        return new Clerk({ life, tokens: tokens[life.party], witness, chance });
      }),
    );
    return new Table(round, { pair, lives, clerks, witness });
  }

  async play(): Promise<RoundResult> {
    for (const life of this.#lives) this.#begin(life);
    const work = Promise.all(this.#clerks.map((clerk) => clerk.work()));
    // What a clerk finds out ends the round as soon as the knife looks up.
    await Promise.race([this.#killOften(), work]);
    for (const clerk of this.#clerks) clerk.stop();
    await work;
    await Promise.all(this.#lives.map((life) => life.opened));
    await this.#cut(this.#lives);
    await this.#judge();
    return {
      kills: this.#kills,
      filed: this.#witness.filed.size,
      unflushed: this.#unflushed,
      survived: this.#survived,
    };
  }

  async stop(): Promise<void> {
    for (const clerk of this.#clerks) clerk.stop();
    await Promise.all(this.#lives.map((life) => life.kill()));
    await Promise.all([this.pair.stop('CN'), this.pair.stop('US')]);
  }

  async clear(): Promise<void> {
    await this.stop();
    await this.pair.remove();
  }

  async #killOften(): Promise<void> {
    while (this.#kills < this.#round.kills) {
      const which = this.#chance.below(9);
      // Mostly one after the other, now and then both at once.
      const struck =
        which === 8 ? this.#lives : this.#lives.filter((_, side) => side === (this.#kills + (which === 7 ? 1 : 0)) % 2);
      // Most are killed at work, some while they open.
      const isOpening = this.#chance.below(5) === 0;
      if (!isOpening) await Promise.all(struck.map((life) => life.opened));
      await pause(isOpening ? this.#chance.below(500) : 10 + this.#chance.below(390));
      await this.#cut(struck);
      for (const life of struck) this.#begin(life);
    }
  }

  #begin(life: Life): void {
    const flushUs = flushesUs[this.#chance.below(flushesUs.length)] ?? 0;
    life.begin({ unflushed: this.#round.unflushed, flushUs });
  }

  /** Kills, takes what was not flushed, and compares what is left with what was told. */
  async #cut(struck: readonly Life[]): Promise<void> {
    await Promise.all(struck.map((life) => life.kill()));
    for (const life of struck) {
      this.#count(await life.disk.lose(this.#chance));
      await this.#witness.assertAnchored(life.disk.directory);
      this.#kills += 1;
      this.#round.progress(this.#kills);
    }
    const [fault] = this.#lives.flatMap((life) => life.fault ?? []);
    if (fault !== undefined) throw fault;
  }

  #count(loss: Loss): void {
    for (const [name, bytes] of loss.unflushed) this.#unflushed.set(name, bytes + (this.#unflushed.get(name) ?? 0));
    this.#survived += loss.survived;
  }

  /** Both go on from what their disks still hold, and nothing is missing, doubled or in dispute. */
  async #judge(): Promise<void> {
    const { cn, us } = await this.pair.startBoth();
    await untilQuiet(cn, us, 60_000);
    await assertConcord(cn, us);
    for (const centre of [cn, us]) {
      await this.#witness.assertKept(centre);
      assert.deepEqual(await centre.store.check(), [], 'the store is whole');
    }
  }
}

async function livesOf(pair: PairOfCentres, witness: Witness): Promise<readonly Life[]> {
  const passphraseFile = join(pair.folder, 'passphrase');
  await writeFile(passphraseFile, passphrase);
  // Compiled once, by a start that ends by itself, so that every later one is quick.
  const environment = { ANSHIN_PASSPHRASE_FILE: passphraseFile, NODE_COMPILE_CACHE: join(pair.folder, 'compiled') };
  assert.equal((await runAnshin(['serve', '--dir', pair.directory('US'), '--until-input-ends'], environment)).code, 0);
  const library = await compileLibrary(pair.folder);
  return await Promise.all(
    parties.map(async (party) => {
      const disk = await ForgetfulDisk.of(pair.directory(party), { platter: join(pair.folder, `platter-${party}`), library });
      return new Life({
        party,
        disk,
        environment,
        // The other one dies.
        alarms: ['link.peer'],
        heard: (line) => {
          // Whoever has it, the owner of the log signed it.
          if (line.kind === 'record') witness.signed(line.origin, line.index + 1);
          if (line.kind === 'cosigned') witness.cosigned(line.origin, line.size);
        },
      });
    }),
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
