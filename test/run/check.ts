// The inner loop, `npm run check`: types, lint, format, dead code and the quick tests, all at once.
import { runTests } from '#test/run/run-tests.ts';
import { readingSteps, runSteps, type Step } from '#test/run/step.ts';
import { findTestFiles } from '#test/run/test-files.ts';

const testTimeoutMs = 30_000;
const runTimeoutMs = 120_000;
/** Files that take longer are shown: they belong under the name *.slow.test.ts, or need to be quicker. */
const quickSecondsMax = 3;

const unitTests: Step = {
  name: 'unit tests',
  run: async () => {
    const slow: string[] = [];
    const outcome = await runTests({
      files: findTestFiles().unit,
      concurrency: 2,
      testTimeoutMs,
      runTimeoutMs,
      coverageOf: [],
      onFile: (line, seconds) => {
        if (seconds > quickSecondsMax) slow.push(line);
      },
    });
    const counts = `${outcome.passed} passed, ${outcome.failed} failed`;
    const summary = [counts, ...slow.map((line) => `     slow: ${line.slice('ok  '.length)}`)].join('\n');
    return { passed: outcome.failed === 0 && outcome.passed > 0, summary, output: outcome.failures.join('\n') };
  },
};

process.exitCode = (await runSteps([...readingSteps, unitTests])) ? 0 : 1;
