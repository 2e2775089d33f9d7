import type { Refusal, Result } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import type { Lane } from '#exchange/delivery.ts';

/** What the link asks of the centre around it. */
export interface LinkOwner {
  readonly centre: string;
  readonly peerCentre: string;
  readonly nowMs: () => TimeMs;
  /** Whether records may be stored and receipted; not before the other side was asked how far we had signed. */
  lineOpen(): boolean;
  /** The other side's greeting: the newest of our checkpoints that it shows, or none. */
  greeted(ownCheckpoint: Uint8Array | undefined): void;
  cosigned(size: number, lines: Uint8Array): Result<void>;
  /** Evidence that the other side holds against us. */
  accused(evidence: Uint8Array): void;
  connection(lane: Lane, connected: boolean): void;
  alarm(refusal: Refusal): void;
}
