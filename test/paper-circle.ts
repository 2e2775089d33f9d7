import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Instrument, loadInstrument } from '#agreement/instrument.ts';
import { mustAccept } from '#base/refusal.ts';
import { dayMs, hourMs, type TimeMs, textOfTime, timeOfText } from '#base/time.ts';
import { MemoryShelves } from '#exchange/memory-shelf.ts';
import { Register } from '#exchange/register.ts';
import type { Shelves } from '#exchange/shelf.ts';
import type { CoreContent } from '#record/core-formats.ts';
import type { DraftRecord, Reference, Status } from '#record/envelope-schema.ts';
import { coreDraft, type FiledRecord, PaperLog } from '#test/paper-log.ts';

const folder = join(import.meta.dirname, '..', 'agreements', 'bmln-full');

/** The launch notification agreement in its full profile, from the files that ship. */
export const fullProfile: Instrument = mustAccept(
  loadInstrument(
    new Map(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path.slice(folder.length + 1), readFileSync(path)]),
    ),
  ),
);

/** When a paper circle begins: both logs adopt the full profile, from a day later on. */
export const circleFromMs: TimeMs = mustAccept(timeOfText('2024-09-01T00:00:00.000Z'));
export const inForceMs: TimeMs = circleFromMs + dayMs;

/** Two states' logs on paper, with the full profile adopted by both, in real time or in an exercise whose scenario runs a year behind. */
export class PaperCircle {
  /** Of China; another one after a succession. */
  cn: PaperLog;
  us: PaperLog;
  readonly #scenarioLagMs: number;

  constructor(status: Status, scenarioLagMs = 365 * dayMs) {
    const parties = ['CN', 'US'];
    this.cn = new PaperLog({ origin: `cn.example/us-cn/${status}`, owner: 'CN', status, parties, successions: [] });
    this.us = new PaperLog({ origin: `us.example/us-cn/${status}`, owner: 'US', status, parties, successions: [] });
    this.#scenarioLagMs = status === 'exercise' ? scenarioLagMs : 0;
  }

  /** China's log goes on under a new name, with its leaves below `size`. */
  succeed(size: number): void {
    const { origin } = this.cn;
    const succession = { from: origin, to: `next.${origin}`, size, root: this.cn.rootAt(size) };
    const successions = [...this.cn.identity.successions, succession];
    this.cn = copyOf(this.cn, { ...this.cn.identity, origin: succession.to, successions }, size);
    this.us = copyOf(this.us, { ...this.us.identity, successions }, this.us.size);
  }

  /** Both halves of the adoption. */
  adopt(): void {
    for (const log of [this.cn, this.us]) this.adoptIn(log, inForceMs);
  }

  adoptIn(log: PaperLog, fromMs: TimeMs): FiledRecord {
    const content = { agreement: 'BMLN', version: fullProfile.hash, inForceFrom: textOfTime(this.counted(fromMs)) };
    return this.core(log, circleFromMs, { format: 'ADOPT', content });
  }

  /** The time that deadlines count for a real time. */
  counted(realMs: TimeMs): TimeMs {
    return realMs - this.#scenarioLagMs;
  }

  other(log: PaperLog): PaperLog {
    return log === this.cn ? this.us : this.cn;
  }

