import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hexOf } from '#base/bytes.ts';
import { accept, mustAccept, type Result, refuse } from '#base/refusal.ts';
import { dayMs, type TimeMs } from '#base/time.ts';
import type { RungAlarm } from '#centre/alarm-book.ts';
import type { Desk, Filed, Identity, LinkState, News } from '#centre/desk.ts';
import { createSqliteStore, openSqliteStore } from '#centre/store/sqlite-store.ts';
import type { Store } from '#centre/store/store.ts';
import type { Register } from '#exchange/register.ts';
import { sealRecord } from '#record/envelope.ts';
import type { DraftRecord, Status } from '#record/envelope-schema.ts';
import { circleFromMs, fullProfile, type LaunchStep, PaperCircle } from '#test/paper-circle.ts';
import type { FiledRecord } from '#test/paper-log.ts';

/**
 * China's desk without a link: a real SQLite store, the real fold and the real agreement, adopted by both; the other side's
 * records are heard as if they had come. Time stands until a test moves it.
 */
export class PaperDesk implements Desk {
  readonly circle: PaperCircle;
  readonly identity: Identity;
  readonly store: Store;
  readonly instruments = new Map([[fullProfile.hash, fullProfile]]);
  readonly register: Register;
  readonly #folder: string;
  readonly #listeners = new Set<(news: News) => void>();
  #nowMs: TimeMs = circleFromMs + 10 * dayMs;
  #scenarioMs: TimeMs | undefined;
  line: LinkState['line'] = 'open';
  /** What `file` does instead of filing, once: a failure on the way. */
  failing: ((file: () => Promise<Result<Filed>>) => Promise<Result<Filed>>) | undefined;

  private constructor(circle: PaperCircle, opened: { readonly folder: string; readonly store: Store; readonly status: Status }) {
    this.circle = circle;
    this.store = opened.store;
    this.#folder = opened.folder;
    this.register = circle.register();
    const { origin } = circle.cn;
    this.identity = {
      centre: 'CN',
      host: 'cn.example',
      circle: 'us-cn',
      status: opened.status,
      exercise: opened.status === 'exercise' ? 'PAPER TIGER' : null,
      origin,
      peer: { centre: 'US', origin: circle.us.origin },
      successions: [],
    };
  }

  static async open(status: Status): Promise<PaperDesk> {
    const folder = await mkdtemp(join(tmpdir(), 'anshin-desk-'));
    const path = join(folder, 'store.sqlite');
    mustAccept(await createSqliteStore(path));
    const circle = new PaperCircle(status);
    const desk = new PaperDesk(circle, { folder, store: mustAccept(await openSqliteStore(path)), status });
    circle.adopt();
    for (const log of [circle.cn, circle.us]) {
      await desk.store.commit({ leaves: [{ log: log.origin, from: 0, records: log.leaves }], tiles: [], documents: [] });
      for (const [index, leaf] of log.leaves.entries()) desk.register.take(log.origin, index, leaf);
    }
    return desk;
  }

  /** A place for `people.json`, which goes away with the desk. */
  get peoplePath(): string {
    return join(this.#folder, 'people.json');
  }

  nowMs(): TimeMs {
    return this.#nowMs;
  }

  pass(lengthMs: number): void {
    this.#nowMs += lengthMs;
  }

  dutyTimeMs(): TimeMs {
    return this.#scenarioMs ?? this.circle.counted(this.#nowMs);
  }

  setScenario(timeMs: TimeMs): Result<TimeMs> {
    if (this.identity.exercise === null) return refuse('request.form', 'only an exercise has a scenario clock');
    if (timeMs < this.dutyTimeMs()) return refuse('request.form', 'the scenario clock does not go back');
    this.#scenarioMs = timeMs;
    this.tell({ kind: 'scenario', timeMs });
    return accept(timeMs);
  }

  salt(): string {
    return hexOf(randomBytes(16));
  }

  async file(draft: DraftRecord): Promise<Result<Filed>> {
    const { failing } = this;
    this.failing = undefined;
    return failing === undefined ? await this.#file(draft) : await failing(async () => await this.#file(draft));
  }

  async proof(origin: string, index: number): Promise<Result<string>> {
    return accept(`c2sp.org/tlog-proof@v1\nindex ${index}\n\n${origin}\n`);
  }

  inclusion(_origin: string, index: number, size: number): Result<string> {
    return accept(`anshin-inclusion/1\nindex ${index}\nsize ${size}\n`);
  }

  linkState(): LinkState {
    const own = { logged: this.circle.cn.size, held: null, cosigned: 0 };
    const { size } = this.circle.us;
    const line = { line: this.line, waits: null, deferred: { byThem: null, byUs: null } } as const;
    return { ...line, paths: [], own, theirs: { verified: size, held: size } };
  }

  alarms(): readonly RungAlarm[] {
    return [];
  }

  async confirmStore(): Promise<Result<void>> {
    if (this.line !== 'confirm') return refuse('link.opening', 'the other side is still being asked');
    this.line = 'open';
    this.tell({ kind: 'line', line: 'open' });
    return accept(undefined);
  }

  async backup(): Promise<Result<string>> {
    const path = join(this.#folder, 'copy.sqlite');
    await this.store.backup(path);
    return accept(path);
  }

  listen(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  tell(news: News): void {
    for (const listener of this.#listeners) listener(news);
  }

  /** A record of the agreement by the other side arrives. */
  async hearLaunch(step: LaunchStep): Promise<FiledRecord> {
    return await this.#hear(this.circle.launch(this.circle.us, this.#nowMs, step));
  }

  async hearCore(statement: Parameters<PaperCircle['core']>[2]): Promise<FiledRecord> {
    return await this.#hear(this.circle.core(this.circle.us, this.#nowMs, statement));
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.#folder, { recursive: true });
  }

  async #file(draft: DraftRecord): Promise<Result<Filed>> {
    const { cn } = this.circle;
    const filing = { serial: cn.nextSerial(draft.basis.agreement, this.#nowMs), filedAtMs: this.#nowMs };
    const sealed = sealRecord(draft, filing);
    if (!sealed.ok) return sealed;
    const { bytes, id, record } = sealed.value;
    const { index } = cn.append(bytes);
    await this.#take(cn.origin, index, bytes);
    return accept({ origin: cn.origin, index, id, record });
  }

  async #hear(filed: FiledRecord): Promise<FiledRecord> {
    await this.#take(filed.log, filed.index, filed.known.bytes);
    return filed;
  }

  async #take(log: string, index: number, bytes: Uint8Array): Promise<void> {
    await this.store.commit({ leaves: [{ log, from: index, records: [bytes] }], tiles: [], documents: [] });
    this.register.take(log, index, bytes);
    this.tell({ kind: 'record', origin: log, index, urgent: false });
  }
}
