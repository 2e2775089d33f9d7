import { receiptWithinMs } from '#base/limits.ts';
import type { Refusal } from '#base/refusal.ts';
import { hourMs, type TimeMs, textOfTime } from '#base/time.ts';
import type { FollowedLog } from '#centre/link/followed-log.ts';
import type { PeerLink } from '#centre/link/peer-link.ts';
import type { Refuser } from '#centre/refuser.ts';
import type { Scribe } from '#centre/scribe.ts';
import type { Signer } from '#centre/signer/signer.ts';
import type { World } from '#centre/world.ts';
import type { CoreContent } from '#record/core-formats.ts';

/** How often a centre looks for what waits too long. */
const lookMs = 10_000;

export interface DutyParts {
  readonly followed: FollowedLog;
  readonly signer: Signer;
  readonly scribe: Scribe;
  readonly link: PeerLink;
  readonly refuser: Refuser;
  readonly nowMs: () => TimeMs;
  readonly world: World;
  readonly lineOpen: () => boolean;
  readonly alarm: (refusal: Refusal) => void;
}

/** What a centre says without being asked: leaves that did not come, and each hour how its paths were. Owner of the timers. */
export class MachineDuties {
  readonly #parts: DutyParts;
  readonly #timers: readonly (() => void)[];
  #undeliveredTo = 0;
  #aheadSince: { readonly size: number; readonly sinceMs: number } | undefined;

  constructor(parts: DutyParts) {
    this.#parts = parts;
    const { world } = parts;
    this.#timers = [world.every(lookMs, () => this.#look()), world.every(hourMs, () => void this.#filePaths())];
  }

  close(): void {
    for (const callOff of this.#timers) callOff();
  }

  #look(): void {
    this.#parts.refuser.run();
    void this.#fileUndelivered();
  }

  /** Our cosignature covers leaves that did not come: within a minute we say so (`spec/receipt.md` 3). */
  async #fileUndelivered(): Promise<void> {
    const { followed, signer, world, lineOpen } = this.#parts;
    if (!lineOpen()) return;
    const size = signer.anchor().followed.find(({ origin }) => origin === followed.origin)?.size ?? 0;
    const from = Math.max(followed.held, this.#undeliveredTo);
    if (size <= from) {
      this.#aheadSince = undefined;
      return;
    }
    const nowMs = world.steadyMs();
    if (this.#aheadSince === undefined || this.#aheadSince.size <= from) this.#aheadSince = { size, sinceMs: nowMs };
    const since = this.#aheadSince;
    if (nowMs - since.sinceMs < receiptWithinMs / 2) return;
    this.#undeliveredTo = since.size;
    this.#aheadSince = undefined;
    for (const gap of gapsBetween(from, since.size, followed.urgentHeld)) {
      await this.#file('NOT-DELIVERED', { log: followed.origin, ...gap, reason: 'cosigned, and not delivered since' });
    }
  }

  async #filePaths(): Promise<void> {
    const { link, nowMs, lineOpen } = this.#parts;
    if (!lineOpen()) return;
    const [first] = link.heart.watches.values();
    const from = textOfTime(first?.sinceMs ?? nowMs());
    const paths = link.heart.summary();
    const to = textOfTime(nowMs());
    // After a clock that went back there is no such period; the next hour has one again.
    if (to > from) await this.#file('PATHS', { from, to, paths });
  }

  /** What the machine itself must say and cannot is for the officers to know. */
  async #file<F extends 'NOT-DELIVERED' | 'PATHS'>(format: F, content: CoreContent<F>): Promise<void> {
    const { scribe, alarm } = this.#parts;
    const filed = await scribe.file(scribe.draft({ format, content, role: 'machine', precedence: 'R', references: [] }));
    if (!filed.ok) alarm(filed.refusal);
  }
}

/** The stretches from `from` up to but not including `to` that the indices, ascending, leave over. */
function gapsBetween(
  from: number,
  to: number,
  indices: readonly number[],
): readonly { readonly from: number; readonly to: number }[] {
  const inside = indices.filter((index) => from <= index && index < to);
  const gaps = [from, ...inside.map((index) => index + 1)].map((begin, position) => ({
    from: begin,
    to: inside[position] ?? to,
  }));
  return gaps.filter((gap) => gap.from < gap.to);
}
