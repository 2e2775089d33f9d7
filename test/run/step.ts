import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '#test/run/test-files.ts';

/** One thing that a check does. `run` resolves in any case; what it prints is shown only if it failed. */
export interface Step {
  readonly name: string;
  readonly run: () => Promise<StepOutcome>;
}

export interface StepOutcome {
  readonly passed: boolean;
  /** A few words for the step's line, such as `143 passed`. */
  readonly summary: string;
  readonly output: string;
}

/** Runs all steps at once and prints a line for each as it ends; resolves with whether all passed. */
export async function runSteps(steps: readonly Step[]): Promise<boolean> {
  const passed = await Promise.all(steps.map(runStep));
  return passed.every(Boolean);
}

async function runStep(step: Step): Promise<boolean> {
  const startedMs = performance.now();
  const outcome = await step.run();
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const mark = outcome.passed ? 'ok  ' : 'FAIL';
  process.stdout.write(`${mark} ${step.name.padEnd(10)} ${seconds.padStart(5)} s  ${outcome.summary}\n`);
  if (!outcome.passed) process.stdout.write(`${outcome.output.trimEnd()}\n`);
  return outcome.passed;
}

/** A step that runs a program of `node_modules/.bin` and passes if that exits with 0. */
function programStep(name: string, program: string, args: readonly string[]): Step {
  return { name, run: () => runProgram(program, args) };
}

function runProgram(program: string, args: readonly string[]): Promise<StepOutcome> {
  const child = spawn(join(root, 'node_modules', '.bin', program), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ passed: false, summary: `${program} does not start`, output: error.message }));
    child.on('close', (code) => resolve({ passed: code === 0, summary: '', output: Buffer.concat(chunks).toString('utf8') }));
  });
}

/** Types, lint, format and dead code: what reads the source and runs none of it. */
export const readingSteps: readonly Step[] = [
  programStep('types', 'tsc', ['--noEmit']),
  programStep('lint', 'oxlint', ['--format=unix']),
  programStep('format', 'biome', ['check', '--max-diagnostics=20', '--colors=off']),
  programStep('dead code', 'knip', ['--no-progress', '--no-config-hints']),
];
