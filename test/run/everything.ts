// `npm test`: everything that `npm run check` does, the slow tests, those of several rooms together, and the kernel's coverage.
// `npm test -- WORD…` runs only the test files whose path holds one of the words, and nothing else.
import { kernelCoverage, kernelGlobs, kernelLinesPercentMin } from '#test/run/coverage.ts';
import { runTests, type TestOutcome } from '#test/run/run-tests.ts';
import { readingSteps, runSteps } from '#test/run/step.ts';
import { findTestFiles } from '#test/run/test-files.ts';

const testTimeoutMs = 15 * 60_000;
const besideTimeoutMs = 20 * 60_000;
const wholeTimeoutMs = 50 * 60_000;

const words = process.argv.slice(2);
const files = findTestFiles();
const chosen = (paths: readonly string[]): readonly string[] =>
  words.length === 0 ? paths : paths.filter((path) => words.some((word) => path.includes(word)));
const onFile = (line: string): boolean => process.stdout.write(`${line}\n`);
const complaints: string[] = [];

if (words.length === 0 && !(await runSteps(readingSteps))) complaints.push('a step before the tests failed');

const beside = await runTests({
  files: chosen([...files.unit, ...files.slow]),
  concurrency: 2,
  testTimeoutMs,
  runTimeoutMs: besideTimeoutMs,
  coverageOf: words.length === 0 ? kernelGlobs : [],
  onFile,
});
// These start processes of their own and some measure time, so they have the machine to themselves.
const whole = await runTests({
  files: chosen(files.whole),
  concurrency: 1,
  testTimeoutMs,
  runTimeoutMs: wholeTimeoutMs,
  coverageOf: [],
  onFile,
});

if (words.length === 0) complaints.push(...coverageComplaints(beside));
const failures = [...beside.failures, ...whole.failures];
const passed = beside.passed + whole.passed;
const failed = beside.failed + whole.failed;
if (passed + failed === 0) complaints.push('no test was run');
process.stdout.write(
  `\n${[...failures, ...complaints.map((complaint) => `✖ ${complaint}`)].join('\n')}\n${passed} passed, ${failed} failed\n`,
);
process.exitCode = failed === 0 && complaints.length === 0 ? 0 : 1;

function coverageComplaints(outcome: TestOutcome): readonly string[] {
  if (outcome.coverage === undefined) return ['the coverage of the kernel was not measured'];
  const { percent, text } = kernelCoverage(outcome.coverage);
  process.stdout.write(`\n${text}\n`);
  return percent >= kernelLinesPercentMin ? [] : [`fewer than ${kernelLinesPercentMin} % of the kernel's lines are run by tests`];
}
