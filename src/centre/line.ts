import { equalBytes } from '#base/bytes.ts';
import { accept, type Refusal, type Result, refuse } from '#base/refusal.ts';
import type { Appender } from '#centre/append.ts';
import type { LinkState } from '#centre/desk.ts';
import type { Signer } from '#centre/signer/signer.ts';
import type { World } from '#centre/world.ts';
import { type LogKeys, type VerifiedCheckpoint, verifyCheckpoint } from '#log/policy.ts';
import { rootAt } from '#log/tree.ts';

export interface LineParts {
  readonly appender: Appender;
  readonly signer: Pick<Signer, 'raise'>;
  readonly ownKeys: LogKeys;
  /** Leaves that the log has from its beginning: those of the log that it goes on from, and the record that says so. */
  readonly beginning: number;
  /** How long the other side is asked before a person may decide. */
  readonly askMs: number;
  readonly world: World;
  changed(line: LinkState['line']): void;
  alarm(refusal: Refusal): void;
}

/**
 * Whether we may say anything new (`spec/signer.md`): after a start only once the other side has shown the newest of our own
 * checkpoints that it holds, or a supervisor has said that this store is the newest. A store and an anchor that went back
 * together are found here and nowhere else. Owner of the timer.
 */
export class Line {
  readonly #parts: LineParts;
  readonly #callOff: () => void;
  #line: LinkState['line'] = 'opening';
  /** The other side holds more of our log than we do: no word of a supervisor opens the line, only recovery does. */
  #behind: Refusal | undefined;

  constructor(parts: LineParts) {
    this.#parts = parts;
    this.#callOff = parts.world.after(parts.askMs, () => {
      if (this.#line === 'opening') this.#change('confirm');
    });
  }

  get state(): LinkState['line'] {
    return this.#line;
  }

  /** Refused until the line is open, with what to do. */
  get mayFile(): Result<void> {
    if (this.#behind !== undefined) return { ok: false, refusal: this.#behind };
    if (this.#line === 'open') return accept(undefined);
    const advice = this.#line === 'opening' ? 'wait a moment' : 'a supervisor may confirm that this store is the newest';
    return refuse('link.opening', `the other side has not yet shown how far it holds our log: ${advice}`);
  }

  /** Takes what the other side's greeting shows of our own log: a checkpoint that we signed, or nothing. */
  greeted(shown: Uint8Array | undefined): void {
    // What was shown once stays shown: a later greeting that shows less does not undo it. An open line is judged too: a
    // supervisor may have opened it on a store that went back.
    if (this.#behind !== undefined) return;
    const judged = shown === undefined ? this.#judgeNothing() : this.#judge(shown);
    if (judged.ok) return this.#line === 'open' ? undefined : this.#change('open');
    if (judged.refusal.code === 'link.opening') return;
    this.#behind = judged.refusal;
    this.#parts.alarm(judged.refusal);
    if (this.#line === 'open') this.#change('confirm');
  }

  /** A supervisor's word. Refused while the other side is still being asked, and where it holds more than we do. */
  confirm(): Result<void> {
    if (this.#behind !== undefined) return { ok: false, refusal: this.#behind };
    if (this.#line === 'opening') return refuse('link.opening', 'the other side is still being asked; that takes a few seconds');
    this.#change('open');
    return accept(undefined);
  }

  close(): void {
    this.#callOff();
  }

  #judgeNothing(): Result<void> {
    if (this.#parts.appender.checkpoint.size <= this.#parts.beginning) return accept(undefined);
    return refuse('link.opening', 'the other side shows no checkpoint of ours, so its answer does not count');
  }

  #judge(shown: Uint8Array): Result<void> {
    const checkpoint = verifyCheckpoint(shown, this.#parts.ownKeys);
    if (!checkpoint.ok)
      return refuse('link.opening', `what it shows is not a checkpoint that we signed: ${checkpoint.refusal.detail}`);
    const { size, root } = checkpoint.value;
    const { appender } = this.#parts;
    if (size > appender.checkpoint.size) {
      // The anchor must not sign another history either, whatever happens to this process.
      void this.#raise(checkpoint.value);
      return refuse(
        'signer.went-back',
        `the other side holds ${size} leaves of our log, this store ${appender.checkpoint.size}: stop the centre and run anshin recover`,
        { shown: size, stored: appender.checkpoint.size },
      );
    }
    if (equalBytes(rootAt(size, appender.read), root)) return accept(undefined);
    return refuse(
      'log.fork',
      `we signed another root for size ${size} than this store has: keep everything and run anshin check`,
      { size },
    );
  }

  /** An anchor that cannot be raised is for the officers to know: the next start would sign what contradicts this. */
  async #raise(checkpoint: VerifiedCheckpoint): Promise<void> {
    const raised = await this.#parts.signer.raise({ checkpoint, cosignatures: [] });
    if (!raised.ok) this.#parts.alarm(raised.refusal);
  }

  #change(line: LinkState['line']): void {
    this.#line = line;
    if (line === 'open') this.#callOff();
    this.#parts.changed(line);
  }
}
