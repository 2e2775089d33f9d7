import { accept, assert, type Result, refuse } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import { type Anchor, anchoredLogsMax, entryAt, withEntry } from '#centre/signer/anchor.ts';
import type { AnchorFile } from '#centre/signer/anchor-file.ts';
import type { CentreKeys, LogSigners } from '#centre/signer/key-file.ts';
import { allowCosigning, allowRaise, allowSigning } from '#centre/signer/rules.ts';
import type {
  AdmittedLog,
  Cosignature,
  CosignRequest,
  HeartbeatRequest,
  RaiseRequest,
  SignedGroup,
  Signer,
  SignGroup,
  SignRequest,
} from '#centre/signer/signer.ts';
import { parseOrigin } from '#log/checkpoint.ts';
import { cosignCheckpoint, signCheckpoint } from '#log/cosignature.ts';
import { signHeartbeat } from '#log/heartbeat.ts';

/** Decides by the anchor as the requests before have left it: the anchor after this one, or a refusal. */
type Step = (anchor: Anchor) => Result<Anchor>;

/** Where the anchor lives; `write` resolves once it is flushed. */
export type AnchorKeeper = Pick<AnchorFile, 'anchor' | 'wasTorn' | 'write' | 'close'>;

interface Waiting {
  readonly step: Step;
  readonly settle: (outcome: Result<void>) => void;
  readonly fail: (error: unknown) => void;
}

/** Requests that share one flush of the anchor. */
const requestsPerFlushMax = 64;

/**
 * The signer with its keys in this process. Each request is decided in the order of the calls, against the anchor that those
 * before it leave; the anchor is flushed; only then is anything signed. Owner of the anchor file and of the queue: this object.
 */
export class LocalSigner implements Signer {
  readonly #logs: ReadonlyMap<string, LogSigners>;
  readonly #file: AnchorKeeper;
  readonly #clock: () => TimeMs;
  readonly #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(parts: { readonly keys: CentreKeys; readonly anchorFile: AnchorKeeper; readonly clock: () => TimeMs }) {
    this.#logs = new Map(parts.keys.logs.map((log) => [log.origin, log]));
    this.#file = parts.anchorFile;
    this.#clock = parts.clock;
  }

  get anchorWasTorn(): boolean {
    return this.#file.wasTorn;
  }

  anchor(): Anchor {
    return this.#file.anchor;
  }

  async signCheckpoint(request: SignRequest): Promise<Result<Uint8Array>> {
    const { checkpoint } = request;
    const keys = this.#keysOf(checkpoint.origin);
    if (!keys.ok) return keys;
    const timeS = this.#nowS();
    const allowed = await this.#decide((anchor) => allowSigning(anchor, request, timeS));
    return allowed.ok ? accept(await signCheckpoint(checkpoint, timeS, keys.value.log)) : allowed;
  }

  async cosign(request: CosignRequest): Promise<Result<Cosignature>> {
    const { checkpoint } = request;
    const keys = this.#witnessKeysFor(checkpoint.origin);
    if (!keys.ok) return keys;
    // The time is read when the request is decided, so that requests which wait for a flush keep their order.
    let timeS = 0;
    const allowed = await this.#decide((anchor) => {
      timeS = this.#nowS();
      return allowCosigning(anchor, request, timeS);
    });
    if (!allowed.ok) return allowed;
    return accept({ timeS, signatures: await cosignCheckpoint(checkpoint, timeS, keys.value.witness) });
  }

  async signGroup(group: SignGroup): Promise<SignedGroup> {
    const [sign, ...cosign] = await Promise.all([
      group.sign === null ? null : this.signCheckpoint(group.sign),
      ...group.cosign.map((request) => this.cosign(request)),
    ]);
    return { sign, cosign };
  }

  async heartbeat({ origin, path, nonce }: HeartbeatRequest): Promise<Result<Uint8Array>> {
    const keys = this.#keysOf(origin);
    if (!keys.ok) return keys;
    const last = this.anchor().own.find((entry) => entry.origin === origin);
    if (last === undefined) return refuseUnknown(origin);
    const checkpoint = { origin, size: last.size, root: Uint8Array.fromHex(last.root) };
    return accept(await signHeartbeat({ checkpoint, timeS: this.#nowS(), path, nonce }, keys.value.log));
  }

  async raise(request: RaiseRequest): Promise<Result<void>> {
    const { origin } = request.checkpoint;
    const witness = this.#logs.has(origin) ? undefined : this.#witnessKeysFor(origin);
    if (witness?.ok === false) return witness;
    return await this.#decide((anchor) => allowRaise(anchor, request, witness?.value.witness ?? null));
  }

  async admit({ role, origin, begins }: AdmittedLog): Promise<Result<void>> {
    const keys = role === 'own' ? this.#keysOf(origin) : this.#witnessKeysFor(origin);
    if (!keys.ok) return keys;
    return await this.#decide((anchor) => {
      if ([...anchor.own, ...anchor.followed].some((entry) => entry.origin === origin)) {
        return refuse('store.exists', `the anchor has ${origin} already: it goes on from there`, { origin });
      }
      assert(anchor[role].length < anchoredLogsMax, 'an anchor has at most 128 logs of a kind');
      return accept({ ...anchor, [role]: withEntry(anchor[role], entryAt(origin, begins)) });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    await this.#file.close();
  }

  /** Puts a step in the queue; gives its outcome once the anchor that it leaves is flushed. */
  #decide(step: Step): Promise<Result<void>> {
    assert(!this.#closed, 'the signer is open');
    return new Promise((settle, fail) => {
      this.#waiting.push({ step, settle, fail });
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    // What else is asked in this turn joins the first flush.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#flush(this.#waiting.splice(0, requestsPerFlushMax));
    // In the same stretch as the last look at the queue, so that a request which comes now starts anew.
    this.#draining = undefined;
  }

  async #flush(group: readonly Waiting[]): Promise<void> {
    let anchor = this.#file.anchor;
    const allowed: Waiting[] = [];
    for (const waiting of group) {
      try {
        const next = waiting.step(anchor);
        if (next.ok) allowed.push(waiting);
        else waiting.settle(next);
        if (next.ok) anchor = next.value;
      } catch (error) {
        waiting.fail(error);
      }
    }
    const flushed = anchor === this.#file.anchor ? accept(undefined) : await this.#file.write(anchor);
    for (const { settle } of allowed) settle(flushed);
  }

  #nowS(): number {
    return Math.floor(this.#clock() / 1000);
  }

  #keysOf(origin: string): Result<LogSigners> {
    const keys = this.#logs.get(origin);
    return keys === undefined ? refuseUnknown(origin) : accept(keys);
  }

  /** The witness for a followed log is that of our own log of the same circle and status. */
  #witnessKeysFor(origin: string): Result<LogSigners> {
    const followed = parseOrigin(origin);
    if (!followed.ok) return followed;
    const { circle, status } = followed.value;
    const keys = [...this.#logs.values()].find((log) => log.origin.endsWith(`/${circle}/${status}`));
    if (keys !== undefined && keys.origin !== origin) return accept(keys);
    return refuse('checkpoint.origin', `${origin} is of no circle and status that we take part in`, { origin });
  }
}

function refuseUnknown(origin: string): ReturnType<typeof refuse> {
  return refuse('key.unknown', `this centre holds no keys of ${origin}, or its anchor does not name it`, { origin });
}
