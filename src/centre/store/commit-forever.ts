import { bytesOfText } from '#base/bytes.ts';
import { SeededChance } from '#base/chance.ts';
import type { Store } from '#centre/store/store.ts';

export const killedLog = 'killed.example/us-cn/test';

/** What a process does that is there to be killed: leaves, a tile and a document that all tell the log's size, in batches of 1 to 64. */
export async function commitForever(store: Store, confirm: (size: number) => void): Promise<never> {
  const chance = new SeededChance(store.size(killedLog));
  for (;;) {
    const from = store.size(killedLog);
    const records = Array.from({ length: 1 + chance.below(64) }, (_, position) => recordAt(from + position));
    const size = bytesOfText(String(from + records.length));
    await store.commit({
      leaves: [{ log: killedLog, from, records }],
      tiles: [{ log: killedLog, level: 0, index: 0, bytes: size }],
      documents: [{ collection: 'state', key: 'size', value: size }],
    });
    confirm(from + records.length);
    // A turn of the event loop, so that confirmations leave the process.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The leaf that stands at an index, known to whoever checks. */
export function recordAt(index: number): Uint8Array {
  return bytesOfText(`${index} `.repeat(20 + (index % 50)));
}
