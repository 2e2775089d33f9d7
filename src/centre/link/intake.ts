import { bytesOfText, hexOf } from '#base/bytes.ts';
import { accept, type Refusal, type Result } from '#base/refusal.ts';
import { dayMs, type TimeMs, textOfTime } from '#base/time.ts';
import type { Appended } from '#centre/append.ts';
import type { AppendPlace, AppendWork, AppendWrites } from '#centre/append-group.ts';
import type { Deferral } from '#centre/desk.ts';
import type { DiskReserve } from '#centre/disk-reserve.ts';
import { evidenceCollection, evidenceKeptMax, readEvidence } from '#centre/evidence.ts';
import type { FollowedLog, Stretch } from '#centre/link/followed-log.ts';
import { readSpending, spendingWrite } from '#centre/link/spending-document.ts';
import { urgentKey } from '#centre/link/urgent-leaf.ts';
import type { CosignRequest, Signer } from '#centre/signer/signer.ts';
import type { Batch, DocumentWrite, Store } from '#centre/store/store.ts';
import type { World } from '#centre/world.ts';
import { sha256 } from '#crypto/engine.ts';
import { type ReadLeaf, readLeaf } from '#exchange/acceptance.ts';
import { type Budget, flashSounds, overBudget, type Spending, spend, spendingAt } from '#exchange/budget.ts';
import type { UrgentDelivery } from '#exchange/follow.ts';
import { formatNote, formatSignatureLines } from '#log/note.ts';
import type { VerifiedCheckpoint } from '#log/policy.ts';
import { awaitsReceipt } from '#record/core-formats.ts';
import type { KnownRecord } from '#record/envelope.ts';
import type { Precedence } from '#record/envelope-schema.ts';

/** The newest checkpoint of each followed log, by origin: what a greeting shows its owner. */
const followedCollection = 'followed-checkpoint';
/** The newest one of which every leaf is held, by origin: under it lost leaves are given back. */
export const followedCompleteCollection = 'complete-checkpoint';
/** How far receipts of each followed log reach, by origin. */
export const receiptedCollection = 'receipted';
/** How long the other side rests where the disk is short. */
const diskRestMs = 60_000;
/** Leaves read without a turn of the loop: some milliseconds. */
const readLeavesAtOnce = 64;

/** Records of FLASH precedence that came beyond the budget of their hour, by index: no alarm, after a restart either. */
export function silentCollection(origin: string): string {
  return `without-alarm/${origin}`;
}

/** What a receipt says, before it is a record. */
export interface ReceiptClaim {
  readonly log: string;
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly root: string;
  readonly lane: 'next' | 'urgent';
}

export interface IntakeOwner {
  readonly nowMs: () => TimeMs;
  /** Builds the bytes of a receipt at its place in our log. */
  receipt(claim: ReceiptClaim, precedence: Precedence, place: AppendPlace): Result<Uint8Array>;
  /** Appends work to our log and enters what it wrote in the folds. */
  append(work: AppendWork): Promise<Result<Appended>>;
  /** Leaves of the other side are durable here: enter them in the folds. */
  held(stretch: HeldStretch): void;
  heldUrgent(index: number, leaf: Uint8Array, sounds: boolean): void;
  /** A leaf of another of the owner's histories: kept apart, and shown. */
  keptApart(index: number, leaf: Uint8Array): void;
  /** Whether a leaf came by the urgent lane already. */
  isKnownUrgent(index: number): boolean;
  /** Whether our log has a receipt for a leaf already: a restored store may hold the receipt and not the leaf. */
  isReceipted(index: number): boolean;
  /** We cosigned a checkpoint of the other side. */
  cosignedTheirs(checkpoint: VerifiedCheckpoint, cosignature: { readonly timeS: number; readonly lines: Uint8Array }): void;
  alarm(refusal: Refusal): void;
}

/** Leaves made durable in order. `silent` are those of them whose alarm is beyond the budget. */
export interface HeldStretch {
  readonly leaves: readonly ReadLeaf[];
  readonly silent: readonly number[];
}

export interface Cosigned {
  readonly size: number;
  readonly lines: Uint8Array;
}

/** Makes the other side's leaves durable here together with our receipt for them, and cosigns their checkpoint. */
export class Intake {
  readonly #owner: IntakeOwner;
  readonly #store: Store;
  readonly #signer: Signer;
  readonly #followed: FollowedLog;
  readonly #budget: Budget;
  readonly #turn: World['turn'];
  readonly #reserve: Pick<DiskReserve, 'isShort'>;
  /** How far the ranges reach that are receipted, or that a transaction under way receipts. */
  #receiptedTo: number;
  /** Urgent leaves whose receipt is under way. */
  readonly #claimed = new Set<number>();
  readonly #evidence: Set<string>;
  /** The end of the leaves that are counted in the day's spending, and those counted beyond it. */
  #countedTo: number;
  readonly #countedAhead: Set<number>;
  /** Which FLASH counted of late sounds, by index. */
  readonly #flashes = new Map<number, boolean>();
  #newest: Uint8Array | undefined;
  #complete: Uint8Array | undefined;
  #accusation: Uint8Array | undefined;
  #spending: Spending;

