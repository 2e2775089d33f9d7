import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { bytesOfText } from '#base/bytes.ts';
import { SeededChance } from '#base/chance.ts';
import { mustAccept } from '#base/refusal.ts';
import { commitForever, killedLog as log, recordAt } from '#centre/store/commit-forever.ts';
import type { Store } from '#centre/store/store.ts';
import type { LastingStoreUnderTest } from '#centre/store/store-acceptance.ts';

// A kill shows that nothing is confirmed before it is handed to the system, and nothing is half done. It cannot see a missing
// flush: what a process wrote outlives the process in the system's memory.

/**
 * Kills child processes that commit to a store over and over; after each kill, opens the store and compares it with what the
 * child had confirmed on its standard output.
 */
export async function surviveKills(
  under: LastingStoreUnderTest,
  { points, seed }: { readonly points: number; readonly seed: number },
): Promise<void> {
  const chance = new SeededChance(seed);
  const killOften = async (): Promise<void> => {
    const place = await under.create();
    for (let point = 0; point < points / 2; point += 1) {
      const confirmed = await killAfter(under, place, chance.below(30));
      const store = mustAccept(await under.open(place));
      await checkHistory(store, confirmed);
      await store.close();
    }
  };
  // Two stores at a time, for most of a kill is the start of the next process.
  await Promise.all([killOften(), killOften()]);
}

/** Gives the last size that the child confirmed before it was killed, `delayMs` after its first confirmation. */
async function killAfter(under: LastingStoreUnderTest, place: string, delayMs: number): Promise<number> {
  const program = `
    const { [process.argv[2]]: open } = await import(process.argv[1]);
    const { ${commitForever.name} } = await import('#centre/store/commit-forever.ts');
    const { writeSync } = await import('node:fs');
    const opened = await open(process.argv[3]);
    await ${commitForever.name}(opened.value, (size) => writeSync(1, size + '\\n'));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, under.opener.module, under.opener.name, place], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let heard = '';
  child.stdout.on('data', (data: Buffer) => {
    if (heard === '') setTimeout(() => child.kill('SIGKILL'), delayMs);
    heard += data.toString();
  });
  await new Promise((resolve) => child.on('close', resolve));
  assert.equal(child.signalCode, 'SIGKILL');
  return Number(heard.slice(0, heard.lastIndexOf('\n')).split('\n').at(-1));
}

async function checkHistory(store: Store, confirmed: number): Promise<void> {
  const size = store.size(log);
  assert.ok(confirmed > 0 && size >= confirmed, `${confirmed} leaves were confirmed and ${size} are there`);
  const text = bytesOfText(String(size));
  assert.deepEqual(new Uint8Array((await store.document('state', 'size')) ?? []), text);
  assert.deepEqual(new Uint8Array(store.tile(log, 0, 0) ?? []), text);
  for (let next = Math.max(0, size - 4096); next < size; ) {
    for (const leaf of await store.leaves(log, next, { count: 512, bytes: 1_000_000 })) {
      assert.deepEqual(new Uint8Array(leaf), recordAt(next));
      next += 1;
    }
  }
}