  core(log: PaperLog, filedAtMs: TimeMs, { more, ...core }: CoreStatement): FiledRecord {
    const draft = coreDraft(log, { ...core, to: this.other(log).identity.owner }, { ...this.#scenario(log, filedAtMs), ...more });
    return log.file(draft, filedAtMs);
  }

  /** A record of the agreement; a window of three hours opens at `opensMs` (counted) where the format states one. */
  launch(log: PaperLog, filedAtMs: TimeMs, step: LaunchStep): FiledRecord {
    const format = fullProfile.formats.get(step.format);
    if (format === undefined) throw new Error(`no format ${step.format}`);
    const draft: DraftRecord = {
      ...coreDraft(log, { format: 'TEST', content: { text: 'x' }, to: this.other(log).identity.owner }),
      class: format.class,
      precedence: { action: step.precedence ?? 'P', info: 'R' },
      originator: { centre: log.identity.owner, role: 'releaser' },
      basis: { agreement: 'BMLN', version: fullProfile.hash, article: format.article, format: step.format },
      references: (step.references ?? []).map(({ relation, to }) => ({ relation, log: to.log, index: to.index, id: to.id })),
      content: step.content,
      ...this.#scenario(log, filedAtMs),
    };
    return log.file(draft, filedAtMs);
  }

  /** A receipt by `log` of all of the other log that it has not receipted, as far as `to`. */
  receipt(log: PaperLog, receivedAtMs: TimeMs, change: Partial<CoreContent<'RECEIPT'>> & { readonly from: number }): FiledRecord {
    const other = this.other(log);
    const size = change.size ?? other.size;
    const content = {
      log: other.origin,
      to: size,
      size,
      root: other.rootAt(size),
      receivedAt: textOfTime(receivedAtMs),
      lane: 'next',
    };
    return this.core(log, receivedAtMs, { format: 'RECEIPT', content: { ...content, ...change } });
  }

  acknowledge(log: PaperLog, filedAtMs: TimeMs, of: FiledRecord): FiledRecord {
    const content = { rung: 'A1', outcome: 'received', log: of.log, index: of.index };
    const references: Reference[] = [{ relation: 'acknowledges', log: of.log, index: of.index, id: of.id }];
    const originator = { centre: log.identity.owner, role: 'watch-officer' } as const;
    return this.core(log, filedAtMs, { format: 'ACK', content, more: { references, originator } });
  }

  /** An empty register of both logs. */
  register(instruments: readonly Instrument[] = [fullProfile], shelves: Shelves = new MemoryShelves()): Register {
    const logs = new Map([this.cn, this.us].map((log) => [log.origin, log]));
    return new Register({
      logs: [this.cn.identity, this.us.identity],
      instruments: ({ agreement, version }) => instruments.find((each) => each.shortName === agreement && each.hash === version),
      rootAt: (log, size) => logs.get(log)?.rootAt(size) ?? 'no such log',
      shelves,
    });
  }

  /** A register that has taken all of both logs, or as much as is said. */
  folded(sizes: { readonly cn?: number; readonly us?: number } = {}): Register {
    const register = this.register();
    for (const [index, leaf] of this.cn.leaves.slice(0, sizes.cn).entries()) register.take(this.cn.origin, index, leaf);
    for (const [index, leaf] of this.us.leaves.slice(0, sizes.us).entries()) register.take(this.us.origin, index, leaf);
    return register;
  }

  #scenario(log: PaperLog, filedAtMs: TimeMs): Pick<DraftRecord, 'exercise'> {
    if (log.identity.status !== 'exercise') return {};
    return { exercise: { name: 'PAPER TIGER', scenarioAt: textOfTime(this.counted(filedAtMs)) } };
  }
}

function copyOf(log: PaperLog, identity: PaperLog['identity'], size: number): PaperLog {
  const copy = new PaperLog(identity);
  for (const leaf of log.leaves.slice(0, size)) copy.append(leaf);
  return copy;
}

/** A core record by its content; `more` are fields of the envelope beside the usual ones. */
export interface CoreStatement extends Omit<Parameters<typeof coreDraft>[1], 'to'> {
  readonly more?: Partial<DraftRecord>;
}

export interface LaunchStep {
  readonly format: string;
  readonly content: DraftRecord['content'];
  readonly precedence?: 'Z' | 'O' | 'P';
  readonly references?: readonly { readonly relation: Reference['relation']; readonly to: FiledRecord }[];
}

/** The content of a notice of one submarine's launch; its window opens at `opensMs`, for three hours. */
export function noticeContent(opensMs: TimeMs): DraftRecord['content'] {
  return {
    missileClass: 'SLBM',
    count: 1,
    window: windowFrom(opensMs),
    launchArea: { kind: 'ocean-quadrant', ocean: 'pacific', quadrant: 'north-west' },
    trajectory: { rangeKm: 8000, azimuth: { kind: 'sector', fromTenths: 800, toTenths: 1100 } },
    impactAreas: [{ kind: 'circle', centre: { latE6: 5_000_000, lonE6: -160_000_000 }, radiusM: 40_000 }],
    rescueContact: { authority: { en: 'Rescue centre' }, telephone: '+1 555 0100' },
    notDirectedAt: ['CN', 'US'],
  };
}

export function windowFrom(opensMs: TimeMs): { readonly opens: string; readonly closes: string } {
  return { opens: textOfTime(opensMs), closes: textOfTime(opensMs + 3 * hourMs) };
}