  private constructor(parts: IntakeParts & IntakeMemory) {
    this.#owner = parts.owner;
    this.#store = parts.store;
    this.#signer = parts.signer;
    this.#followed = parts.followed;
    this.#budget = parts.budget;
    this.#turn = parts.turn;
    this.#reserve = parts.reserve;
    this.#receiptedTo = parts.receiptedTo;
    this.#newest = parts.newest;
    this.#complete = parts.complete;
    this.#accusation = parts.evidence[0];
    this.#evidence = new Set(parts.evidence.map((each) => hexOf(sha256(each))));
    this.#spending = parts.spending;
    this.#countedTo = parts.followed.held;
    this.#countedAhead = new Set(parts.followed.urgentHeld);
  }

  static async open(parts: IntakeParts): Promise<Intake> {
    const { store, followed } = parts;
    const receipted = await store.document(receiptedCollection, followed.origin);
    const newest = await store.document(followedCollection, followed.origin);
    const complete = await store.document(followedCompleteCollection, followed.origin);
    const spending = await readSpending(store, followed.origin);
    const receiptedTo = receipted === undefined ? 0 : Number(new TextDecoder().decode(receipted));
    const evidence = (await readEvidence(store)).forks.map(({ bytes }) => bytes);
    return new Intake({ ...parts, receiptedTo, newest, complete, spending, evidence });
  }

  /** The newest checkpoint of the followed log that we verified and stored. */
  get newest(): Uint8Array | undefined {
    return this.#newest;
  }

  /** The newest one of which every leaf is held here. */
  get complete(): Uint8Array | undefined {
    return this.#complete;
  }

  /**
   * The first evidence kept of two histories, if there is any. Its owner is shown it at each greeting: whoever was on the line when it
   * was found may have been somebody else with the keys.
   */
  get accusation(): Uint8Array | undefined {
    return this.#accusation;
  }

