// `npm test`: everything that `npm run check` does, the slow tests, those of several rooms together, and the kernel's coverage.
// `npm test -- WORD…` runs only the test files whose path holds one of the words, and nothing else.
import { kernelCoverage, kernelGlobs, kernelLinesPercentMin } from '#test/run/coverage.ts';
import { runTests, type TestOutcome, type TestRun } from '#test/run/run-tests.ts';
import { readingSteps, runSteps } from '#test/run/step.ts';
import { findTestFiles } from '#test/run/test-files.ts';
import { kernelRooms } from '#test/tidy/rooms.ts';

const testTimeoutMs = 15 * 60_000;
const runTimeoutMs = 25 * 60_000;

const words = process.argv.slice(2);
const complaints: string[] = [];
if (words.length === 0 && !(await runSteps(readingSteps))) complaints.push('a step before the tests failed');

const { unit, slow, whole } = findTestFiles();
const beside = chosen([...unit, ...slow]);
const kernel = beside.filter(isOfKernel);
const outcomes = [
  await runGroup(kernel, { concurrency: 2, coverageOf: words.length === 0 ? kernelGlobs : [] }),
  await runGroup(
    beside.filter((path) => !isOfKernel(path)),
    { concurrency: 2, coverageOf: [] },
  ),
];
// These start processes of their own and some measure time, so each has the machine to itself.
for (const path of chosen(whole)) outcomes.push(await runGroup([path], { concurrency: 1, coverageOf: [] }));

if (words.length === 0) complaints.push(...coverageComplaints(outcomes[0]));
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
const failed = outcomes.reduce((sum, outcome) => sum + outcome.failed, 0);
if (passed + failed === 0) complaints.push('no test was run');
const failures = [...outcomes.flatMap((outcome) => outcome.failures), ...complaints.map((complaint) => `✖ ${complaint}`)];
process.stdout.write(`\n${failures.join('\n')}\n${passed} passed, ${failed} failed\n`);
process.exitCode = failures.length === 0 && failed === 0 ? 0 : 1;

function chosen(paths: readonly string[]): readonly string[] {
  return words.length === 0 ? paths : paths.filter((path) => words.some((word) => path.includes(word)));
}

function isOfKernel(path: string): boolean {
  return kernelRooms.some((room) => path.startsWith(`src/${room}/`));
}

function runGroup(files: readonly string[], how: Pick<TestRun, 'concurrency' | 'coverageOf'>): Promise<TestOutcome> {
  return runTests({ ...how, files, testTimeoutMs, runTimeoutMs, onFile: (line) => process.stdout.write(`${line}\n`) });
}

function coverageComplaints(outcome: TestOutcome | undefined): readonly string[] {
  if (outcome?.coverage === undefined) return ['the coverage of the kernel was not measured'];
  const { percent, text } = kernelCoverage(outcome.coverage);
  process.stdout.write(`\n${text}\n`);
  return percent >= kernelLinesPercentMin
    ? []
    : [`fewer than ${kernelLinesPercentMin} % of the kernel's lines are run by its tests`];
}
