import assert from 'node:assert/strict';
import { bytesOfHex, bytesOfText, concatBytes, hexOf } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { type TimeMs, textOfTime } from '#base/time.ts';
import { pathsOf } from '#centre/config.ts';
import { type LogSigners, openCentreKeys } from '#centre/signer/key-file.ts';
import type { Lane } from '#exchange/delivery.ts';
import type { Message } from '#exchange/message.ts';
import { parseCheckpointText } from '#log/checkpoint.ts';
import { cosignCheckpoint, signCheckpoint } from '#log/cosignature.ts';
import { nonceBytes, signHeartbeat } from '#log/heartbeat.ts';
import { formatNote, formatSignatureLines, parseNote } from '#log/note.ts';
import { formatProof } from '#log/proof.ts';
import { append, consistencyProof, emptyFrontier, hashLeaf, inclusionProof, type NodeReader, rootAt } from '#log/tree.ts';
import type { CoreContent, CoreFormat } from '#record/core-formats.ts';
import type { Precedence } from '#record/envelope-schema.ts';
import { Caller } from '#test/federation/caller.ts';
import { identityOf } from '#test/federation/courier.ts';
import { passphrase, until } from '#test/federation/pair-of-centres.ts';
import { coreDraft, type FiledRecord, PaperLog } from '#test/paper-log.ts';
import type { Stage } from './stage.ts';

/** What a history begins with. */
interface Past {
  readonly leaves: readonly Uint8Array[];
  readonly callers: Map<Lane, Caller>;
}

/** China's centre by hand: it has China's keys, and says and leaves unsaid what a case asks for. */
export class ByHand {
  readonly log: PaperLog;
  readonly keys: LogSigners;
  readonly #stage: Stage;
  readonly #callers: Map<Lane, Caller>;
  #held = 0;
  #receiptedTo = 0;

  private constructor(stage: Stage, keys: LogSigners, { leaves, callers }: Past) {
    this.#stage = stage;
    this.#callers = callers;
    this.keys = keys;
    const parties = ['CN', 'US'];
    this.log = new PaperLog({ origin: keys.origin, owner: 'CN', status: 'test', parties, successions: [] });
    for (const leaf of leaves) this.log.append(leaf);
  }

  /** Takes China's keys out of its directory; its log begins with these leaves. */
  static async of(stage: Stage, leaves: readonly Uint8Array[] = []): Promise<ByHand> {
    const { logs } = mustAccept(await openCentreKeys({ path: pathsOf(stage.pair.directory('CN')).keys, passphrase, cost: 0 }));
    return new ByHand(stage, logs[0] ?? assert.fail('the keys of one log'), { leaves, callers: new Map() });
  }

