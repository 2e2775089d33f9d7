import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import type { TimeMs } from '#base/time.ts';
import { type Anchor, freshEntry } from '#centre/signer/anchor.ts';
import { AnchorFile, createAnchorFile } from '#centre/signer/anchor-file.ts';
import { type CentreKeys, createCentreKeys, type LogSigners, openCentreKeys, type SealedFile } from '#centre/signer/key-file.ts';
import { LocalSigner } from '#centre/signer/local-signer.ts';
import { verifierOfKey } from '#crypto/engine.ts';
import { type Checkpoint } from '#log/checkpoint.ts';
import { signCheckpoint } from '#log/cosignature.ts';
import { type DualSigner, type NoteKeyType, noteKey } from '#log/note.ts';
import { type LogKeys, type VerifiedCheckpoint, verifyCheckpoint } from '#log/policy.ts';
import { append, consistencyProof, emptyFrontier, hashLeaf, type NodeReader, rootAt } from '#log/tree.ts';

// Centres for tests: real keys and real files, at the least cost of sealing.

export const chinaOrigin = 'cn.example/us-cn/test';
export const americaOrigin = 'us.example/us-cn/test';

export interface PracticeCentre {
  readonly folder: string;
  readonly keys: CentreKeys;
  readonly log: LogSigners;
  readonly logKeys: LogKeys;
  readonly anchorPath: string;
  /** Opens the anchor and a signer on it; `clock` gives milliseconds. */
  openSigner(clock: () => TimeMs): Promise<Result<LocalSigner>>;
  remove(): Promise<void>;
}

/** A centre with one own log, following another, each from size 0. */
export async function practiceCentre(own: string, followed: string): Promise<PracticeCentre> {
  const folder = await mkdtemp(join(tmpdir(), 'anshin-practice-'));
  mustAccept(await createCentreKeys(sealedIn(folder), [own]));
  const anchor: Anchor = { own: [freshEntry(own)], followed: [freshEntry(followed)] };
  mustAccept(await createAnchorFile(join(folder, 'anchor'), anchor));
  return await openPracticeCentre(folder);
}

/** Opens the keys of such a centre, in another process for instance. */
export async function openPracticeCentre(folder: string): Promise<PracticeCentre> {
  const keys = mustAccept(await openCentreKeys(sealedIn(folder)));
  const [log] = keys.logs;
  if (log === undefined) throw new Error('the keys of one log were made');
  const anchorPath = join(folder, 'anchor');
  return {
    folder,
    keys,
    log,
    logKeys: logKeysOf(log.log),
    anchorPath,
    openSigner: async (clock) => {
      const anchorFile = await AnchorFile.open(anchorPath);
      return anchorFile.ok ? { ok: true, value: new LocalSigner({ keys, anchorFile: anchorFile.value, clock }) } : anchorFile;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function sealedIn(folder: string): SealedFile {
  return { path: join(folder, 'keys'), passphrase: bytesOfText('practice'), cost: 10 };
}

/** The public side of a log's keys, good for every size. */
function logKeysOf(log: DualSigner): LogKeys {
  const key = (type: NoteKeyType, { algorithm, publicKey }: DualSigner['ed25519']) =>
    noteKey(log.name, type, verifierOfKey(algorithm, publicKey));
  return {
    origin: log.name,
    pairs: [
      {
        fromSize: 0,
        toSize: null,
        ed25519: key('ed25519', log.ed25519),
        mldsa44: key('ml-dsa-44-cosignature', log.mldsa44),
        mldsa44Text: key('ml-dsa-44', log.mldsa44),
      },
    ],
  };
}

/** One history of a log: leaves that tell history and index. Two histories with a common beginning part at `parting`. */
export class PracticeHistory {
  readonly #nodes = new Map<string, Uint8Array>();
  readonly #origin: string;

  constructor(
    origin: string,
    { name, parting, size }: { readonly name: string; readonly parting: number; readonly size: number },
  ) {
    this.#origin = origin;
    const leaves = Array.from({ length: size }, (_, index) => bytesOfText(`${index < parting ? 'common' : name} ${index}`));
    for (const node of append(emptyFrontier, leaves.map(hashLeaf)).nodes)
      this.#nodes.set(`${node.level}/${node.index}`, node.hash);
  }

  readonly #read: NodeReader = (level, index) => this.#nodes.get(`${level}/${index}`) ?? new Uint8Array();

  checkpoint(size: number): Checkpoint {
    return { origin: this.#origin, size, root: rootAt(size, this.#read) };
  }

  /** From one size to another, empty where the first is larger. */
  proof(from: number, to: number): readonly Uint8Array[] {
    return from <= to ? consistencyProof(from, to, this.#read) : [];
  }

  async signed(size: number, by: PracticeCentre): Promise<VerifiedCheckpoint> {
    return mustAccept(verifyCheckpoint(await signCheckpoint(this.checkpoint(size), 1, by.log.log), by.logKeys));
  }
}