  /** Until when a delivery must wait, if the day's budget or the disk is spent. */
  get deferral(): Deferral | undefined {
    const nowMs = this.#owner.nowMs();
    if (this.#reserve.isShort(nowMs)) {
      return { untilMs: nowMs + diskRestMs, reason: 'the disk has no more left than what is kept for our own log' };
    }
    this.#spending = spendingAt(this.#spending, nowMs);
    if (!overBudget(this.#budget, this.#spending)) return undefined;
    const { recordsPerDay, bytesPerDay } = this.#budget;
    const reason = `over budget: ${recordsPerDay} records and ${bytesPerDay} bytes a day`;
    return { untilMs: this.#spending.dayFromMs + dayMs, reason };
  }

  async store(stretch: Stretch): Promise<Result<Cosigned | undefined>> {
    const leaves = await readInSlices(stretch, this.#turn);
    const records = leaves.map(recordOf);
    const uncounted = stretch.leaves.filter((_, offset) => this.#isUncounted(stretch.from + offset));
    this.#countedTo = Math.max(this.#countedTo, stretch.to);
    for (const index of this.#countedAhead) if (index < stretch.to) this.#countedAhead.delete(index);
    const bytes = uncounted.reduce((sum, leaf) => sum + leaf.length, 0);
    this.#spending = spend(spendingAt(this.#spending, this.#owner.nowMs()), { bytes, records: uncounted.length, flashes: 0 });
    const silent = this.#countFlashes(stretch.from, records);
    const receiptedTo = this.#receiptedTo;
    const unreceipted = records.slice(Math.max(0, receiptedTo - stretch.from));
    const claim = unreceipted.some((record) => awaitsReceipt(record?.record)) ? this.#claimOf(stretch) : undefined;
    const receipted = claim === undefined ? [] : [this.#receiptedWrite(claim.to)];
    const documents = [...this.#documents(stretch), ...receipted, ...silent.map((index) => this.#silentWrite(index))];
    const stored = await this.#owner.append({
      build: (place) => {
        // From this place in our log on, an urgent leaf below has its receipt.
        this.#receiptedTo = claim?.to ?? receiptedTo;
        return this.#build({ claim, precedence: mostUrgent(unreceipted), place, batch: withDocuments(stretch.batch, documents) });
      },
      cosign: this.#cosignRequest(stretch.checkpoint, stretch.to),
      // Ours wait in their thousands, theirs one stretch at a time: what the link brings goes before them.
      urgent: true,
    });
    if (!stored.ok) {
      this.#receiptedTo = receiptedTo;
      return stored;
    }
    this.#newest = formatNote(stretch.checkpoint.note);
    if (stretch.checkpoint.size === stretch.to) this.#complete = this.#newest;
    this.#owner.held({ leaves, silent });
    return accept(this.#cosigned(stored.value, stretch.checkpoint));
  }

  async storeUrgent(urgent: {
    readonly leaf: Uint8Array;
    readonly checkpoint: VerifiedCheckpoint;
    readonly batch: Batch;
    readonly delivery: UrgentDelivery;
  }): Promise<Result<void>> {
    const { leaf, checkpoint, delivery } = urgent;
    const record = recordOf(readLeaf({ index: delivery.index, bytes: leaf }))?.record;
    const flash = record?.precedence.action === 'Z';
    const spending = spendingAt(this.#spending, this.#owner.nowMs());
    const isUncounted = this.#isUncounted(delivery.index);
    this.#spending = isUncounted ? spend(spending, { bytes: leaf.length, records: 1, flashes: 0 }) : spending;
    this.#countedAhead.add(delivery.index);
    const sounds = flash ? this.#countFlash(delivery.index) : record?.precedence.action === 'O';
    const { size, root } = checkpoint;
    const range = { log: this.#followed.origin, from: delivery.index, to: delivery.index + 1 };
    const precedence = record?.precedence.action ?? 'O';
    const documents = [this.#spendingWrite(), ...(sounds ? [] : [this.#silentWrite(delivery.index)])];
    const stored = await this.#owner.append({
      build: (place) => {
        // Decided at its place in our log, where it is settled which receipts stand before this one.
        const awaits = awaitsReceipt(record) && !this.#hasReceipt(delivery.index);
        if (awaits) this.#claimed.add(delivery.index);
        const claim: ReceiptClaim | undefined = awaits ? { ...range, size, root: hexOf(root), lane: 'urgent' } : undefined;
        return this.#build({ claim, precedence, place, batch: withDocuments(urgent.batch, documents) });
      },
      // Its checkpoint covers leaves that are not here, and maybe never will be: the other lane cosigns what is held.
      cosign: null,
      urgent: true,
    });
    this.#claimed.delete(delivery.index);
    if (!stored.ok) return stored;
    this.#owner.heldUrgent(delivery.index, leaf, sounds);
    return accept(undefined);
  }

  /** A record that comes by both lanes is counted the first time. */
  #isUncounted(index: number): boolean {
    return index >= this.#countedTo && !this.#countedAhead.has(index);
  }

  #hasReceipt(index: number): boolean {
    return index < this.#receiptedTo || this.#claimed.has(index) || this.#owner.isReceipted(index);
  }

  /** Whether a FLASH sounds; it may come by both lanes at once, and is counted the first time. */
  #countFlash(index: number): boolean {
    const known = this.#flashes.get(index);
    if (known !== undefined) return known;
    const sounds = flashSounds(this.#budget, this.#spending);
    this.#spending = spend(this.#spending, { bytes: 0, records: 0, flashes: 1 });
    this.#flashes.set(index, sounds);
    return sounds;
  }

  /** The indices of each FLASH beyond the budget. */
  #countFlashes(from: number, records: readonly (KnownRecord | undefined)[]): readonly number[] {
    const silent: number[] = [];
    for (const index of this.#flashes.keys()) if (index < from) this.#flashes.delete(index);
    for (const [offset, known] of records.entries()) {
      if (known?.record.precedence.action !== 'Z' || this.#owner.isKnownUrgent(from + offset)) continue;
      if (!this.#countFlash(from + offset)) silent.push(from + offset);
    }
    return silent;
  }

  /** Keeps evidence that the other side signed two histories. */
  keepEvidence(evidence: Uint8Array): void {
    // One delivery repeated is one piece of evidence, and a peer that makes up more of them every second fills no disk.
    const id = hexOf(sha256(evidence));
    if (this.#evidence.has(id) || this.#evidence.size >= evidenceKeptMax) return;
    this.#evidence.add(id);
    this.#accusation ??= evidence;
    this.#commit([{ collection: evidenceCollection, key: `fork/${textOfTime(this.#owner.nowMs())}/${id}`, value: evidence }]);
  }

  /** Keeps an urgent leaf of a history that is not the one followed: it may be a FLASH, and a FLASH must be seen. */
  keepApart(delivery: UrgentDelivery): void {
    const spending = spendingAt(this.#spending, this.#owner.nowMs());
    if (!flashSounds(this.#budget, spending)) return;
    this.#spending = spend(spending, { bytes: delivery.leaf.length, records: 1, flashes: 1 });
    const key = `apart/${textOfTime(this.#owner.nowMs())}/${delivery.index}`;
    this.#commit([{ collection: evidenceCollection, key, value: delivery.leaf }]);
    this.#owner.keptApart(delivery.index, delivery.leaf);
  }

  #build(parts: {
    readonly claim: ReceiptClaim | undefined;
    readonly precedence: Precedence;
    readonly place: AppendPlace;
    readonly batch: Batch;
  }): Result<AppendWrites> {
    const { claim, precedence, place, batch } = parts;
    if (claim === undefined) return accept({ records: [], ...batch });
    const receipt = this.#owner.receipt(claim, precedence, place);
    return receipt.ok ? accept({ records: [receipt.value], ...batch }) : receipt;
  }

  #claimOf(stretch: Stretch): ReceiptClaim {
    const { size, root } = stretch.checkpoint;
    return { log: this.#followed.origin, from: this.#receiptedTo, to: stretch.to, size, root: hexOf(root), lane: 'next' };
  }

  /** Cosigned is what is held in full, shown to continue what was last cosigned. */
  #cosignRequest(checkpoint: VerifiedCheckpoint, held: number): CosignRequest | null {
    const anchored = this.#anchoredSize();
    if (checkpoint.size !== held || anchored > held) return null;
    return { checkpoint, proof: this.#followed.consistency(anchored, held) };
  }

  #anchoredSize(): number {
    return this.#signer.anchor().followed.find(({ origin }) => origin === this.#followed.origin)?.size ?? 0;
  }

  #cosigned({ cosignature }: Appended, checkpoint: VerifiedCheckpoint): Cosigned | undefined {
    if (cosignature === null) return undefined;
    if (!cosignature.ok) {
      this.#owner.alarm(cosignature.refusal);
      return undefined;
    }
    const lines = bytesOfText(formatSignatureLines(cosignature.value.signatures));
    this.#followed.cosigned(checkpoint);
    this.#owner.cosignedTheirs(checkpoint, { timeS: cosignature.value.timeS, lines });
    return { size: checkpoint.size, lines };
  }

  #documents({ checkpoint, to }: Stretch): readonly DocumentWrite[] {
    const newest = { collection: followedCollection, key: this.#followed.origin, value: formatNote(checkpoint.note) };
    const complete = checkpoint.size === to ? [{ ...newest, collection: followedCompleteCollection }] : [];
    return [newest, ...complete, this.#spendingWrite()];
  }

  #receiptedWrite(to: number): DocumentWrite {
    return { collection: receiptedCollection, key: this.#followed.origin, value: bytesOfText(String(to)) };
  }

  #silentWrite(index: number): DocumentWrite {
    return { collection: silentCollection(this.#followed.origin), key: urgentKey(index), value: new Uint8Array() };
  }

  #spendingWrite(): DocumentWrite {
    return spendingWrite(this.#followed.origin, this.#spending);
  }

  #commit(documents: readonly DocumentWrite[]): void {
    this.#store.commit({ leaves: [], tiles: [], documents }).catch((error: unknown) => {
      if (error instanceof Error && 'refusal' in error) this.#owner.alarm(error.refusal as Refusal);
    });
  }
}

interface IntakeMemory {
  readonly receiptedTo: number;
  readonly newest: Uint8Array | undefined;
  readonly complete: Uint8Array | undefined;
  readonly evidence: readonly Uint8Array[];
  readonly spending: Spending;
}

export interface IntakeParts {
  readonly owner: IntakeOwner;
  readonly store: Store;
  readonly signer: Signer;
  readonly followed: FollowedLog;
  readonly budget: Budget;
  /** Lets everybody else have a turn. */
  readonly turn: World['turn'];
  readonly reserve: Pick<DiskReserve, 'isShort'>;
}

/** Reads what is to be stored, with a turn of the loop between two slices: a stretch is too long a piece of work for a FLASH. */
async function readInSlices({ from, leaves }: Stretch, turn: World['turn']): Promise<readonly ReadLeaf[]> {
  const read: ReadLeaf[] = [];
  for (const [offset, bytes] of leaves.entries()) {
    if (offset > 0 && offset % readLeavesAtOnce === 0) await turn();
    read.push(readLeaf({ index: from + offset, bytes }));
  }
  return read;
}

function recordOf({ parsed }: ReadLeaf): KnownRecord | undefined {
  return parsed.ok ? parsed.value : undefined;
}

/** A receipt goes at the precedence of the most urgent record that it covers. */
function mostUrgent(records: readonly (KnownRecord | undefined)[]): Precedence {
  const found = records.map((known) => known?.record.precedence.action);
  return found.find((each) => each === 'Z') ?? found.find((each) => each === 'O') ?? 'R';
}

function withDocuments(batch: Batch, documents: readonly DocumentWrite[]): Batch {
  return { ...batch, documents: [...batch.documents, ...documents] };
}
