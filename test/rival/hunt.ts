import { base64Of } from '#base/bytes.ts';
import { SeededChance } from '#base/chance.ts';
import { BlockCoverage } from '#test/rival/coverage.ts';
import { memoryMiB } from '#test/rival/memory.ts';
import { type Mutation, mutated, oneOf } from '#test/rival/mutation.ts';
import { shrunk } from '#test/rival/shrink.ts';

/** What reads hostile bytes, and how to tell that it does so rightly. */
export interface Target {
  readonly name: string;
  /** How often it has its turn, beside the others. */
  readonly weight: number;
  readonly seeds: readonly Uint8Array[];
  readonly mutations: readonly Mutation[];
  /** Reads the bytes. Gives whether they were accepted; throws `Broken` if they should not have been, anything else is a crash. */
  readonly read: (bytes: Uint8Array) => boolean;
}

/** An oracle's finding. */
export class Broken extends Error {}

export interface Failure {
  readonly target: string;
  readonly seed: number;
  readonly number: number;
  readonly reason: string;
  /** The shortest input found that fails in the same way, in base64. */
  readonly input: string;
}

export interface HuntReport {
  readonly inputs: number;
  readonly accepted: number;
  /** Blocks of the code that were reached, and inputs that were kept for having reached new ones. */
  readonly blocks: number;
  readonly kept: number;
  /** What is held in memory at the end and was not before the first input, in MiB. */
  readonly memoryGrowthMiB: number;
  readonly failures: readonly Failure[];
  readonly byTarget: ReadonlyMap<string, { readonly inputs: number; readonly accepted: number }>;
}

export interface HuntOptions {
  readonly seed: number;
  /** The number of the first input; one after another is counted on from it. */
  readonly from: number;
  readonly count: number;
  /** Findings after which it ends. */
  readonly failuresMax: number;
  readonly onProgress?: (done: number) => void;
}

/** What a hunt may leave in memory: its corpus, and what the engine compiled. */
export const memoryGrowthMiBMax = 48;
/** Inputs between two looks at what they reached. */
const batchInputs = 64;
/** Inputs kept of one target beside its seeds. */
const keptMax = 400;
/** Inputs tried when one that fails is made short; fewer of those that take long. */
const triesMax = 1_000;
const slowTriesMax = 6;
const slow = 'slow';

/** What one input may take of the thread's time: a hundredth of a second, and a microsecond for each byte. Ten times as much is a bomb. */
const allowedMs = (bytes: number): number => 100 + bytes / 100;

/**
 * Reads hostile inputs, `count` of them, each made from a known one: what reached code that none reached before is kept and changed
 * further. Everything follows from the seed.
 */
export function hunt(targets: readonly Target[], options: HuntOptions): HuntReport {
  const run = new Hunt(targets, options);
  try {
    return run.report();
  } finally {
    run.close();
  }
}

class Hunt {
  readonly #options: HuntOptions;
  readonly #corpora: readonly Corpus[];
  readonly #coverage = new BlockCoverage();
  readonly #failures: Failure[] = [];
  #kept = 0;

