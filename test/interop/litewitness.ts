import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base64Of } from '#base/bytes.ts';
import { verifierOfKey } from '#crypto/engine.ts';
import { type NoteKey, noteKey } from '#log/note.ts';
import { freePort, until } from '#test/federation/pair-of-centres.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The witness of others, by C2SP tlog-witness, with a fresh key in an ssh-agent of its own. Owner of both processes. */
export class Litewitness {
  readonly key: NoteKey;
  readonly #folder: string;
  readonly #url: string;
  readonly #processes: readonly ChildProcess[];

  private constructor(parts: {
    readonly key: NoteKey;
    readonly folder: string;
    readonly url: string;
    readonly processes: readonly ChildProcess[];
  }) {
    this.key = parts.key;
    this.#folder = parts.folder;
    this.#url = parts.url;
    this.#processes = parts.processes;
  }

  /** Starts it with one log to witness, known by one verifier key. */
  static async start(programs: string, log: { readonly origin: string; readonly vkey: string }): Promise<Litewitness> {
    const folder = mkdtempSync(join(tmpdir(), 'anshin-witness-'));
    const [socket, database, seed] = ['agent.sock', 'witness.db', 'key'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    const processes = [agent];
    await until('the ssh-agent', () => existsSync(socket));
    run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', seed]);
    run('ssh-add', ['-q', seed], { SSH_AUTH_SOCK: socket });
    const fingerprint = run('ssh-keygen', ['-l', '-f', `${seed}.pub`]).split(' ')[1] ?? '';
    const witnessctl = join(programs, 'usr/bin/witnessctl');
    run(witnessctl, ['add-log', '-db', database, '-origin', log.origin]);
    run(witnessctl, ['add-key', '-db', database, '-origin', log.origin, '-key', log.vkey]);
    const port = await freePort();
    const name = 'witness.example/lite';
    const place = ['-db', database, '-ssh-agent', socket, '-listen', `127.0.0.1:${port}`];
    const program = join(programs, 'usr/bin/litewitness');
    processes.push(spawn(program, [...place, '-name', name, '-key', fingerprint], { stdio: 'ignore' }));
    const key = noteKey(name, 'ed25519-cosignature', verifierOfKey('ed25519', publicKeyIn(readFileSync(`${seed}.pub`, 'utf8'))));
    const witness = new Litewitness({ key, folder, url: `http://127.0.0.1:${port}`, processes });
    await witness.#answers();
    return witness;
  }

  /** `POST add-checkpoint`: the size it is thought to have, consistency from there, and the checkpoint. */
  async addCheckpoint(old: number, proof: readonly Uint8Array[], checkpoint: Uint8Array): Promise<Answer> {
    const head = [`old ${old}`, ...proof.map(base64Of), '', ''].join('\n');
    const body = Buffer.concat([Buffer.from(head), checkpoint]);
    const response = await fetch(`${this.#url}/add-checkpoint`, { method: 'POST', body });
    return { status: response.status, text: await response.text() };
  }

  async stop(): Promise<void> {
    for (const child of this.#processes) {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    for (let tries = 0; tries < 400; tries += 1) {
      const there = await fetch(this.#url).then(
        () => true,
        () => false,
      );
      if (there) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    assert.fail('litewitness does not answer');
  }
}

function run(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  const ran = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, ...environment } });
  assert.equal(ran.status, 0, `${program}: ${ran.error?.message ?? ran.stderr}`);
  return ran.stdout;
}

/** The last 32 bytes of an SSH public key of the kind ssh-ed25519. */
function publicKeyIn(line: string): Uint8Array {
  return new Uint8Array(Buffer.from(line.split(' ')[1] ?? '', 'base64').subarray(-32));
}
