import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const program = join(import.meta.dirname, '../../src/cli/main.ts');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a command whose input stays open and empty. */
export function startAnshin(args: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess {
  const env = { ...process.env, NO_COLOR: '1', ...environment };
  return spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env });
}

/** Runs a command as a person does, in a process of its own, without a terminal. */
export async function runAnshin(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = startAnshin(args, environment);
  child.stdin?.end();
  const [stdout, stderr] = await Promise.all([textOf(child.stdout), textOf(child.stderr), ended(child)]);
  return { code: child.exitCode, stdout, stderr };
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
}
