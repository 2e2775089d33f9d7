import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Refusal } from '#base/refusal.ts';

const program = join(import.meta.dirname, '../main.ts');
const readyWithinMs = 60_000;

/** One line of what `anshin serve --json` tells. */
export interface ServeLine {
  readonly kind: string;
  readonly http?: string;
  readonly link?: string;
  readonly line?: string;
  readonly refusal?: Refusal;
}

/** A centre in a process of its own, as an operator would run it. Owner of the process. */
export class CentreProcess {
  readonly directory: string;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<(line: ServeLine) => void>();
  readonly #errors: string[] = [];
  #ended = false;

  private constructor(directory: string, child: ChildProcess) {
    this.directory = directory;
    this.#child = child;
    if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => this.#tell(line));
    if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => this.#errors.push(line));
    child.once('exit', () => {
      this.#ended = true;
      this.#tell('{"kind":"ended"}');
    });
  }

  /** Starts a centre and resolves once it serves. It ends by itself if this process does. */
  static async start(directory: string, passphraseFile: string): Promise<CentreProcess> {
    const args = [program, 'serve', '--dir', directory, '--passphrase-file', passphraseFile, '--json', '--until-input-ends'];
    const started = new CentreProcess(directory, spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] }));
    await started.until(({ kind }) => kind === 'ready', readyWithinMs);
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Hears each line from now on; the returned function stops it. */
  listen(listener: (line: ServeLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The next line that is wanted; throws with what the process said if it ends first, or says nothing for too long. */
  until(isWanted: (line: ServeLine) => boolean, withinMs: number): Promise<ServeLine> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        stop();
      };
      const stop = this.listen((line) => {
        if (isWanted(line)) {
          done();
          resolve(line);
        } else if (line.kind === 'ended') {
          done();
          reject(new Error(`the centre in ${this.directory} ended:\n${this.#errors.join('\n')}`));
        }
      });
      const timer = setTimeout(() => {
        done();
        reject(
          new Error(`the centre in ${this.directory} did not answer within ${withinMs / 1000} s\n${this.#errors.join('\n')}`),
        );
      }, withinMs);
    });
  }

  /** Asks the process to close its store, and waits until it has. */
  async stop(): Promise<void> {
    if (this.#ended) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exit;
  }

  /** Resolves when the process has ended, for whatever reason. */
  async ended(): Promise<void> {
    if (!this.#ended) await once(this.#child, 'exit');
  }

  #tell(text: string): void {
    const line = JSON.parse(text) as ServeLine;
    for (const listener of this.#listeners) listener(line);
  }
}
