import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instrument } from '#agreement/instrument.ts';
import { bytesOfText, hexOf, textOfBytes } from '#base/bytes.ts';
import { accept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import { type TimeMs, textOfTime } from '#base/time.ts';
import { AlarmBook, type RungAlarm } from '#centre/alarm-book.ts';
import { AlarmGate } from '#centre/alarm-gate.ts';
import type { Appender } from '#centre/append.ts';
import type { CosignatureArchive } from '#centre/cosignature-archive.ts';
import type { Desk, Filed, Identity, LinkState, News } from '#centre/desk.ts';
import type { FoldKeeper } from '#centre/folds/fold-keeper.ts';
import type { Line } from '#centre/line.ts';
import type { FollowedLog } from '#centre/link/followed-log.ts';
import type { HeldStretch } from '#centre/link/intake.ts';
import type { PeerLink } from '#centre/link/peer-link.ts';
import type { MachineDuties } from '#centre/machine-duties.ts';
import { isFlash, isUrgent } from '#centre/own-growth.ts';
import type { Proofs } from '#centre/proofs.ts';
import type { Refuser } from '#centre/refuser.ts';
import type { ScenarioClock } from '#centre/scenario.ts';
import type { Scribe } from '#centre/scribe.ts';
import type { Signer } from '#centre/signer/signer.ts';
import { type Store, StoreRefusal } from '#centre/store/store.ts';
import type { ReadLeaf } from '#exchange/acceptance.ts';
import type { CosignatureFact } from '#exchange/cosigned.ts';
import { pathState } from '#exchange/path-watch.ts';
import type { Register } from '#exchange/register.ts';
import { parseFork, verifyFork } from '#log/fork.ts';
import { formatInclusion } from '#log/inclusion-file.ts';
import { formatNote, formatSignatureLines, parseSignatureLines } from '#log/note.ts';
import { type LogKeys, type VerifiedCheckpoint, verifyCheckpoint, verifyCosignatures, type Witness } from '#log/policy.ts';
import { inclusionProof } from '#log/tree.ts';
import type { DraftRecord } from '#record/envelope-schema.ts';

/** Signed checkpoints of ours that are kept until their cosignatures come back. */
const checkpointsKept = 512;

/** What is known of the other side, once paired. */
export interface PeerParts {
  readonly centre: string;
  readonly logKeys: LogKeys;
  readonly witness: Witness;
  readonly followed: FollowedLog;
}

export interface CentreParts {
  readonly directory: string;
  readonly identity: Identity;
  readonly store: Store;
  readonly signer: Signer;
  readonly appender: Appender;
  readonly register: Register;
  readonly keeper: FoldKeeper;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly scenario: ScenarioClock;
  readonly proofs: Proofs;
  readonly archive: CosignatureArchive;
  readonly ownKeys: LogKeys;
  readonly peer: PeerParts | undefined;
  /** Why the other side's log is not followed, though there is one. */
  readonly unfollowed: Refusal | undefined;
  readonly heartbeatMs: number;
  readonly nowMs: () => TimeMs;
  readonly salt: () => string;
  /** Milliseconds by a clock that nobody sets. */
  readonly steadyMs: () => number;
}

/**
 * A running centre: what the link, the folds and the officers' tools share. It decides nothing itself; who wires it is
 * `open-centre.ts`. Owner of the listeners.
 */
export class Centre implements Desk {
  readonly identity: Identity;
  readonly store: Store;
  readonly instruments: ReadonlyMap<string, Instrument>;
  readonly register: Register;
  readonly #parts: CentreParts;
  readonly #listeners = new Set<(news: News) => void>();
  readonly #signed = new Map<number, Uint8Array>();
  readonly #gate = new AlarmGate();
  readonly #book = new AlarmBook();
  /** Leaves of theirs that came by the urgent lane and wait for those before them. */
  readonly #urgentHeld: Set<number>;
  #scribe: Scribe | undefined;
  #line: Line | undefined;
  #link: PeerLink | undefined;
  #refuser: Refuser | undefined;
  #duties: MachineDuties | undefined;

  constructor(parts: CentreParts) {
    this.#parts = parts;
    this.identity = parts.identity;
    this.store = parts.store;
    this.instruments = parts.instruments;
    this.register = parts.register;
    this.#urgentHeld = new Set(parts.peer?.followed.urgentHeld);
    this.#keepSigned(parts.appender.checkpoint.size, parts.appender.checkpoint.note);
  }

  /** Joins the parts that themselves need the centre. */
  join(parts: {
    readonly scribe: Scribe;
    readonly line: Line;
    readonly link: PeerLink | undefined;
    readonly refuser: Refuser | undefined;
    readonly duties: MachineDuties | undefined;
  }): void {
    this.#scribe = parts.scribe;
    this.#line = parts.line;
    this.#link = parts.link;
    this.#refuser = parts.refuser;
    this.#duties = parts.duties;
  }

  nowMs(): TimeMs {
    return this.#parts.nowMs();
  }

  dutyTimeMs(): TimeMs {
    const nowMs = this.nowMs();
    return this.identity.exercise === null ? nowMs : this.#parts.scenario.at(nowMs);
  }

  setScenario(timeMs: TimeMs): Result<TimeMs> {
    if (this.identity.exercise === null) return refuse('request.form', 'only an exercise has a scenario clock');
    const set = this.#parts.scenario.set(timeMs);
    if (set.ok) this.tell({ kind: 'scenario', timeMs });
    return set;
  }

  salt(): string {
    return this.#parts.salt();
  }

  async file(draft: DraftRecord): Promise<Result<Filed>> {
    const { unfollowed } = this.#parts;
    if (unfollowed !== undefined) return { ok: false, refusal: unfollowed };
    const may = this.#line?.mayFile ?? refuse('link.opening', 'the centre is starting');
    if (!may.ok) return may;
    if (this.#scribe === undefined || this.#parts.peer === undefined)
      return refuse('config.missing', 'this centre is not paired yet: run anshin pair');
    return await this.#scribe.file(draft);
  }

  proof(origin: string, index: number): Promise<Result<string>> {
    const { proofs, appender, peer } = this.#parts;
    if (origin === this.identity.origin) {
      return Promise.resolve(proofs.proof({ origin, index, signed: appender.checkpoint.note, read: appender.read }));
    }
    const signed = origin === peer?.followed.origin ? this.#link?.newestTheirs : undefined;
    if (peer === undefined || signed === undefined)
      return Promise.resolve(refuse('request.unknown', `no log ${origin} is held here`));
    return Promise.resolve(proofs.proof({ origin, index, signed, read: peer.followed.read }));
  }

  inclusion(origin: string, index: number, size: number): Result<string> {
    const { appender, peer } = this.#parts;
    const own = origin === this.identity.origin;
    const held = own ? appender.checkpoint.size : origin === peer?.followed.origin ? peer.followed.held : 0;
    const read = own ? appender.read : peer?.followed.read;
    if (read === undefined || index >= size || size > held) {
      return refuse('request.unknown', `no tree of ${size} leaves of ${origin} with a leaf ${index} is held here`, {
        origin,
        index,
        size,
      });
    }
    return textOfBytes(formatInclusion({ index, size, hashes: inclusionProof(index, size, read) }));
  }

  linkState(): LinkState {
    const { appender, peer, proofs, heartbeatMs } = this.#parts;
    const at = { nowMs: this.nowMs(), intervalMs: heartbeatMs };
    const may = this.#line?.mayFile;
    return {
      line: this.#line?.state ?? 'opening',
      waits: may === undefined || may.ok ? null : may.refusal,
      deferred: this.#link?.rest.deferred ?? { byThem: null, byUs: null },
      paths: [...(this.#link?.heart.watches ?? [])].map(([lane, watch]) => ({
        path: lane,
        connected: this.#link?.isConnected(lane) ?? false,
        state: pathState(watch, at),
        lastHeardMs: watch.lastMs,
        clockOffsetMs: watch.clockOffsetMs,
      })),
      own: {
        logged: appender.checkpoint.size,
        held: this.#link?.peerHeld ?? null,
        cosigned: proofs.cosignedSize(this.identity.origin),
      },
      theirs: { verified: peer?.followed.verified ?? 0, held: peer?.followed.held ?? 0 },
    };
  }

  async confirmStore(reason: string): Promise<Result<void>> {
    const { unfollowed } = this.#parts;
    if (unfollowed !== undefined) return { ok: false, refusal: unfollowed };
    const confirmed = this.#line?.confirm() ?? refuse('link.opening', 'the centre is starting');
    if (!confirmed.ok || this.#scribe === undefined) return confirmed;
    const { size, root } = this.#parts.appender.checkpoint;
    const content = { log: this.identity.origin, size, root: hexOf(root), reason };
    const filed = await this.#scribe.file(
      this.#scribe.draft({ format: 'CONFIRM-STORE', content, role: 'supervisor', precedence: 'R', references: [] }),
    );
    return filed.ok ? accept(undefined) : filed;
  }

  async backup(): Promise<Result<string>> {
    const { directory, store, nowMs } = this.#parts;
    const folder = join(directory, 'backups');
    const path = join(folder, `${textOfTime(nowMs()).replaceAll(/[-:.]/g, '')}.sqlite`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      await store.backup(path);
      return accept(path);
    } catch (error) {
      if (error instanceof StoreRefusal) return { ok: false, refusal: error.refusal };
      throw error;
    }
  }

  listen(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    const { unfollowed } = this.#parts;
    // It was found before anybody could listen.
    if (unfollowed !== undefined) listener({ kind: 'alarm', refusal: unfollowed });
    return () => this.#listeners.delete(listener);
  }

  tell(news: News): void {
    for (const listener of this.#listeners) listener(news);
  }

  alarms(): readonly RungAlarm[] {
    return this.#book.alarms;
  }

  alarm(refusal: Refusal): void {
    this.#book.enter(refusal, this.nowMs());
    const passage = this.#gate.pass(refusal.code, this.#parts.steadyMs());
    if (passage === 'silent') return;
    const detail = passage === 'last' ? `${refusal.detail}; more of this kind in this minute are not shown` : refusal.detail;
    this.tell({ kind: 'alarm', refusal: { ...refusal, detail } });
  }

  /** A record of ours is durable and signed. */
  grown(leaf: ReadLeaf): void {
    const { appender } = this.#parts;
    const { index } = leaf;
    this.register.takeRead(this.identity.origin, leaf);
    this.#parts.keeper.taken();
    const urgent = isUrgent(leaf);
    this.#keepSigned(appender.checkpoint.size, appender.checkpoint.note);
    this.#link?.logged(appender.checkpoint.size, { urgent: urgent ? [index] : [], flash: isFlash(leaf) ? [index] : [] });
    this.tell({ kind: 'record', origin: this.identity.origin, index, urgent });
  }

  /** Leaves of theirs are durable here, in order. What came by the urgent lane before is no news. */
  held({ leaves, silent }: HeldStretch): void {
    const origin = this.#parts.peer?.followed.origin ?? '';
    for (const leaf of leaves) {
      const { index } = leaf;
      const isKnown = this.isKnownUrgent(index);
      if (silent.includes(index)) this.register.takeWithoutAlarm({ log: origin, index });
      this.register.takeRead(origin, leaf);
      this.#parts.keeper.taken();
      this.#urgentHeld.delete(index);
      if (!isKnown) this.tell({ kind: 'record', origin, index, urgent: isUrgent(leaf) && !silent.includes(index) });
    }
    this.#refuser?.run();
  }

  isKnownUrgent(index: number): boolean {
    return this.#urgentHeld.has(index);
  }

  heldUrgent(index: number, leaf: Uint8Array, sounds: boolean): void {
    const origin = this.#parts.peer?.followed.origin ?? '';
    // The same leaf may have come in its turn while this one was being stored.
    if (index < (this.register.log(origin)?.held.size ?? 0)) return;
    this.register.takeUrgent(origin, index, leaf);
    this.#urgentHeld.add(index);
    if (!sounds) this.register.takeWithoutAlarm({ log: origin, index });
    this.tell({ kind: 'record', origin, index, urgent: sounds });
  }

  keptApart(index: number, leaf: Uint8Array): void {
    this.alarm(
      refuse(
        'log.fork-not-shown',
        `an urgent record (leaf ${index}, ${leaf.length} bytes) bears its owner's signature and is not shown to be of the history followed; it is kept apart`,
      ).refusal,
    );
  }

  /** Cosignature lines by the other side over one of our checkpoints. */
  cosigned(size: number, lines: Uint8Array): Result<void> {
    const { ownKeys, peer, proofs } = this.#parts;
    const note = this.#signed.get(size);
    if (note === undefined || peer === undefined) return accept(undefined);
    const checkpoint = verifyCheckpoint(note, ownKeys);
    if (!checkpoint.ok) return checkpoint;
    const text = textOfBytes(lines);
    const signatures = text.ok ? parseSignatureLines(text.value) : text;
    if (!signatures.ok) return signatures;
    const verified = verifyCosignatures(checkpoint.value, signatures.value, [peer.witness]);
    if (!verified.ok) return verified;
    const [cosignature] = verified.value;
    if (cosignature === undefined)
      return refuse('note.policy', `no cosignature by ${peer.centre} over our checkpoint of size ${size}`);
    for (const known of this.#signed.keys()) if (known <= size) this.#signed.delete(known);
    // What came beside the verified lines is nobody's word, and is not kept.
    const kept = bytesOfText(formatSignatureLines(cosignature.signatures));
    this.#takeCosignature({ log: this.identity.origin, size, timeMs: cosignature.timeS * 1000, witness: peer.centre }, kept);
    proofs.keep(this.identity.origin, formatNote(checkpoint.value.note), kept);
    this.tell({ kind: 'cosigned', origin: this.identity.origin, size });
    return accept(undefined);
  }

  /** We cosigned a checkpoint of theirs. */
  cosignedTheirs(checkpoint: VerifiedCheckpoint, { timeS, lines }: { readonly timeS: number; readonly lines: Uint8Array }): void {
    const { origin, size } = checkpoint;
    this.#takeCosignature({ log: origin, size, timeMs: timeS * 1000, witness: this.identity.centre }, lines);
    // A tree of which leaves are missing here can prove nothing yet.
    if (size <= (this.#parts.peer?.followed.held ?? 0)) this.#parts.proofs.keep(origin, formatNote(checkpoint.note), lines);
  }

  /** Evidence that the other side holds against us: if it convicts, our own officers must know first. */
  accused(evidence: Uint8Array): void {
    const fork = parseFork(evidence);
    const verified = fork.ok ? verifyFork(fork.value, this.#parts.ownKeys) : fork;
    if (!verified.ok) return this.alarm(verified.refusal);
    const { smaller, larger } = verified.value;
    this.alarm(
      refuse('log.fork', `the other side shows that our keys signed two histories (sizes ${smaller.size} and ${larger.size})`, {
        by: this.#parts.peer?.centre ?? '',
        smaller: smaller.size,
        larger: larger.size,
      }).refusal,
    );
  }

  async close(): Promise<void> {
    this.#duties?.close();
    this.#line?.close();
    this.#link?.close();
    await this.#refuser?.idle();
    await this.#parts.appender.close();
    await this.#parts.archive.flush();
    await this.#parts.signer.close();
    this.#parts.keeper.close();
    await this.store.close();
  }

  #takeCosignature(fact: CosignatureFact, lines: Uint8Array): void {
    this.register.takeCosignature(fact);
    this.#parts.keeper.taken();
    this.#parts.archive.put(fact, lines);
  }

  #keepSigned(size: number, note: Uint8Array): void {
    this.#signed.set(size, note);
    const [oldest] = this.#signed.keys();
    if (this.#signed.size > checkpointsKept && oldest !== undefined) this.#signed.delete(oldest);
  }
}