  constructor(targets: readonly Target[], options: HuntOptions) {
    this.#options = options;
    this.#corpora = targets.flatMap((target) => {
      const corpus = new Corpus(target);
      return Array.from({ length: target.weight }, () => corpus);
    });
  }

  report(): HuntReport {
    const { from, count, failuresMax } = this.#options;
    for (const corpus of new Set(this.#corpora)) for (const seed of corpus.target.seeds) this.#read(corpus, seed, -1);
    this.#coverage.discover(this.#coverage.take());
    const beforeMiB = memoryMiB();
    for (let done = 0; done < count && this.#failures.length < failuresMax; done += batchInputs) {
      this.#batch(from + done, Math.min(batchInputs, count - done));
      this.#options.onProgress?.(Math.min(count, done + batchInputs));
    }
    const corpora = [...new Set(this.#corpora)];
    return {
      inputs: corpora.reduce((sum, { inputs }) => sum + inputs, 0),
      accepted: corpora.reduce((sum, { accepted }) => sum + accepted, 0),
      blocks: this.#coverage.size,
      kept: this.#kept,
      memoryGrowthMiB: memoryMiB() - beforeMiB,
      failures: this.#failures,
      byTarget: new Map(corpora.map(({ target, inputs, accepted }) => [target.name, { inputs, accepted }])),
    };
  }

  close(): void {
    this.#coverage.close();
  }

  /** One target is asked in a batch, so that what is new is known to be of it. */
  #batch(from: number, count: number): void {
    const chance = new SeededChance(Math.imul(this.#options.seed, 0x9e37_79b1) ^ from);
    const corpus = oneOf(this.#corpora, chance);
    const inputs: Uint8Array[] = [];
    for (let number = from; number < from + count; number += 1) {
      const input = mutated(oneOf(corpus.known, chance), chance, { mutations: corpus.target.mutations, others: corpus.known });
      inputs.push(input);
      corpus.inputs += 1;
      if (this.#read(corpus, input, number)) corpus.accepted += 1;
    }
    const found = this.#coverage.discover(this.#coverage.take());
    if (found.size > 0) this.#keep(corpus, inputs, found);
  }

  /** Keeps those of some inputs that reach what was found: reads them again, by halves. */
  #keep(corpus: Corpus, inputs: readonly Uint8Array[], found: ReadonlySet<string>): void {
    for (const input of inputs) faultOf(corpus.target.read, input);
    if (this.#coverage.take().isDisjointFrom(found)) return;
    const [input, another] = inputs;
    if (another !== undefined) {
      const middle = Math.ceil(inputs.length / 2);
      this.#keep(corpus, inputs.slice(0, middle), found);
      this.#keep(corpus, inputs.slice(middle), found);
    } else if (input !== undefined && corpus.known.length < corpus.target.seeds.length + keptMax) {
      corpus.known.push(input);
      this.#kept += 1;
    }
  }

  #read(corpus: Corpus, input: Uint8Array, number: number): boolean {
    const { read } = corpus.target;
    const reason = faultOf(read, input);
    if (typeof reason === 'boolean') return reason;
    const kind = kindOf(reason);
    const least = shrunk(input, kind === slow ? slowTriesMax : triesMax, (bytes) => {
      const other = faultOf(read, bytes);
      return typeof other === 'string' && kindOf(other) === kind;
    });
    this.#failures.push({ target: corpus.target.name, seed: this.#options.seed, number, reason, input: base64Of(least) });
    return false;
  }
}

/** The inputs known for a target. Owner of the list: the one hunt. */
class Corpus {
  readonly target: Target;
  readonly known: Uint8Array[];
  inputs = 0;
  accepted = 0;

  constructor(target: Target) {
    this.target = target;
    this.known = [...target.seeds];
  }
}

/** Whether an input is accepted, or what is wrong with how it was read. */
function faultOf(read: Target['read'], input: Uint8Array): boolean | string {
  const startMs = performance.now();
  try {
    const accepted = read(input);
    if (performance.now() - startMs <= allowedMs(input.length)) return accepted;
  } catch (thrown) {
    if (thrown instanceof Broken) return `accepted wrongly: ${thrown.message}`;
    return `thrown: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`;
  }
  return isSlow(read, input)
    ? `${slow}: ${input.length} bytes take more than ${allowedMs(input.length)} ms of the processor`
    : true;
}

/** A pause of the machine is no fault of the reader: slow is what takes the thread's own time, three times in a row. */
function isSlow(read: Target['read'], input: Uint8Array): boolean {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const before = process.threadCpuUsage();
    read(input);
    const { user, system } = process.threadCpuUsage(before);
    if ((user + system) / 1_000 <= allowedMs(input.length)) return false;
  }
  return true;
}

/** What two failures have in common if they are one. */
function kindOf(reason: string): string {
  return reason.startsWith(slow) ? slow : (reason.split(/[\n\d]/)[0] ?? '');
}
