import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Party } from '#test/federation/pair-of-centres.ts';
import type { DiskManner, ForgetfulDisk } from '#test/knife/forgetful-disk.ts';
import { LossFound } from '#test/knife/witness.ts';

const program = join(import.meta.dirname, '../../src/cli/main.ts');
/** Long: a machine at its limit starts no process quickly, and a centre that hangs hangs for ever. */
const openWithinMs = 120_000;
const linesKept = 8;
/** What `anshin serve --json` says, as far as the knife listens. */
export type LifeLine =
  | { readonly kind: 'ready'; readonly http: string }
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'record'; readonly origin: string; readonly index: number }
  | { readonly kind: 'cosigned'; readonly origin: string; readonly size: number }
  | { readonly kind: 'alarm'; readonly refusal: { readonly code: string; readonly detail: string } };

export interface LifeParts {
  readonly party: Party;
  readonly disk: ForgetfulDisk;
  readonly environment: Readonly<Record<string, string>>;
  /** The codes of alarms that it may sound. */
  readonly alarms: readonly string[];
  readonly heard: (line: LifeLine) => void;
}

/** One centre, and the process that it lives in now: the one that an operator runs. Owner of the process. */
export class Life {
  readonly party: Party;
  readonly disk: ForgetfulDisk;
  readonly #parts: LifeParts;
  #child: ChildProcess | undefined;
  /** What the process said last, on either output. */
  #lines: readonly string[] = [];
  #fault: LossFound | undefined;
  #address: string | undefined;
  #opened: Promise<void> = Promise.resolve();

  constructor(parts: LifeParts) {
    this.party = parts.party;
    this.disk = parts.disk;
    this.#parts = parts;
  }

  /** Where its officers' interface is; undefined while it is dead or being opened. */
  get address(): string | undefined {
    return this.#address;
  }

  /** Resolves once records can be filed; rejects with what it did that no centre should. */
  get opened(): Promise<void> {
    return this.#opened;
  }

  /** What it did that no centre should, whatever was awaited. */
  get fault(): LossFound | undefined {
    return this.#fault;
  }

  begin(manner: DiskManner): void {
    const args = [program, 'serve', '--dir', this.disk.directory, '--json', '--until-input-ends'];
    const env = { ...process.env, ...this.#parts.environment, ...this.disk.environment(manner) };
    const child = spawn(process.execPath, args, { stdio: 'pipe', env });
    this.#child = child;
    this.#lines = [];
    const keep = (text: string): void => {
      this.#lines = [...this.#lines, text].slice(-linesKept);
    };
    createInterface({ input: child.stderr }).on('line', keep);
    this.#opened = new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        const fault = new LossFound(`${this.party} ${why}, having said:\n${this.#lines.join('\n')}\n`);
        this.#fault ??= fault;
        reject(fault);
      };
      const timer = setTimeout(() => fail('did not open'), openWithinMs);
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = lineOf(text);
        keep(text);
        // Of a process that is dead, the last words are heard all the same.
        if (line === undefined) return;
        this.#parts.heard(line);
        if (line.kind === 'ready' && this.#child === child) this.#address = line.http;
        if (line.kind === 'alarm' && !this.#parts.alarms.includes(line.refusal.code)) {
          fail(`sounded ${line.refusal.code} (${line.refusal.detail})`);
        }
        if (line.kind !== 'line' || line.line !== 'open') return;
        clearTimeout(timer);
        resolve();
      });
      let isKilled = false;
      child.once('exit', () => {
        isKilled = this.#child !== child;
      });
      child.once('close', (code, signal) => {
        clearTimeout(timer);
        if (isKilled) resolve();
        else fail(`ended by itself with ${code ?? signal ?? 'nothing'}`);
      });
    });
    // Looked at when it is awaited.
    this.#opened.catch(() => undefined);
  }

  /** Ends it as a loss of power does; resolves once its last words are heard. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#address = undefined;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }
}

/** A killed process may leave half a line. */
function lineOf(text: string): LifeLine | undefined {
  try {
    return JSON.parse(text) as LifeLine;
  } catch {
    return undefined;
  }
}
