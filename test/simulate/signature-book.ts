import { hexOf } from '#base/bytes.ts';
import type { Result } from '#base/refusal.ts';
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
import type { Checkpoint } from '#log/checkpoint.ts';
import type { Disk } from './disk.ts';
import type { Party } from './network.ts';

/** A signature that one side gave: over how many leaves of which log, with which root. */
export interface Given {
  readonly party: Party;
  readonly kind: 'signed' | 'cosigned';
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

/**
 * Every signature that the two sides gave in a run, each compared with what was flushed when it was given: the anchor that covers
 * it, and the leaves that it speaks of. One side never gives two roots for one size.
 */
export class SignatureBook {
  readonly given = new Map<string, Given>();
  /** How far each side went last, by party and kind. */
  readonly #greatest = new Map<string, number>();
  readonly #violated: (what: string) => void;

  constructor(violated: (what: string) => void) {
    this.#violated = violated;
  }

  enter(given: Given, disk: Disk): void {
    const { party, kind, origin, size, root } = given;
    const what = `${party} ${kind} ${size} leaves of ${origin}`;
    const anchored = disk.anchored[kind === 'signed' ? 'own' : 'followed'].find((entry) => entry.origin === origin);
    if ((anchored?.size ?? -1) < size) this.#violated(`${what} before its anchor was flushed (at ${anchored?.size})`);
    const held = disk.image.logs.get(origin)?.length ?? 0;
    if (held < size) this.#violated(`${what}, of which ${held} are on its disk`);
    const key = `${party} ${origin} ${size}`;
    const known = this.given.get(key);
    if (known !== undefined && known.root !== root) this.#violated(`${what} twice, with two roots`);
    this.given.set(key, given);
    const before = this.#greatest.get(`${party} ${kind}`) ?? 0;
    if (size < before) this.#violated(`${what} after it had ${kind} ${before}`);
    this.#greatest.set(`${party} ${kind}`, size);
  }

  /** A machine that was put back as a whole, anchor and all, does not know how far it had signed. */
  machineRestored(party: Party): void {
    for (const kind of ['signed', 'cosigned']) this.#greatest.delete(`${party} ${kind}`);
  }
}

/** A signer whose every answer is entered in the book before anybody else sees it. */
export class WatchedSigner implements Signer {
  readonly #signer: Signer;
  readonly #enter: (kind: Given['kind'], checkpoint: Checkpoint) => void;

  constructor(signer: Signer, watch: { readonly party: Party; readonly disk: Disk; readonly book: SignatureBook }) {
    const { party, disk, book } = watch;
    this.#signer = signer;
    this.#enter = (kind, { origin, size, root }) => book.enter({ party, kind, origin, size, root: hexOf(root) }, disk);
  }

  get anchorWasTorn(): boolean {
    return this.#signer.anchorWasTorn;
  }

  async signCheckpoint(request: SignRequest): Promise<Result<Uint8Array>> {
    const signed = await this.#signer.signCheckpoint(request);
    if (signed.ok) this.#enter('signed', request.checkpoint);
    return signed;
  }

  async cosign(request: CosignRequest): Promise<Result<Cosignature>> {
    const cosigned = await this.#signer.cosign(request);
    if (cosigned.ok) this.#enter('cosigned', request.checkpoint);
    return cosigned;
  }

  async signGroup(group: SignGroup): Promise<SignedGroup> {
    const signed = await this.#signer.signGroup(group);
    if (group.sign !== null && signed.sign?.ok === true) this.#enter('signed', group.sign.checkpoint);
    for (const [position, { checkpoint }] of group.cosign.entries())
      if (signed.cosign[position]?.ok === true) this.#enter('cosigned', checkpoint);
    return signed;
  }

  async heartbeat(request: HeartbeatRequest): Promise<Result<Uint8Array>> {
    return await this.#signer.heartbeat(request);
  }

  async raise(request: RaiseRequest): Promise<Result<void>> {
    return await this.#signer.raise(request);
  }

  async admit(log: AdmittedLog): Promise<Result<void>> {
    return await this.#signer.admit(log);
  }

  anchor(): ReturnType<Signer['anchor']> {
    return this.#signer.anchor();
  }

  async close(): Promise<void> {
    await this.#signer.close();
  }
}
