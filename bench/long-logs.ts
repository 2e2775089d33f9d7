import { bytesOfText, hexOf } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { dayMs, hourMs, minuteMs, type TimeMs, textOfTime } from '#base/time.ts';
import { seriesCollection } from '#centre/append.ts';
import { ownOriginOf, pathsOf } from '#centre/config.ts';
import { receiptedCollection } from '#centre/link/intake.ts';
import { openParts } from '#centre/opened.ts';
import { openSqliteStore } from '#centre/store/sqlite-store.ts';
import type { DocumentWrite, Store } from '#centre/store/store.ts';
import { originOf } from '#log/checkpoint.ts';
import { tilesAfterAppend } from '#log/tiles.ts';
import { append, emptyFrontier, type Frontier, hashLeaf, rootOf } from '#log/tree.ts';
import { type CoreFormat, coreAgreement, coreFormats, coreVersion } from '#record/core-formats.ts';
import { sealRecord } from '#record/envelope.ts';
import type { DraftRecord, Reference } from '#record/envelope-schema.ts';
import { seriesKey } from '#record/number.ts';
import { PairOfCentres, type Party } from '#test/federation/pair-of-centres.ts';
import { fullProfile, noticeContent, windowFrom } from '#test/paper-circle.ts';

/** The stretch of invented time that the logs cover. */
const coveredMs = 400 * dayMs;
/** The newest records that nobody has acknowledged. */
const unacknowledged = 100;
const leavesPerCommit = 1_000;

interface FiledLeaf {
  readonly log: string;
  readonly index: number;
  readonly id: string;
}

/**
 * Two centres' stores with so many leaves between them, all invented: launch notifications, postponements, cancellations and
 * orderwires, each receipted and acknowledged, and the acknowledgement receipted. They are written straight into the stores, with real
 * trees and numbers; the checkpoints are signed when the centres start.
 */
export async function writeLongLogs(leaves: number, told: (written: number) => void): Promise<PairOfCentres> {
  const pair = await PairOfCentres.make({ status: 'test', agreements: ['bmln-full'], askSeconds: 60 });
  const stores = [await storeOf(pair, 'CN'), await storeOf(pair, 'US')] as const;
  const [cn, us] = [new LongLog('CN', stores), new LongLog('US', stores.toReversed())];
  const nowMs = Date.now();
  const fromMs = nowMs - coveredMs;
  const written = (): number => cn.size + us.size;
  const timeMs = (): TimeMs => Math.floor(fromMs + (written() / leaves) * (coveredMs - hourMs));
  for (const log of [cn, us]) adopt(log, fromMs);
  for (let round = 0; written() < leaves; round += 1) {
    const [from, to] = round % 2 === 0 ? [cn, us] : [us, cn];
    const isLast = leaves - written() < unacknowledged * 2;
    for (const leaf of matterOf(from, timeMs(), round)) {
      receipt(to, from, timeMs());
      if (isLast) continue;
      acknowledge(to, timeMs(), leaf);
      receipt(from, to, timeMs());
    }
    for (const log of [cn, us]) if (log.waiting >= leavesPerCommit) await log.flush();
    if (round % 10_000 === 0) told(written());
  }
  await cn.finish(us);
  await us.finish(cn);
  for (const store of stores) await store.close();
  await exchangeCheckpoints(pair);
  return pair;
}

function adopt(log: LongLog, atMs: TimeMs): void {
  const content = { agreement: 'BMLN', version: fullProfile.hash, inForceFrom: textOfTime(atMs) };
  log.core('ADOPT', atMs, { content, references: [] });
}

/** A notification with what follows it, or an orderwire. */
function* matterOf(log: LongLog, atMs: TimeMs, round: number): Generator<FiledLeaf> {
  if (round % 5 === 4) {
    const narrative = { language: 'en', text: `Invented for a measurement: message ${round}, all well.` } as const;
    yield log.core('ORDERWIRE', atMs, { content: {}, references: [], narrative });
    return;
  }
  const notice = log.launch('NOTIFY', atMs, { content: noticeContent(atMs + 80 * hourMs), references: [] });
  yield notice;
  if (round % 3 === 0) {
    const content = { window: windowFrom(atMs + 120 * hourMs), reason: 'technical' };
    yield log.launch('POSTPONE', atMs + minuteMs, { content, references: [{ relation: 'postpones', ...notice }] });
  }
  if (round % 2 === 0) {
    const references = [{ relation: 'cancels', ...notice }] as const;
    yield log.launch('CANCEL', atMs + 2 * minuteMs, { content: { reason: 'technical' }, references });
  }
}

function receipt(by: LongLog, of: LongLog, atMs: TimeMs): void {
  const [from, to] = [by.receiptedTo, of.size];
  const content = { log: of.origin, from, to, size: to, root: of.root, receivedAt: textOfTime(atMs), lane: 'next' };
  by.receiptedTo = to;
  by.core('RECEIPT', atMs, { content, references: [] });
}

function acknowledge(by: LongLog, atMs: TimeMs, of: FiledLeaf): void {
  const content = { rung: 'A1', outcome: 'received', log: of.log, index: of.index };
  by.core('ACK', atMs, { content, references: [{ relation: 'acknowledges', ...of }] });
}

interface Statement {
  readonly content: DraftRecord['content'];
  readonly references: readonly Reference[];
  readonly narrative?: NonNullable<DraftRecord['narrative']>;
}

