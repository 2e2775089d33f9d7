import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import type { Centre } from '#centre/centre.ts';
import { readKeyLists } from '#centre/key-lists.ts';
import { receiptsOf } from '#exchange/standing.ts';
import { parseEntryBundle, tilePath, tilePlaces } from '#log/tiles.ts';
import { append, emptyFrontier, hashLeaf, type NodeReader } from '#log/tree.ts';
import { parseCore } from '#record/core-formats.ts';
import { parseRecord } from '#record/envelope.ts';
import { runAnshin } from '#test/cli/run-anshin.ts';
import { fileTest, isReceipted, untilQuiet } from '#test/federation/concord.ts';
import { PairOfCentres, type Party, until } from '#test/federation/pair-of-centres.ts';

const size = 300;
const more = 7;

/** Two real centres of which one exported its log, with `anshin export-log`, before and after it grew; with what a courier may carry. */
export interface GrownLog {
  readonly pair: PairOfCentres;
  readonly origin: string;
  /** Folders of tlog-tiles: China's log, its copy at the United States, and the same log later. */
  readonly own: string;
  readonly theirs: string;
  readonly later: string;
  /** One record of it and its receipt, as files. */
  readonly courier: Readonly<Record<'record' | 'proof' | 'inclusion' | 'receipt' | 'receiptProof', Uint8Array>>;
}

export async function growLog(context: TestContext): Promise<GrownLog> {
  const pair = await PairOfCentres.make({ status: 'test' });
  context.after(() => pair.remove());
  const courier = await runBoth(pair, async (cn, us) => {
    const filed = await Promise.all(Array.from({ length: size }, (_, number) => fileTest(cn, `record ${number}`)));
    const [, shown] = filed;
    assert(shown !== undefined);
    await until('every receipt', () => filed.every((each) => isReceipted(cn, each)));
    await untilQuiet(cn, us);
    return await carried(cn, us, shown.index);
  });
  const origin = mustAccept(await readKeyLists(pair.directory('CN'))).own.logKeys.origin;
  const own = await exported(pair, { by: 'CN', log: 'own', name: 'own' });
  const theirs = await exported(pair, { by: 'US', log: 'theirs', name: 'theirs' });
  await runBoth(pair, async (cn, us) => {
    for (let number = 0; number < more; number += 1) await fileTest(cn, `later ${number}`);
    await untilQuiet(cn, us);
  });
  return { pair, origin, own, theirs, later: await exported(pair, { by: 'CN', log: 'own', name: 'later' }), courier };
}

/** The hashes of an exported log, made again from its records. */
export function treeOf(folder: string): { readonly size: number; readonly read: NodeReader } {
  const count = Number(readFileSync(join(folder, 'checkpoint'), 'utf8').split('\n')[1]);
  const leaves = [...tilePlaces(count)]
    .filter(({ level }) => level === 0)
    .flatMap((place) =>
      mustAccept(
        parseEntryBundle(new Uint8Array(readFileSync(join(folder, tilePath({ ...place, level: 'entries' })))), place.width),
      ),
    );
  const { nodes } = append(emptyFrontier, leaves.map(hashLeaf));
  const hashes = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  return { size: count, read: (level, index) => hashes.get(`${level}/${index}`) ?? assert.fail('a node of the tree') };
}

async function runBoth<T>(pair: PairOfCentres, work: (cn: Centre, us: Centre) => Promise<T>): Promise<T> {
  const { cn, us } = await pair.startBoth();
  const result = await work(cn, us);
  await Promise.all([pair.stop('CN'), pair.stop('US')]);
  return result;
}

/** What a courier carries of one record: its proof, its receipt with that proof, and its place in the tree that the receipt names. */
async function carried(cn: Centre, us: Centre, index: number): Promise<GrownLog['courier']> {
  const { origin } = cn.identity;
  const [given] = receiptsOf(cn.register, { log: origin, index });
  const record = await cn.store.leaf(origin, index);
  const receipt = given === undefined ? undefined : await us.store.leaf(given.log, given.at);
  assert(given !== undefined && record !== undefined && receipt !== undefined);
  const said = mustAccept(parseCore(mustAccept(parseRecord(receipt)).record, 'RECEIPT'));
  return {
    record,
    proof: bytesOfText(mustAccept(await cn.proof(origin, index))),
    inclusion: bytesOfText(mustAccept(cn.inclusion(origin, index, said.size))),
    receipt,
    receiptProof: bytesOfText(mustAccept(await us.proof(given.log, given.at))),
  };
}

async function exported(
  pair: PairOfCentres,
  what: { readonly by: Party; readonly log: 'own' | 'theirs'; readonly name: string },
): Promise<string> {
  const to = join(pair.folder, what.name);
  const ran = await runAnshin(['export-log', what.log, '--dir', pair.directory(what.by), '--to', to]);
  assert.equal(ran.code, 0, ran.stderr);
  return to;
}
