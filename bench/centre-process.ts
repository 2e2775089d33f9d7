import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import { openCentre } from '#centre/open-centre.ts';
import { receiptBy } from '#exchange/folds.ts';
import type { DraftRecord, Precedence } from '#record/envelope-schema.ts';

// One centre in a process of its own, told by its parent what to file. Every answer is a time in milliseconds.

export type Order =
  | { readonly kind: 'file'; readonly count: number; readonly window: number }
  | { readonly kind: 'single'; readonly precedence: Precedence }
  | { readonly kind: 'stop' };

export type Answer =
  | { readonly kind: 'open' }
  | { readonly kind: 'file'; readonly loggedMs: number; readonly receiptedMs: number; readonly recordBytes: number }
  | { readonly kind: 'single'; readonly receiptedMs: number }
  | { readonly kind: 'stop'; readonly cpuMs: number; readonly memoryMb: number };

/** The envelope of a test record has some 580 bytes; with this text it has 600. */
const text = 'twenty bytes of text';

const [directory = ''] = process.argv.slice(2);
const running = mustAccept(await openCentre({ directory, passphrase: bytesOfText('for tests only'), nowMs: () => Date.now() }));
const { centre } = running;
const opening = setInterval(() => {
  if (centre.linkState().line !== 'open' || centre.linkState().own.held === null) return;
  clearInterval(opening);
  answer({ kind: 'open' });
}, 10);

process.on('message', (order: Order) => {
  void obey(order).then(answer);
});

async function obey(order: Order): Promise<Answer> {
  switch (order.kind) {
    case 'file':
      return await fileMany(order.count, order.window);
    case 'single':
      return await fileOne(order.precedence);
    case 'stop': {
      const { user, system } = process.cpuUsage();
      const memoryMb = process.memoryUsage().rss / 2 ** 20;
      await running.close();
      setTimeout(() => process.disconnect?.(), 50);
      return { kind: 'stop', cpuMs: (user + system) / 1000, memoryMb };
    }
  }
}

/** Files records with so many at a time under way, as that many officers' tools would. */
async function fileMany(count: number, window: number): Promise<Answer> {
  const begun = performance.now();
  const from = centre.linkState().own.logged;
  let left = count;
  const clients = Array.from({ length: window }, async () => {
    while (left > 0) {
      left -= 1;
      mustAccept(await centre.file(draft(centre, 'R')));
    }
  });
  await Promise.all(clients);
  const loggedMs = performance.now() - begun;
  await receipted(from + count - 1);
  const recordBytes = (await centre.store.leaf(centre.identity.origin, from))?.length ?? 0;
  return { kind: 'file', loggedMs, receiptedMs: performance.now() - begun, recordBytes };
}

async function fileOne(precedence: Precedence): Promise<Answer> {
  const begun = performance.now();
  const { index } = mustAccept(await centre.file(draft(centre, precedence)));
  await receipted(index);
  return { kind: 'single', receiptedMs: performance.now() - begun };
}

/** Resolves once the other side's receipt for a leaf of ours is verified and stored here. */
function receipted(index: number): Promise<void> {
  const { origin, peer } = centre.identity;
  const isHere = () => receiptBy(centre.register, { log: origin, index }, peer?.centre ?? '') !== undefined;
  if (isHere()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = centre.listen((news) => {
      if (news.kind !== 'record' || news.origin === origin || !isHere()) return;
      stop();
      resolve();
    });
  });
}

function draft(desk: Centre, precedence: Precedence): DraftRecord {
  const { identity } = desk;
  const context = { identity, peerCentre: identity.peer?.centre ?? '', salt: desk.salt(), dutyTimeMs: desk.dutyTimeMs() };
  return coreDraft(context, { format: 'TEST', content: { text }, role: 'machine', precedence, references: [] });
}

function answer(message: Answer): void {
  if (process.connected) process.send?.(message);
}
