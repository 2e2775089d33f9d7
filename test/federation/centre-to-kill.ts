// A centre in a process that is there to be killed: opens a directory, files records as fast as they are confirmed, and says each
// confirmed one, and each signed checkpoint that it sees, in a line of JSON. Arguments: the directory, a name for this life.
import { mustAccept } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { openCentre } from '#centre/open-centre.ts';
import { parseProof } from '#log/proof.ts';
import { fileTest } from './concord.ts';
import { passphrase } from './pair-of-centres.ts';

/** What such a process says, line by line. */
export type LifeLine =
  | { readonly kind: 'open' }
  | { readonly kind: 'filed'; readonly origin: string; readonly index: number; readonly id: string }
  | { readonly kind: 'checkpoint'; readonly note: string }
  | { readonly kind: 'alarm'; readonly code: string; readonly detail: string };

const filersAtOnce = 3;

function say(line: LifeLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function sayCheckpoint(centre: Centre, origin: string, index: number): Promise<void> {
  const proof = await centre.proof(origin, index);
  const parsed = proof.ok ? parseProof(new TextEncoder().encode(proof.value)) : proof;
  if (parsed.ok) say({ kind: 'checkpoint', note: new TextDecoder().decode(parsed.value.checkpoint) });
}

async function fileForever(centre: Centre, life: string, filer: number): Promise<void> {
  for (let number = 0; ; number += 1) {
    const urgent = number % 8 === filer;
    const filed = await fileTest(centre, `${life}/${filer}/${number}`, urgent ? 'Z' : 'R');
    say({ kind: 'filed', origin: filed.origin, index: filed.index, id: filed.id });
    await sayCheckpoint(centre, filed.origin, filed.index);
    const theirs = centre.identity.peer?.origin ?? '';
    const { held } = centre.linkState().theirs;
    if (held > 0) await sayCheckpoint(centre, theirs, held - 1);
    await new Promise((resolve) => setTimeout(resolve, 8));
  }
}

const [directory = '', life = ''] = process.argv.slice(2);
// Whoever started it is gone: nobody would kill it.
process.stdin.on('end', () => process.exit(0)).resume();
const { centre } = mustAccept(await openCentre({ directory, passphrase, nowMs: () => Date.now() }));
centre.listen((news) => {
  if (news.kind === 'alarm') say({ kind: 'alarm', code: news.refusal.code, detail: news.refusal.detail });
});
while (centre.linkState().line !== 'open') await new Promise((resolve) => setTimeout(resolve, 5));
say({ kind: 'open' });
await Promise.all(Array.from({ length: filersAtOnce }, (_, filer) => fileForever(centre, life, filer)));