/** One party's log, written into both stores, its own first. Owner of what waits to be written. */
class LongLog {
  readonly origin: string;
  receiptedTo = 0;
  readonly #party: Party;
  readonly #other: Party;
  readonly #stores: readonly Store[];
  readonly #serials = new Map<string, number>();
  readonly #leaves: Uint8Array[] = [];
  readonly #hashes: Uint8Array[] = [];
  #stored: Frontier = emptyFrontier;
  #frontier: Frontier = emptyFrontier;
  #lastMs = 0;

  constructor(party: Party, stores: readonly Store[]) {
    this.origin = originOf({ host: `${party.toLowerCase()}.anshin.example`, circle: 'us-cn', status: 'test' });
    this.#party = party;
    this.#other = party === 'CN' ? 'US' : 'CN';
    this.#stores = stores;
  }

  get size(): number {
    return this.#frontier.size;
  }

  get root(): string {
    return hexOf(rootOf(this.#frontier));
  }

  get waiting(): number {
    return this.#leaves.length;
  }

  core(format: CoreFormat, atMs: TimeMs, statement: Statement): FiledLeaf {
    const role = format === 'RECEIPT' ? 'machine' : 'watch-officer';
    const basis = { agreement: coreAgreement, version: coreVersion, article: 'record 11', format };
    return this.#file({ class: coreFormats[format].class, role, basis, action: 'R' }, atMs, statement);
  }

  launch(code: string, atMs: TimeMs, statement: Statement): FiledLeaf {
    const format = fullProfile.formats.get(code);
    if (format === undefined) throw new Error(`no format ${code}`);
    const basis = { agreement: 'BMLN', version: fullProfile.hash, article: format.article, format: code };
    return this.#file({ class: format.class, role: 'releaser', basis, action: 'P' }, atMs, statement);
  }

  async flush(): Promise<void> {
    const { origin } = this;
    const grown = append(this.#stored, this.#hashes);
    for (const store of this.#stores) {
      const tiles = tilesAfterAppend(grown.nodes, (level, index) => store.tile(origin, level, index));
      const leaves = [{ log: origin, from: this.#stored.size, records: [...this.#leaves] }];
      await store.commit({ leaves, tiles: tiles.map((tile) => ({ log: origin, ...tile })), documents: [] });
    }
    this.#stored = grown.frontier;
    this.#leaves.length = 0;
    this.#hashes.length = 0;
  }

  /** Also what the centre that owns the log must know: its last numbers, and how far it receipted the other log. */
  async finish(other: LongLog): Promise<void> {
    await this.flush();
    const documents: DocumentWrite[] = [...this.#serials].map(([key, serial]) => ({
      collection: seriesCollection(this.origin),
      key,
      value: bytesOfText(String(serial)),
    }));
    documents.push({ collection: receiptedCollection, key: other.origin, value: bytesOfText(String(this.receiptedTo)) });
    await this.#stores[0]?.commit({ leaves: [], tiles: [], documents });
  }

  #file(
    as: {
      readonly class: DraftRecord['class'];
      readonly role: DraftRecord['originator']['role'];
      readonly basis: DraftRecord['basis'];
      readonly action: 'P' | 'R';
    },
    atMs: TimeMs,
    { content, references, narrative }: Statement,
  ): FiledLeaf {
    this.#lastMs = Math.max(this.#lastMs, atMs);
    const index = this.size;
    const draft: DraftRecord = {
      schema: 'anshin.record/1',
      status: 'test',
      class: as.class,
      precedence: { action: as.action, info: 'R' },
      originator: { centre: this.#party, role: as.role },
      action: [this.#other],
      info: [],
      basis: as.basis,
      references,
      content,
      ...(narrative === undefined ? {} : { narrative }),
      releasability: 'parties',
      salt: index.toString(16).padStart(32, '0'),
    };
    const year = textOfTime(this.#lastMs).slice(2, 4);
    const series = seriesKey({ agreement: as.basis.agreement, centre: this.#party, year });
    const serial = (this.#serials.get(series) ?? 0) + 1;
    this.#serials.set(series, serial);
    const { bytes, id } = mustAccept(sealRecord(draft, { serial, filedAtMs: this.#lastMs }));
    const hash = hashLeaf(bytes);
    this.#frontier = append(this.#frontier, [hash]).frontier;
    this.#leaves.push(bytes);
    this.#hashes.push(hash);
    return { log: this.origin, index, id };
  }
}

/** Each centre signs its log, and the other keeps the checkpoint as the newest of which it holds every leaf. */
async function exchangeCheckpoints(pair: PairOfCentres): Promise<void> {
  const notes = new Map<Party, { readonly origin: string; readonly note: Uint8Array }>();
  for (const party of ['CN', 'US'] as const) {
    const { appender, store, signer, config } = mustAccept(await openParts(pair.optionsOf(party)));
    notes.set(party, { origin: ownOriginOf(config), note: appender.checkpoint.note });
    await appender.close();
    await store.close();
    await signer.close();
  }
  for (const [party, other] of [
    ['CN', 'US'],
    ['US', 'CN'],
  ] as const) {
    const { origin = '', note = new Uint8Array() } = notes.get(other) ?? {};
    const store = await storeOf(pair, party);
    const documents = ['followed-checkpoint', 'complete-checkpoint'].map((collection) => ({
      collection,
      key: origin,
      value: note,
    }));
    await store.commit({ leaves: [], tiles: [], documents });
    await store.close();
  }
}

async function storeOf(pair: PairOfCentres, party: Party): Promise<Store> {
  return mustAccept(await openSqliteStore(pathsOf(pair.directory(party)).store));
}
