import { join } from 'node:path';
import { bytesOfText } from '#base/bytes.ts';
import { accept, mustAccept } from '#base/refusal.ts';
import { Appender } from '#centre/append.ts';
import type { AppendPlace } from '#centre/append-group.ts';
import { chinaOrigin, openPracticeCentre } from '#centre/signer/practice-centre.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import { realWorld } from '#centre/world.ts';

/**
 * What a process does that is there to be killed: appends twenty records at a time to the store in a practice centre's folder,
 * and confirms each by a line of its index, and the size and root of the checkpoint it got.
 */
export async function appendForever(folder: string, confirm: (line: string) => void): Promise<never> {
  const centre = await openPracticeCentre(folder);
  const store = mustAccept(await openSqliteStore(join(folder, 'store')));
  const signer = mustAccept(await centre.openSigner(() => 1_727_224_000_000));
  const appender = mustAccept(await Appender.start({ store, signer, origin: chinaOrigin, turn: realWorld.turn }));
  const build = ({ index, serial }: AppendPlace) =>
    accept({ records: [bytesOfText(`${index} ${serial('series')}`.padEnd(600, '.'))], leaves: [], tiles: [], documents: [] });
  for (;;) {
    const work = Array.from({ length: 20 }, () => appender.append({ build, cosign: null, urgent: false }));
    for (const appended of await Promise.all(work)) {
      const { index, checkpoint } = mustAccept(appended);
      confirm(`${index} ${checkpoint.size} ${checkpoint.root.toHex()}\n`);
    }
  }
}
