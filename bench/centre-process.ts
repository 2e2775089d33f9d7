import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import { openCentre } from '#centre/open-centre.ts';
import { receiptBy } from '#exchange/folds.ts';
import type { DraftRecord, Precedence } from '#record/envelope-schema.ts';

// One centre in a process of its own, told by its parent what to file. Every answer is a time in milliseconds.

/** What the parent asks for. */
export type Order =
  | { readonly kind: 'file'; readonly count: number; readonly window: number }
  | { readonly kind: 'single'; readonly precedence: Precedence }
  | { readonly kind: 'stop' };

export type Answer =
  | { readonly kind: 'open' }
  | { readonly kind: 'filed'; readonly loggedMs: number; readonly receiptedMs: number }
  | { readonly kind: 'single'; readonly receiptedMs: number }
  | { readonly kind: 'use'; readonly cpuMs: number; readonly memoryMb: number };

/** Text that makes a record of this format some 600 bytes longer than its envelope needs no more than 24 of. */
const text = 'the quick brown fox jump';

const [directory = ''] = process.argv.slice(2);
const running = mustAccept(await openCentre({ directory, passphrase: bytesOfText('for tests only'), nowMs: () => Date.now() }));
const { centre } = running;
const open = setInterval(() => {
  if (centre.linkState().line !== 'open' || centre.linkState().own.held === null) return;
  clearInterval(open);
  answer({ kind: 'open' });
}, 10);

process.on('message', (order: Order) => {
  switch (order.kind) {
    case 'file':
      return void fileMany(order.count, order.window);
    case 'single':
      return void fileOne(order.precedence);
    case 'stop': {
      const { user, system } = process.cpuUsage();
      answer({ kind: 'use', cpuMs: (user + system) / 1000, memoryMb: process.memoryUsage().rss / 2 ** 20 });
      void running.close().then(() => process.exit(0));
    }
  }
});

async function fileMany(count: number, window: number): Promise<void> {
  const begun = performance.now();
  const from = centre.linkState().own.logged;
  let left = count;
  const workers = Array.from({ length: window }, async () => {
    while (left > 0) {
      left -= 1;
      mustAccept(await centre.file(draft(centre, 'R')));
    }
  });
  await Promise.all(workers);
  const loggedMs = performance.now() - begun;
  await receipted(from + count - 1);
  answer({ kind: 'filed', loggedMs, receiptedMs: performance.now() - begun });
}

async function fileOne(precedence: Precedence): Promise<void> {
  const begun = performance.now();
  const { index } = mustAccept(await centre.file(draft(centre, precedence)));
  await receipted(index);
  answer({ kind: 'single', receiptedMs: performance.now() - begun });
}

/** Resolves once the other side's receipt for a leaf of ours is verified and stored here. */
function receipted(index: number): Promise<void> {
  const { origin, peer } = centre.identity;
  const has = () => receiptBy(centre.register, { log: origin, index }, peer?.centre ?? '') !== undefined;
  if (has()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = centre.listen((news) => {
      if (news.kind !== 'record' || news.origin === origin || !has()) return;
      stop();
      resolve();
    });
  });
}

function draft({ identity, ...desk }: Centre, precedence: Precedence): DraftRecord {
  void desk;
  const context = { identity, peerCentre: identity.peer?.centre ?? '', salt: centre.salt(), dutyTimeMs: centre.dutyTimeMs() };
  return coreDraft(context, { format: 'TEST', content: { text }, role: 'machine', precedence, references: [] });
}

function answer(message: Answer): void {
  process.send?.(message);
}
