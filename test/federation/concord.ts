import assert from 'node:assert/strict';
import { mustAccept } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { coreDraft } from '#centre/core-drafts.ts';
import type { Filed } from '#centre/desk.ts';
import { namedNow } from '#exchange/former-names.ts';
import type { Register } from '#exchange/register.ts';
import { receiptsOf } from '#exchange/standing.ts';
import { awaitsReceipt, coreAgreement, parseCore } from '#record/core-formats.ts';
import { parseRecord } from '#record/envelope.ts';
import type { DraftRecord, Precedence } from '#record/envelope-schema.ts';
import { until } from './pair-of-centres.ts';

const quietMs = 300;

/** Refusals that a centre sounded, by code, from now on. */
export function alarmsOf(centre: Centre): string[] {
  const codes: string[] = [];
  centre.listen((news) => news.kind === 'alarm' && codes.push(news.refusal.code));
  return codes;
}

export function testDraft(centre: Centre, text: string, precedence: Precedence): DraftRecord {
  const { identity } = centre;
  const context = { identity, peerCentre: identity.peer?.centre ?? '', salt: centre.salt(), dutyTimeMs: centre.dutyTimeMs() };
  return coreDraft(context, { format: 'TEST', content: { text }, role: 'watch-officer', precedence, references: [] });
}

export async function fileTest(centre: Centre, text: string, precedence: Precedence = 'R'): Promise<Filed> {
  return mustAccept(await centre.file(testDraft(centre, text, precedence)));
}

export function isReceipted(centre: Centre, { origin, index }: Pick<Filed, 'origin' | 'index'>): boolean {
  return receiptsOf(centre.register, { log: origin, index }).length === 1;
}

/** Awaits the time when each holds all that the other logged, and nothing new has come for a moment. */
export async function untilQuiet(cn: Centre, us: Centre, withinMs = 30_000): Promise<void> {
  let since = performance.now();
  let last = '';
  await until(
    'both hold everything',
    () => {
      const [own, theirs] = [cn, us].map((centre) => JSON.stringify(centre.register.held()));
      const logged = [cn, us].every((each) => each.linkState().own.logged === sizeIn(each.register, each.identity.origin));
      if (own !== theirs || own !== last || !logged) since = performance.now();
      last = own ?? '';
      return performance.now() - since > quietMs;
    },
    withinMs,
  );
}

/**
 * What must hold once two centres have exchanged everything, whatever happened on the way: both hold both logs and fold them alike,
 * nothing is void, and each leaf that awaits a receipt has exactly one first one.
 */
export async function assertConcord(cn: Centre, us: Centre, voids: readonly string[] = []): Promise<void> {
  assert.deepEqual(plainDump(cn.register), plainDump(us.register), 'both folds agree');
  const found: string[] = [];
  for (const { origin, size } of cn.register.held()) {
    const leaves = await leavesOf(cn, origin, size);
    assert.deepEqual(await leavesOf(us, origin, size), leaves, `the leaves of ${origin} are the same`);
    for (const index of leaves.keys()) {
      const standing = cn.register.standing(origin, index);
      assert.deepEqual(us.register.standing(origin, index), standing, `the standing of leaf ${index} of ${origin}`);
      if (standing?.kind === 'void' || standing?.kind === 'not-understood') found.push(standing.refusal.code);
      else assert.deepEqual(standing, { kind: 'accepted' }, `the standing of leaf ${index} of ${origin}`);
    }
    assertOneReceiptEach(leaves, origin, await receiptsIn(cn, origin));
  }
  assert.deepEqual(found.toSorted(), voids.toSorted(), 'nothing is void but what must be');
}

/** The receipts that the other log holds of one log, as the records say, void ones too. */
async function receiptsIn(centre: Centre, ofOrigin: string) {
  const other = centre.register.held().find(({ origin }) => origin !== ofOrigin);
  assert.ok(other !== undefined);
  const leaves = await leavesOf(centre, other.origin, other.size);
  return leaves.flatMap((leaf, index) => {
    const parsed = parseRecord(leaf);
    if (!parsed.ok || parsed.value.record.basis.agreement !== coreAgreement) return [];
    const { record } = namedNow(parsed.value, centre.identity.successions);
    const content = record.basis.format === 'RECEIPT' ? parseCore(record, 'RECEIPT') : parsed;
    const accepted = centre.register.standing(other.origin, index)?.kind === 'accepted';
    return content.ok && 'lane' in content.value && accepted && content.value.log === ofOrigin ? [content.value] : [];
  });
}

function assertOneReceiptEach(
  leaves: readonly Uint8Array[],
  origin: string,
  receipts: readonly { readonly from: number; readonly to: number; readonly lane: string }[],
): void {
  const covers = (lane: string, index: number): number =>
    receipts.filter((receipt) => receipt.lane === lane && receipt.from <= index && index < receipt.to).length;
  const receiptedTo = Math.max(0, ...receipts.filter(({ lane }) => lane === 'next').map(({ to }) => to));
  for (const [index, leaf] of leaves.entries()) {
    const [urgent, next] = [covers('urgent', index), covers('next', index)];
    assert.equal(next, index < receiptedTo ? 1 : 0, `ranges over leaf ${index} of ${origin}`);
    assert.ok(urgent <= 1, `urgent receipts of leaf ${index} of ${origin}`);
    const parsed = parseRecord(leaf);
    if (awaitsReceipt(parsed.ok ? parsed.value.record : undefined))
      assert.ok(urgent + next > 0, `leaf ${index} of ${origin} has a receipt`);
  }
}

/** The dump without what one side alone knows: when it was cosigned, and which alarms it kept quiet. */
function plainDump(register: Register): unknown {
  const { coverage: _coverage, silent: _silent, ...shared } = register.dump() as Record<string, unknown>;
  return JSON.parse(JSON.stringify(shared));
}

function sizeIn(register: Register, origin: string): number {
  return register.held().find((log) => log.origin === origin)?.size ?? 0;
}

async function leavesOf(centre: Centre, origin: string, size: number): Promise<readonly Uint8Array[]> {
  const leaves: Uint8Array[] = [];
  while (leaves.length < size) {
    leaves.push(...(await centre.store.leaves(origin, leaves.length, { count: 1000, bytes: 4_194_304 })));
  }
  return leaves.slice(0, size);
}
