import { statfsSync } from 'node:fs';
import { diskReserveBytesMin } from '#base/limits.ts';
import type { TimeMs } from '#base/time.ts';

/** How long one reading of the disk is good for. */
const readingMs = 5_000;

/**
 * What is kept of the disk for our own log, so that no peer can fill it (`spec/link.md` 8): a tenth, at least 1 GiB, unless the
 * operator set another. Owner of the last reading.
 */
export class DiskReserve {
  readonly #directory: string;
  readonly #setBytes: number | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  #isShort = false;

  constructor(directory: string, setBytes: number | undefined) {
    this.#directory = directory;
    this.#setBytes = setBytes;
  }

  /** Whether the disk has less left than the reserve. */
  isShort(nowMs: TimeMs): boolean {
    if (Math.abs(nowMs - this.#readMs) < readingMs) return this.#isShort;
    this.#readMs = nowMs;
    const { bavail, blocks, bsize } = statfsSync(this.#directory);
    const reserve = this.#setBytes ?? Math.max(diskReserveBytesMin, (blocks * bsize) / 10);
    this.#isShort = bavail * bsize < reserve;
    return this.#isShort;
  }
}
