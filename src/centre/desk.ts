import type { Instrument } from '#agreement/instrument.ts';
import type { Refusal, Result } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import type { RungAlarm } from '#centre/alarm-book.ts';
import type { Store } from '#centre/store/store.ts';
import type { Lane } from '#exchange/delivery.ts';
import type { PathState } from '#exchange/path-watch.ts';
import type { Register } from '#exchange/register.ts';
import type { Succession } from '#log/succession.ts';
import type { DraftRecord, RecordEnvelope, Status } from '#record/envelope-schema.ts';

/** What the officers' tools see of a running centre: the folds to read, one way to say something, and news of what changes. */
export interface Desk {
  readonly identity: Identity;
  readonly store: Store;
  readonly instruments: ReadonlyMap<string, Instrument>;
  /** The fold over both logs. Readers never change it. */
  readonly register: Register;
  /** Real time, in milliseconds; what signatures, filing and receipts carry. */
  nowMs(): TimeMs;
  /** The time that deadlines count in: the scenario's in an exercise, otherwise the real one. */
  dutyTimeMs(): TimeMs;
  /** Sets the scenario clock forward; refused where the status is not exercise, and backwards. */
  setScenario(timeMs: TimeMs): Result<TimeMs>;
  /** 16 random bytes in hexadecimal, for a draft's salt. */
  salt(): string;
  /** Appends a record to our log. Resolves when it is durable and under a signed checkpoint; delivery goes on by itself. */
  file(draft: DraftRecord): Promise<Result<Filed>>;
  /** The `.tlog-proof` of one leaf under the newest checkpoint, with every cosignature known for that checkpoint. */
  proof(origin: string, index: number): Promise<Result<string>>;
  /** Where a leaf stands in its log's tree of so many leaves, such as the one that a receipt names (`spec/log.md` 7). */
  inclusion(origin: string, index: number, size: number): Result<string>;
  linkState(): LinkState;
  /** What sounded since the start, one entry for each code, in the order in which they first did. */
  alarms(): readonly RungAlarm[];
  /** A supervisor's word that this store is the newest, when the other side is silent at a start; logged, then the line opens. */
  confirmStore(reason: string): Promise<Result<void>>;
  /** Copies the store consistently while the centre runs, into `backups/` of its directory; gives the path of the copy. */
  backup(): Promise<Result<string>>;
  /** Hears of every change; the returned function stops it. */
  listen(listener: (news: News) => void): () => void;
}

export interface Identity {
  readonly centre: string;
  readonly host: string;
  readonly circle: string;
  readonly status: Status;
  /** Present in an exercise: its name, as every record of it carries. */
  readonly exercise: string | null;
  readonly origin: string;
  readonly peer: { readonly centre: string; readonly origin: string } | null;
  /** What both logs were called before. */
  readonly successions: readonly Succession[];
}

export interface Filed {
  readonly origin: string;
  readonly index: number;
  readonly id: string;
  readonly record: RecordEnvelope;
}

/** Until when deliveries in order wait, and why, in the words of who asks for it. */
export interface Deferral {
  readonly untilMs: TimeMs;
  readonly reason: string;
}

export interface LinkState {
  /** `opening`: the other side is being asked; `confirm`: it did not answer, a supervisor may confirm; `open`: records can be filed. */
  readonly line: 'opening' | 'confirm' | 'open';
  /** Why nothing may be filed; null when the line is open. */
  readonly waits: Refusal | null;
  /** A wait for the lane *next* that one side asked of the other, the latest. */
  readonly deferred: { readonly byThem: Deferral | null; readonly byUs: Deferral | null };
  readonly paths: readonly {
    readonly path: Lane;
    readonly connected: boolean;
    readonly state: PathState;
    readonly lastHeardMs: TimeMs | null;
    readonly clockOffsetMs: number;
  }[];
  /** How far our log is logged here, and held and cosigned there, as the other side says; and theirs, verified and held here. */
  readonly own: { readonly logged: number; readonly held: number | null; readonly cosigned: number };
  readonly theirs: { readonly verified: number; readonly held: number };
}

export type News =
  | { readonly kind: 'record'; readonly origin: string; readonly index: number; readonly urgent: boolean }
  | { readonly kind: 'cosigned'; readonly origin: string; readonly size: number }
  | { readonly kind: 'link'; readonly lane: 'next' | 'urgent'; readonly connected: boolean }
  | { readonly kind: 'line'; readonly line: LinkState['line'] }
  | { readonly kind: 'alarm'; readonly refusal: Refusal }
  | { readonly kind: 'scenario'; readonly timeMs: TimeMs }
  | { readonly kind: 'draft'; readonly id: string };
