import type { Result } from '#base/refusal.ts';
import type { Anchor } from '#centre/signer/anchor.ts';
import type { Checkpoint } from '#log/checkpoint.ts';
import type { NoteSignature } from '#log/note.ts';
import type { VerifiedCheckpoint } from '#log/policy.ts';

/** An own log's checkpoint to be signed, with the proof that the anchor's tree begins it. */
export interface SignRequest {
  readonly checkpoint: Checkpoint;
  /** From the anchor's size for this log to the checkpoint's; empty from a tree of no leaves and between equal sizes. */
  readonly proof: readonly Uint8Array[];
}

/** A followed log's checkpoint to be cosigned, with the proof that the tree last cosigned begins it. */
export interface CosignRequest {
  readonly checkpoint: VerifiedCheckpoint;
  readonly proof: readonly Uint8Array[];
}

export interface Cosignature {
  /** POSIX seconds, as both lines carry it. */
  readonly timeS: number;
  /** One line by each of the witness's two keys. */
  readonly signatures: readonly NoteSignature[];
}

/** A checkpoint that we are shown to have signed. `cosignatures` are the lines that came under a followed log's; an own log's has none. */
export interface RaiseRequest {
  readonly checkpoint: VerifiedCheckpoint;
  readonly cosignatures: readonly NoteSignature[];
}

export interface HeartbeatRequest {
  readonly origin: string;
  readonly path: string;
  readonly nonce: Uint8Array;
}

/**
 * Holds the keys and the anchor, and signs nothing that the anchor does not allow (`spec/signer.md`): a store that went back gets
 * no signature. No key bytes are shown, and every answer is awaited, so that a hardware module can stand behind it. Requests made
 * in one turn share one flush of the anchor. After a failed flush every request is refused as `signer.anchor`.
 */
export interface Signer {
  /**
   * Signs an own log's checkpoint; gives the note. Refused: `signer.went-back` (smaller, another root, or not shown to continue
   * what was signed), `key.unknown` (not a log of ours), `signer.anchor`.
   */
  signCheckpoint(request: SignRequest): Promise<Result<Uint8Array>>;
  /**
   * Cosigns a followed log's checkpoint. Refused: `checkpoint.origin` (not paired), `log.shrunk`, `log.fork`,
   * `proof.consistency`, `signer.clock` (our clock is before our last cosignature), `signer.anchor`.
   */
  cosign(request: CosignRequest): Promise<Result<Cosignature>>;
  /** What one group of an own log needs, with one flush. Each part may be refused without the others. */
  signGroup(group: SignGroup): Promise<SignedGroup>;
  /** Signs "I am here" over the last signed checkpoint of an own log. Refused: `key.unknown`. */
  heartbeat(request: HeartbeatRequest): Promise<Result<Uint8Array>>;
  /**
   * Takes from a checkpoint that we signed or cosigned, wherever it comes from, that we have gone at least so far: the remedy for
   * an anchor restored from an old copy. Refused: `signer.went-back` (we signed another history than the anchor says),
   * `log.fork` likewise for a followed log, `key.signature` (no cosignature of ours on it), `checkpoint.origin`.
   */
  raise(request: RaiseRequest): Promise<Result<void>>;
  /**
   * Lets a log be signed or cosigned for from a tree on, the empty one but after a succession: once, when an own log is begun or a
   * followed one taken up. Refused as `store.exists` if the anchor has it, so that a lost entry is never taken for a fresh one
   * unnoticed.
   */
  admit(log: AdmittedLog): Promise<Result<void>>;
  /** How far this centre has signed, as last flushed. */
  anchor(): Anchor;
  /** Whether half of the anchor was unreadable at the start: then ask the others for our newest signed checkpoint first. */
  readonly anchorWasTorn: boolean;
  /** Awaits what was asked for, and lets go of the anchor. */
  close(): Promise<void>;
}

/** A log that the anchor is to name. */
export interface AdmittedLog {
  readonly role: 'own' | 'followed';
  readonly origin: string;
  /** The tree that every later one must continue. */
  readonly begins: { readonly size: number; readonly root: Uint8Array };
}

/** An own checkpoint to be signed, or null if there is none, and followed ones to be cosigned. */
export interface SignGroup {
  readonly sign: SignRequest | null;
  readonly cosign: readonly CosignRequest[];
}

/** The answers, in the order of the requests. */
export interface SignedGroup {
  readonly sign: Result<Uint8Array> | null;
  readonly cosign: readonly Result<Cosignature>[];
}
