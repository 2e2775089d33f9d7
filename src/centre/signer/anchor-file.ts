import { type FileHandle, open, readFile } from 'node:fs/promises';
import { concatBytes } from '#base/bytes.ts';
import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import { type Anchor, decodeSlot, encodeSlot, type Slot, slotBytes } from '#centre/signer/anchor.ts';
import { isErrno, writeDurably } from '#centre/store/durable-file.ts';
import { lockBeside, type ProcessLock } from '#centre/store/process-lock.ts';

/** Makes the anchor of a new centre, or of one whose anchor is lost and was shown to it by others. Refused: `store.exists`. */
export async function createAnchorFile(path: string, anchor: Anchor): Promise<Result<void>> {
  const file = new Uint8Array(2 * slotBytes);
  for (const half of [0, 1]) file.set(encodeSlot({ sequence: half, anchor }), half * slotBytes);
  if (await writeDurably(path, file, { mode: 0o600, how: 'create' })) return accept(undefined);
  return refuse(
    'store.exists',
    `${path} exists already and is not overwritten: an anchor is made once, when a centre is set up`,
    { path },
  );
}

/**
 * The anchor on disk: two slots, written in turn and flushed. A torn slot leaves the other one right: `write` is awaited before
 * any signature that it covers leaves, so a slot that tears was still being written, nothing had left under it, and the
 * other slot, flushed before that write began, has all that had. (A newest slot that decays long after its flush looks
 * the same and sets the anchor back by one write. Opening and closing therefore bring both slots to the newest state, and
 * `Signer.raise` takes what our own signed checkpoints show.)
 * Owner of the file and of its lock: this object.
 */
export class AnchorFile {
  readonly #file: FileHandle;
  readonly #lock: ProcessLock;
  readonly #path: string;
  #slot: Slot;
  #writing = false;
  #failed = false;
  #closed = false;
  /** Whether one of the two slots was unreadable at the opening, and was written again from the other. */
  readonly wasTorn: boolean;

  private constructor(opened: {
    readonly file: FileHandle;
    readonly lock: ProcessLock;
    readonly path: string;
    readonly slots: readonly Slot[];
  }) {
    this.#file = opened.file;
    this.#lock = opened.lock;
    this.#path = opened.path;
    this.wasTorn = opened.slots.length < 2;
    const newest = opened.slots.toSorted((a, b) => b.sequence - a.sequence)[0];
    assert(newest !== undefined, 'a slot is whole');
    this.#slot = newest;
  }

  /** Refused: `signer.anchor` (missing, both slots unreadable, or the disk does not let it be read or written), `store.busy`. */
  static async open(path: string): Promise<Result<AnchorFile>> {
    const lock = lockBeside(path);
    if (!lock.ok) return lock;
    const slots = await readSlots(path);
    if (!slots.ok || slots.value.length === 0) {
      lock.value.release();
      return slots.ok ? refuseUnreadable(path) : slots;
    }
    const file = await openToWrite(path);
    if (!file.ok) {
      lock.value.release();
      return file;
    }
    const anchorFile = new AnchorFile({ file: file.value, lock: lock.value, path, slots: slots.value });
    const repeated = await anchorFile.write(anchorFile.anchor);
    if (repeated.ok) return accept(anchorFile);
    await anchorFile.close();
    return repeated;
  }

  get anchor(): Anchor {
    return this.#slot.anchor;
  }

  /**
   * Writes the next state over the older slot; resolves once it is flushed. Refused as `signer.anchor` if the disk fails, and from
   * then on: after a failed flush nobody knows what the disk holds, so nothing is signed until the file is opened again.
   */
  async write(anchor: Anchor): Promise<Result<void>> {
    assert(!this.#writing, 'the anchor is written by one at a time');
    if (this.#failed) return refuseFailed(this.#path, 'an earlier write failed');
    const slot = { sequence: this.#slot.sequence + 1, anchor };
    const bytes = encodeSlot(slot);
    this.#writing = true;
    try {
      const { bytesWritten } = await this.#file.write(bytes, 0, bytes.length, (slot.sequence % 2) * slotBytes);
      if (bytesWritten < bytes.length) throw new Error(`${bytesWritten} of ${bytes.length} bytes were written`);
      await this.#file.datasync();
      this.#slot = slot;
      return accept(undefined);
    } catch (error) {
      this.#failed = true;
      return refuseFailed(this.#path, reasonOf(error));
    } finally {
      this.#writing = false;
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#failed) await this.write(this.anchor);
    await this.#file.close();
    this.#lock.release();
  }
}

/** Both halves of an anchor file that can be read. */
export function slotsOf(file: Uint8Array): readonly Slot[] {
  // A file cut short is filled up, so that the slot that is whole is still found.
  const whole = concatBytes(file, new Uint8Array(Math.max(0, 2 * slotBytes - file.length)));
  return [0, 1]
    .map((half) => decodeSlot(whole.subarray(half * slotBytes, (half + 1) * slotBytes)))
    .filter((slot) => slot !== undefined);
}

async function readSlots(path: string): Promise<Result<readonly Slot[]>> {
  try {
    return accept(slotsOf(await readFile(path)));
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) return refuseFailed(path, reasonOf(error));
    return refuse('signer.anchor', `there is no anchor at ${path}: ${whatToDo}`, { path });
  }
}

async function openToWrite(path: string): Promise<Result<FileHandle>> {
  try {
    return accept(await open(path, 'r+'));
  } catch (error) {
    return refuseFailed(path, reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const whatToDo =
  'never put an old copy in its place; look for the file first. Without it this log is signed no further, and goes ' +
  'on only under new keys (anshin succession)';

function refuseUnreadable(path: string): ReturnType<typeof refuse> {
  return refuse('signer.anchor', `both halves of the anchor at ${path} are damaged: ${whatToDo}`, { path });
}

function refuseFailed(path: string, reason: string): ReturnType<typeof refuse> {
  return refuse(
    'signer.anchor',
    `the anchor at ${path} cannot be read or written, so nothing is signed: check the disk, then start again`,
    {
      path,
      reason,
    },
  );
}
