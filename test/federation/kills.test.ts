import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { hexOf } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { parseCheckpointText } from '#log/checkpoint.ts';
import { parseNote } from '#log/note.ts';
import { append, emptyFrontier, hashLeaf, rootOf } from '#log/tree.ts';
import { idOf } from '#record/envelope.ts';
import type { LifeLine } from './centre-to-kill.ts';
import { assertConcord, fileTest, untilQuiet } from './concord.ts';
import { PairOfCentres, type Party } from './pair-of-centres.ts';
import { chanceOf, seedOf } from './seed.ts';

const kills = 52;
const program = join(import.meta.dirname, 'centre-to-kill.ts');
const openWithinMs = 30_000;

/** Everything that the processes said before they were killed. */
class Witness {
  readonly filed = new Map<string, string>();
  readonly checkpoints = new Set<string>();
  readonly alarms = new Map<string, string>();

  hear(line: LifeLine): void {
    if (line.kind === 'filed') this.filed.set(`${line.origin} ${line.index}`, line.id);
    if (line.kind === 'checkpoint') this.checkpoints.add(line.note);
    if (line.kind === 'alarm') this.alarms.set(line.code, line.detail);
  }
}

/** One centre, and the process that it lives in now. */
class Life {
  readonly party: Party;
  readonly #directory: string;
  readonly #witness: Witness;
  #child: ChildProcess | undefined;
  #errors = '';
  #lives = 0;
  opened: Promise<void> = Promise.resolve();

  constructor(party: Party, directory: string, witness: Witness) {
    this.party = party;
    this.#directory = directory;
    this.#witness = witness;
  }

  begin(): void {
    this.#lives += 1;
    const child = spawn(process.execPath, [program, this.#directory, `${this.party}${this.#lives}`], { stdio: 'pipe' });
    this.#child = child;
    this.#errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    this.opened = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.party} did not open: ${this.#errors}`)), openWithinMs);
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = lineOf(text);
        if (line?.kind === 'open') {
          clearTimeout(timer);
          resolve();
        }
        if (line !== undefined) this.#witness.hear(line);
      });
      child.once('exit', (code) => {
        clearTimeout(timer);
        if (code !== null) reject(new Error(`${this.party} ended by itself: ${this.#errors}`));
        else resolve();
      });
    });
    // Looked at when it is awaited.
    this.opened.catch(() => undefined);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}

test(`after ${kills} SIGKILLs under load nothing confirmed is lost, nothing becomes two, and no history forks`, async (t) => {
  const seed = seedOf('kills');
  const chance = chanceOf(seed, 0);
  const pair = await PairOfCentres.make({ status: 'test' });
  t.after(() => pair.remove());
  // Each must hold something of the other, or a start may not count on its answer.
  const first = await pair.startBoth();
  await fileTest(first.cn, 'first');
  await fileTest(first.us, 'first');
  await untilQuiet(first.cn, first.us);
  await pair.stop('CN');
  await pair.stop('US');
  const witness = new Witness();
  const lives = (['CN', 'US'] as const).map((party) => new Life(party, pair.directory(party), witness));
  t.after(() => Promise.all(lives.map((life) => life.kill())));
  for (const life of lives) life.begin();
  for (let count = 0; count < kills; count += 1) {
    const life = lives[count % lives.length] ?? assert.fail('two lives');
    // Most are killed at work, some while they open.
    if (chance.below(4) > 0) await life.opened;
    await new Promise((resolve) => setTimeout(resolve, chance.below(350)));
    await life.kill();
    life.begin();
  }
  await Promise.all(lives.map((life) => life.opened));
  await Promise.all(lives.map((life) => life.kill()));
  t.diagnostic(`${witness.filed.size} records confirmed, ${witness.checkpoints.size} checkpoints seen`);
  assert.ok(witness.filed.size > 5 * kills, 'the processes were at work when they were killed');
  const { cn, us } = await pair.startBoth();
  await untilQuiet(cn, us);
  await assertConcord(cn, us);
  await assertKept(witness, cn);
  assert.deepEqual(
    [...witness.alarms].filter(([code]) => code !== 'link.peer'),
    [],
    `seed ${seed}`,
  );
});

/** Every confirmed record stands where it was confirmed, and every signed checkpoint is one of the one history. */
async function assertKept(witness: Witness, centre: Centre): Promise<void> {
  const roots = new Map<string, string>();
  let checked = 0;
  for (const { origin, size } of centre.register.held()) {
    let frontier = emptyFrontier;
    for (let index = 0; index < size; index += 1) {
      const leaf = (await centre.store.leaf(origin, index)) ?? assert.fail(`leaf ${index} of ${origin}`);
      frontier = append(frontier, [hashLeaf(leaf)]).frontier;
      roots.set(`${origin} ${index + 1}`, hexOf(rootOf(frontier)));
      const id = witness.filed.get(`${origin} ${index}`);
      if (id === undefined) continue;
      assert.equal(idOf(leaf), id, `leaf ${index} of ${origin} is the record that was confirmed`);
      checked += 1;
    }
  }
  assert.equal(checked, witness.filed.size, 'every confirmed record is there');
  for (const note of witness.checkpoints) {
    const { origin, size, root } = mustAccept(parseCheckpointText(mustAccept(parseNote(new TextEncoder().encode(note))).text));
    assert.equal(roots.get(`${origin} ${size}`), hexOf(root), `the checkpoint of ${size} leaves of ${origin}`);
  }
}

/** A killed process may leave half a line. */
function lineOf(text: string): LifeLine | undefined {
  try {
    return JSON.parse(text) as LifeLine;
  } catch {
    return undefined;
  }
}
