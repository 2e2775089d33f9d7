import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import { openCentre } from '#centre/open-centre.ts';
import { receiptBy } from '#exchange/folds.ts';
import type { DraftRecord, Precedence } from '#record/envelope-schema.ts';
import { Meter, type Metered } from './meter.ts';

// One centre in a process of its own, told by its parent what to file. Every time is in milliseconds.

export type Order =
  /** So many records by so many clients, each of which files its next when its last is logged. */
  | { readonly kind: 'file'; readonly count: number; readonly clients: number }
  /** So many records evenly over so long a time, whatever becomes of those before. */
  | { readonly kind: 'pace'; readonly count: number; readonly overMs: number }
  /** Records one at a time, each `restMs` after the receipt of the one before. */
  | { readonly kind: 'singles'; readonly count: number; readonly precedence: Precedence; readonly restMs: number }
  /** What was used since the meter was read last. */
  | { readonly kind: 'meter' }
  | { readonly kind: 'stop' };

export type Answer =
  | { readonly kind: 'open' }
  | { readonly kind: 'file'; readonly loggedMs: number; readonly receiptedMs: number; readonly recordBytes: number }
  | { readonly kind: 'pace' }
  | { readonly kind: 'singles'; readonly receiptedMs: readonly number[] }
  | { readonly kind: 'meter'; readonly metered: Metered }
  | { readonly kind: 'stop' };

/** The envelope of a test record has some 580 bytes; with this text it has 600. */
const text = 'twenty bytes of text';
const progressEvery = 20_000;

const [directory = ''] = process.argv.slice(2);
const running = mustAccept(await openCentre({ directory, passphrase: bytesOfText('for tests only'), nowMs: () => Date.now() }));
const { centre } = running;
const meter = new Meter();
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
      return await fileMany(order.count, order.clients);
    case 'pace':
      await pace(order.count, order.overMs);
      return { kind: 'pace' };
    case 'singles':
      return { kind: 'singles', receiptedMs: await singles(order) };
    case 'meter':
      return { kind: 'meter', metered: meter.read() };
    case 'stop':
      await running.close();
      setTimeout(() => process.disconnect?.(), 50);
      return { kind: 'stop' };
  }
}

async function fileMany(count: number, clients: number): Promise<Answer> {
  const begun = performance.now();
  const from = centre.linkState().own.logged;
  let left = count;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      if (left % progressEvery === 0 && count > progressEvery) process.stderr.write(`  ${count - left} filed\n`);
      mustAccept(await centre.file(draft(centre, 'R')));
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const loggedMs = performance.now() - begun;
  await receipted(from + count - 1);
  const recordBytes = (await centre.store.leaf(centre.identity.origin, from))?.length ?? 0;
  return { kind: 'file', loggedMs, receiptedMs: performance.now() - begun, recordBytes };
}

async function pace(count: number, overMs: number): Promise<void> {
  const begun = performance.now();
  const filed: Promise<unknown>[] = [];
  for (let at = 0; at < count; ) {
    const due = Math.min(count, Math.ceil(((performance.now() - begun) / overMs) * count));
    for (; at < due; at += 1) filed.push(centre.file(draft(centre, 'R')).then(mustAccept));
    await sleepUntil(performance.now() + 20);
  }
  await Promise.all(filed);
}

/** From the moment that each was due, so that a loop that is late counts; to the receipt, verified and stored here. */
async function singles(order: Extract<Order, { readonly kind: 'singles' }>): Promise<readonly number[]> {
  const times: number[] = [];
  while (times.length < order.count) {
    const due = performance.now() + order.restMs;
    await sleepUntil(due);
    const { index } = mustAccept(await centre.file(draft(centre, order.precedence)));
    await receipted(index);
    times.push(performance.now() - due);
  }
  return times;
}

function sleepUntil(at: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, at - performance.now())));
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
