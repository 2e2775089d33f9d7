import type { SeededChance } from '#base/chance.ts';
import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import { type Anchor, decodeSlot, encodeSlot, freshEntry, type Slot } from '#centre/signer/anchor.ts';
import type { AnchorKeeper } from '#centre/signer/local-signer.ts';
import type { Life } from './life.ts';
import { copyOf, type Device, emptyImage, type StoreImage } from './memory-store.ts';

/** Where a disk lies: it answers before it has flushed. Never in a centre; a simulation that cannot see it would be worth nothing. */
export type Lie = 'store' | 'anchor';

/** A copy of a machine's disk: of the store alone, as a backup has it, or with the anchor, as a snapshot of a machine does. */
export interface DiskCopy {
  readonly image: StoreImage;
  readonly anchor: readonly Uint8Array[];
}

/** What one machine has on its disk, whatever becomes of its processes. Owner of both images. */
export class Disk {
  image: StoreImage = emptyImage();
  /** The two halves of the anchor's file. */
  anchor: Uint8Array[];
  isFull = false;
  readonly lies: ReadonlySet<Lie>;
  /** The half of the anchor that is being written. */
  #writing: number | undefined;
  /** Flushes until the next power cut; undefined while none is planned. */
  #flushesLeft: number | undefined;
  #powerCut: () => void = () => undefined;

  constructor(logs: { readonly own: string; readonly followed: string }, lies: ReadonlySet<Lie>) {
    this.lies = lies;
    const fresh: Anchor = { own: [freshEntry(logs.own)], followed: [freshEntry(logs.followed)] };
    this.anchor = [0, 1].map((sequence) => encodeSlot({ sequence, anchor: fresh }));
  }

  copy(): DiskCopy {
    return { image: copyOf(this.image), anchor: this.anchor.slice() };
  }

  restore(copy: DiskCopy, what: 'store' | 'machine'): void {
    this.image = copyOf(copy.image);
    if (what === 'machine') this.anchor = copy.anchor.slice();
  }

  /** Power fails right after the flush that is so many away, before whoever asked for it hears of it. */
  cutPowerAfter(flushes: number, cut: () => void): void {
    this.#flushesLeft = flushes;
    this.#powerCut = cut;
  }

  keepPower(): void {
    this.#flushesLeft = undefined;
  }

  /** A slot that was being written is torn, now and then. */
  powerFailed(chance: SeededChance): void {
    this.#flushesLeft = undefined;
    if (this.#writing !== undefined && chance.below(2) === 0) this.anchor[this.#writing] = chance.bytes(64);
    this.#writing = undefined;
  }

  beginAnchor(half: number): void {
    this.#writing = half;
  }

  anchorFlushed(half: number, bytes: Uint8Array): void {
    this.#writing = undefined;
    this.anchor[half] = bytes;
    this.flushed();
  }

  flushed(): void {
    if (this.#flushesLeft === undefined) return;
    this.#flushesLeft -= 1;
    if (this.#flushesLeft > 0) return;
    this.#flushesLeft = undefined;
    this.#powerCut();
  }

  /** How far this disk says that we have signed, with all that was flushed. */
  get anchored(): Anchor {
    const newest = newestOf(this.anchor);
    assert(newest !== undefined, 'one half of the anchor is whole');
    return newest.anchor;
  }
}

/** The disk as one process uses it; the store's image is the disk's own, or what a lying disk makes of it. */
export class LifeDevice implements Device {
  readonly image: StoreImage;
  readonly #life: Life;
  readonly #disk: Disk;
  #busyUntilMs = 0;

  constructor(life: Life, disk: Disk) {
    this.#life = life;
    this.#disk = disk;
    this.image = disk.lies.has('store') ? copyOf(disk.image) : disk.image;
  }

  async write(work: () => void): Promise<void> {
    const nowMs = this.#life.time.nowMs;
    this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs) + 1 + this.#life.chance.below(8);
    await this.#life.pause(this.#busyUntilMs - nowMs, () => {
      work();
      if (this.image === this.#disk.image) this.#disk.flushed();
      else this.#flushLater(copyOf(this.image));
    });
    // Power may fail between the flush and the word of it.
    await this.#life.pause(0, () => undefined);
  }

  async read<T>(work: () => T): Promise<T> {
    return await this.#life.pause(this.#life.chance.below(2), work);
  }

  isFull(): boolean {
    return this.#disk.isFull;
  }

  async backup(): Promise<void> {
    await Promise.reject(new Error('a simulation copies the disk'));
  }

  closed(): void {}

  #flushLater(image: StoreImage): void {
    void this.#life.pause(400, () => {
      this.#disk.image = image;
      this.#disk.flushed();
    });
  }
}

/** The anchor on such a disk, by the rules of `spec/signer.md` 1: two slots, written in turn, and flushed before the answer. */
export class DiskAnchor implements AnchorKeeper {
  readonly wasTorn: boolean;
  readonly #life: Life;
  readonly #disk: Disk;
  #slot: Slot;

  private constructor(life: Life, disk: Disk, opened: { readonly slot: Slot; readonly wasTorn: boolean }) {
    this.#life = life;
    this.#disk = disk;
    this.#slot = opened.slot;
    this.wasTorn = opened.wasTorn;
  }

  static async open(life: Life, disk: Disk): Promise<Result<DiskAnchor>> {
    const slot = newestOf(disk.anchor);
    if (slot === undefined) return refuse('signer.anchor', 'both halves of the anchor are damaged');
    const wasTorn = disk.anchor.some((half) => decodeSlot(half) === undefined);
    const anchor = new DiskAnchor(life, disk, { slot, wasTorn });
    const repeated = await anchor.write(slot.anchor);
    return repeated.ok ? accept(anchor) : repeated;
  }

  get anchor(): Anchor {
    return this.#slot.anchor;
  }

  async write(anchor: Anchor): Promise<Result<void>> {
    const slot = { sequence: this.#slot.sequence + 1, anchor };
    const [half, bytes] = [slot.sequence % 2, encodeSlot(slot)];
    const flush = (delayMs: number): Promise<void> => {
      this.#disk.beginAnchor(half);
      return this.#life.pause(delayMs, () => this.#disk.anchorFlushed(half, bytes));
    };
    if (this.#disk.lies.has('anchor')) void flush(400);
    else await flush(1 + this.#life.chance.below(5));
    await this.#life.pause(0, () => undefined);
    this.#slot = slot;
    return accept(undefined);
  }

  async close(): Promise<void> {}
}

function newestOf(halves: readonly Uint8Array[]): Slot | undefined {
  const slots = halves.map(decodeSlot).filter((slot) => slot !== undefined);
  return slots.toSorted((a, b) => b.sequence - a.sequence)[0];
}
