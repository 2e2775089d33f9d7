import { join, relative } from 'node:path';
import type { EventData } from 'node:test';
import { run } from 'node:test';
import { inspect } from 'node:util';
import type { CoverageSummary } from '#test/run/coverage.ts';
import { root } from '#test/run/test-files.ts';

/** What a run of test files came to. */
export interface TestOutcome {
  readonly passed: number;
  readonly failed: number;
  /** The failures in full: test, place and error. */
  readonly failures: readonly string[];
  readonly coverage: CoverageSummary | undefined;
}

export interface TestRun {
  /** Paths from the root of the project. */
  readonly files: readonly string[];
  /** How many files run at once, each in a process of its own. */
  readonly concurrency: number;
  /** After how long a test counts as failed. */
  readonly testTimeoutMs: number;
  /** After how long the whole run is ended. */
  readonly runTimeoutMs: number;
  /** Globs of the files whose line coverage is wanted; none for a run without. */
  readonly coverageOf: readonly string[];
  /** Called with a line for each file, and the seconds that it took, when its tests have ended. */
  readonly onFile: (line: string, seconds: number) => void;
}

const outputShownMax = 4_000;

/** Runs test files with Node's own runner, each file in a process of its own. */
export async function runTests(wanted: TestRun): Promise<TestOutcome> {
  if (wanted.files.length === 0) return { passed: 0, failed: 0, failures: [], coverage: undefined };
  const tally = new Tally(wanted);
  const stream = run({
    cwd: root,
    files: wanted.files.map((path) => join(root, path)),
    concurrency: wanted.concurrency,
    timeout: wanted.testTimeoutMs,
    signal: AbortSignal.timeout(wanted.runTimeoutMs),
    // A test that timed out may have left something open, for which its process waits until the run is ended. The runner's own
    // remedy, `forceExit`, now and then loses what a busy process has to report.
    coverage: wanted.coverageOf.length > 0,
    coverageIncludeGlobs: [...wanted.coverageOf],
    coverageExcludeGlobs: ['**/*.test.ts'],
  });
  stream.on('test:fail', (fault) => tally.addFailure(fault));
  stream.on('test:summary', (event) => tally.addSummary(event));
  stream.on('test:stdout', (event) => tally.addOutput(event));
  stream.on('test:stderr', (event) => tally.addOutput(event));
  stream.on('test:coverage', (event) => tally.addCoverage(event.summary));
  await new Promise<void>((resolve, reject) => {
    stream.on('end', resolve).on('error', reject).resume();
  });
  return tally.outcome();
}

/** Counts what the runner reports, by file. Owner of the counts: the one run. */
class Tally {
  readonly #wanted: TestRun;
  readonly #unfinished: Set<string>;
  readonly #output = new Map<string, string>();
  readonly #failures: string[] = [];
  #passed = 0;
  #failed = 0;
  #coverage: CoverageSummary | undefined;

  constructor(wanted: TestRun) {
    this.#wanted = wanted;
    this.#unfinished = new Set(wanted.files);
  }

  addFailure(fault: EventData.TestFail): void {
    const path = relative(root, fault.file ?? '');
    // The runner's word that a file failed says less than its output, which `outcome` shows.
    if (this.#wanted.files.includes(relative(root, fault.name))) return;
    if ((fault.details.error as Error & { failureType?: string }).failureType === 'subtestsFailed') return;
    const error = fault.details.error.cause ?? fault.details.error;
    this.#failures.push(`✖ ${fault.name}  (${path}:${fault.line ?? 0})\n${indented(inspect(error))}\n`);
  }

  /** Takes the summary of a file; that of the whole run counts a file without tests as a test that passed. */
  addSummary(event: EventData.TestSummary): void {
    if (event.file === undefined || event.counts.tests === 0) return;
    const path = relative(root, event.file);
    const failed = event.counts.tests - event.counts.passed;
    this.#unfinished.delete(path);
    this.#passed += event.counts.passed;
    this.#failed += failed;
    const seconds = event.duration_ms / 1000;
    const mark = failed === 0 ? 'ok  ' : 'FAIL';
    const line = `${mark} ${seconds.toFixed(1).padStart(6)} s  ${String(event.counts.passed).padStart(4)} passed  ${path}`;
    this.#wanted.onFile(line, seconds);
  }

  addOutput(event: EventData.TestStdout | EventData.TestStderr): void {
    const path = relative(root, event.file ?? '');
    this.#output.set(path, `${this.#output.get(path) ?? ''}${event.message}`.slice(-outputShownMax));
  }

  addCoverage(summary: CoverageSummary): void {
    this.#coverage = summary;
  }

  /** A file that gave no summary has not run its tests to their end, whatever its exit code: that is one failure. */
  outcome(): TestOutcome {
    const cut = [...this.#unfinished].map((path) => {
      this.#wanted.onFile(`FAIL                      ${path}`, 0);
      return `✖ ${path} has no tests, or ended (or was ended with the run) before they had\n${indented(this.#output.get(path) ?? '')}\n`;
    });
    const failures = [...this.#failures, ...cut];
    return { passed: this.#passed, failed: this.#failed + cut.length, failures, coverage: this.#coverage };
  }
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '    ');
}
