import { hexOf } from '#base/bytes.ts';
import { assert, mustAccept } from '#base/refusal.ts';
import { type TimeMs, textOfTime } from '#base/time.ts';
import { numberIn } from '#exchange/acceptance.ts';
import type { LogIdentity, Place } from '#exchange/log-view.ts';
import { MemoryShelf } from '#exchange/memory-shelf.ts';
import { countNumber, type SerialsSeen } from '#exchange/serials.ts';
import { append, emptyFrontier, type Frontier, hashLeaf, rootOf } from '#log/tree.ts';
import { type CoreContent, type CoreFormat, coreAgreement, coreFormats, coreVersion } from '#record/core-formats.ts';
import { idOf, type KnownRecord, sealRecord } from '#record/envelope.ts';
import type { DraftRecord } from '#record/envelope-schema.ts';
import { seriesKey } from '#record/number.ts';

/** A record filed in a paper log: what a reference to it names. */
export interface FiledRecord extends Place {
  readonly id: string;
  readonly known: KnownRecord;
}

/** A log on paper, for tests: leaves and roots, without signatures, store or link. It owns its leaves. */
export class PaperLog {
  readonly identity: LogIdentity;
  readonly leaves: Uint8Array[] = [];
  readonly #roots: string[] = [hexOf(rootOf(emptyFrontier))];
  readonly #serials: SerialsSeen = { greatest: new MemoryShelf<number>(), gaps: new MemoryShelf<number>() };
  #frontier: Frontier = emptyFrontier;

  constructor(identity: LogIdentity) {
    this.identity = identity;
  }

  get origin(): string {
    return this.identity.origin;
  }

  get size(): number {
    return this.leaves.length;
  }

  rootAt(size: number): string {
    const root = this.#roots[size];
    assert(root !== undefined, `the paper log has had ${size} leaves`);
    return root;
  }

  /** Appends any bytes, as only the owner of a log can, and counts the number that they bear. */
  append(bytes: Uint8Array): Place & { readonly id: string } {
    this.#frontier = append(this.#frontier, [hashLeaf(bytes)]).frontier;
    this.leaves.push(bytes);
    this.#roots.push(hexOf(rootOf(this.#frontier)));
    const number = numberIn(bytes);
    if (number !== undefined) countNumber(this.#serials, number);
    return { log: this.origin, index: this.size - 1, id: idOf(bytes) };
  }

  /** Files a draft under the next number of its series. */
  file(draft: DraftRecord, filedAtMs: TimeMs): FiledRecord {
    const known = mustAccept(sealRecord(draft, { serial: this.nextSerial(draft.basis.agreement, filedAtMs), filedAtMs }));
    return { ...this.append(known.bytes), known };
  }

  nextSerial(agreement: string, filedAtMs: TimeMs): number {
    const year = textOfTime(filedAtMs).slice(2, 4);
    const series = seriesKey({ agreement, centre: this.identity.owner, year });
    return (this.#serials.greatest.get(series) ?? 0) + 1;
  }
}

/** A draft of a core record addressed to `to`. */
export function coreDraft<F extends CoreFormat>(
  log: PaperLog,
  core: { readonly format: F; readonly content: CoreContent<F>; readonly to: string },
  more: Partial<DraftRecord> = {},
): DraftRecord {
  const { status, owner } = log.identity;
  return {
    schema: 'anshin.record/1',
    status,
    class: coreFormats[core.format].class,
    precedence: { action: 'R', info: 'R' },
    originator: { centre: owner, role: 'machine' },
    action: [core.to],
    info: [],
    basis: { agreement: coreAgreement, version: coreVersion, article: '1', format: core.format },
    references: [],
    content: core.content,
    releasability: 'parties',
    salt: log.size.toString(16).padStart(32, '0'),
    ...more,
  };
}