  /** Another history with the same beginning, said on the same lanes. */
  branch(): ByHand {
    return new ByHand(this.#stage, this.keys, { leaves: this.log.leaves, callers: this.#callers });
  }

  /** Calls the United States on both lanes, and says of their log that it holds so much. */
  async connect(shown?: Uint8Array, signer = this.keys.log): Promise<void> {
    const identity = await identityOf(this.#stage.pair, 'CN');
    const address = this.#stage.pair.running.get('US')?.linkAddress ?? '';
    const { origin } = this.log;
    this.#held = this.#stage.centre('US').linkState().own.logged;
    for (const lane of ['next', 'urgent'] as const) {
      const caller = await Caller.call({ address, identity }, lane);
      this.#callers.set(lane, caller);
      const hello = { kind: 'hello', protocol: 1, centre: 'CN', origin, lane, held: this.#held, urgentHeld: [] } as const;
      caller.say(hello, shown === undefined ? [] : [shown]);
      await caller.hear('hello');
      await this.beat(lane, signer);
    }
    const us = this.#stage.centre('US');
    await until('the line is open', () => us.linkState().line === 'open');
    if (signer === this.keys.log) await this.#stage.alive('US');
  }

  /** Answers their heartbeat on a lane. */
  async beat(lane: Lane, signer = this.keys.log): Promise<void> {
    const { header } = await this.caller(lane).hear('heartbeat');
    const nonce = mustAccept(bytesOfHex(header.kind === 'heartbeat' ? header.nonce : '', nonceBytes));
    const { origin, size } = this.log;
    const checkpoint = { origin, size, root: rootAt(size, this.read) };
    const note = await signHeartbeat({ checkpoint, timeS: this.#nowS, path: lane, nonce }, signer);
    this.caller(lane).say({ kind: 'heartbeat', nonce: 'a5'.repeat(nonceBytes) }, [note]);
  }

  caller(lane: Lane): Caller {
    return this.#callers.get(lane) ?? assert.fail('a lane is connected');
  }

  /** Awaits deliveries in order up to the one that has a leaf, and says that they are held. */
  async receive(index: number): Promise<Message> {
    for (;;) {
      const delivery = await this.caller('next').hear('next');
      const from = delivery.header.kind === 'next' ? delivery.header.from : 0;
      this.#held = from + delivery.attachments.length - 2;
      this.caller('next').say({ kind: 'held', held: this.#held, again: false });
      await until('that is known', () => this.#stage.centre('US').linkState().own.held === this.#held);
      if (this.#held > index) return delivery;
    }
  }

  /** Cosigns the checkpoint of a delivery, as China's witness. */
  async cosign(delivery: Message): Promise<void> {
    const { text } = mustAccept(parseNote(delivery.attachments[0] ?? new Uint8Array()));
    const checkpoint = mustAccept(parseCheckpointText(text));
    const lines = await cosignCheckpoint(checkpoint, this.#nowS, this.keys.witness);
    this.caller('next').say({ kind: 'cosigned', size: checkpoint.size }, [bytesOfText(formatSignatureLines(lines))]);
    await until('the cosignature is kept', () => this.#stage.centre('US').linkState().own.cosigned === checkpoint.size);
  }

  file<F extends CoreFormat>(format: F, content: CoreContent<F>, precedence: Precedence = 'R'): FiledRecord {
    const role = format === 'RECEIPT' ? 'machine' : 'releaser';
    const originator = { centre: 'CN', role } as const;
    const draft = coreDraft(
      this.log,
      { format, content, to: 'US' },
      { originator, precedence: { action: precedence, info: precedence } },
    );
    return this.log.file(draft, this.#stage.nowMs('CN'));
  }

  /** Logs a receipt of the delivery, as of a time. */
  receipt(delivery: Message, change: { readonly from?: number; readonly receivedAtMs: TimeMs }): FiledRecord {
    const { text } = mustAccept(parseNote(delivery.attachments[0] ?? new Uint8Array()));
    const { origin, size, root } = mustAccept(parseCheckpointText(text));
    const from = change.from ?? this.#receiptedTo;
    this.#receiptedTo = size;
    const receivedAt = textOfTime(change.receivedAtMs);
    return this.file('RECEIPT', { log: origin, from, to: size, size, root: hexOf(root), lane: 'next', receivedAt });
  }

  /** Sends everything that the United States do not hold, and awaits that they do. */
  async deliver(): Promise<void> {
    const { size } = this.log;
    await this.sayNext(this.#stage.centre('US').linkState().theirs.held, size);
    const { register } = this.#stage.centre('US');
    await until('all is folded', () => register.held().some((log) => log.origin === this.log.origin && log.size === size));
  }

  async sayNext(from: number, to: number, signer = this.keys.log): Promise<void> {
    const { read, leaves } = this;
    const proof = concatBytes(...consistencyProof(to, this.log.size, read));
    this.caller('next').say({ kind: 'next', from }, [await this.note(signer), proof, ...leaves.slice(from, to)]);
  }

  async sayUrgent(index: number, base: number): Promise<void> {
    const { size } = this.log;
    const inclusion = concatBytes(...inclusionProof(index, size, this.read));
    const consistency = concatBytes(...consistencyProof(base, size, this.read));
    const leaf = this.leaves[index] ?? assert.fail('a leaf of the log');
    this.caller('urgent').say({ kind: 'urgent', index, base }, [await this.note(), inclusion, consistency, leaf]);
  }

  /** The signed checkpoint of the whole log. */
  async note(signer = this.keys.log): Promise<Uint8Array> {
    const { origin, size } = this.log;
    return await signCheckpoint({ origin, size, root: rootAt(size, this.read) }, this.#nowS, signer);
  }

  /** A leaf with its proof, as files of the third party; cosigned by whoever has such keys. */
  async shown(
    name: string,
    index: number,
    by: { readonly witness?: LogSigners['witness']; readonly log?: LogSigners['log']; readonly extra?: Uint8Array } = {},
  ): Promise<{ readonly record: string; readonly proof: string }> {
    const { origin, size } = this.log;
    const note = mustAccept(parseNote(await this.note(by.log)));
    const checkpoint = { origin, size, root: rootAt(size, this.read) };
    const lines = by.witness === undefined ? [] : await cosignCheckpoint(checkpoint, this.#nowS, by.witness);
    const proof = formatProof({
      extra: by.extra ?? null,
      index,
      hashes: inclusionProof(index, size, this.read),
      checkpoint: formatNote({ ...note, signatures: [...note.signatures, ...lines] }),
    });
    const record = this.leaves[index] ?? assert.fail('a leaf of the log');
    return { record: this.#stage.keep(`${name}.json`, record), proof: this.#stage.keep(`${name}.tlog-proof`, proof) };
  }

  hangUp(): void {
    for (const caller of this.#callers.values()) caller.close();
  }

  get leaves(): readonly Uint8Array[] {
    return this.log.leaves;
  }

  readonly read: NodeReader = (level, index) => {
    const { nodes } = append(emptyFrontier, this.leaves.map(hashLeaf));
    return nodes.find((node) => node.level === level && node.index === index)?.hash ?? assert.fail('a node of the tree');
  };

  get #nowS(): number {
    return Math.floor(this.#stage.nowMs('CN') / 1000);
  }
}
