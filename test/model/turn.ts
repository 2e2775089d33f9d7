import type { DeliveryEffect, DeliveryEvent, Lane } from '#exchange/delivery.ts';
import {
  begunProcess,
  type Centre,
  type Design,
  type Input,
  type LaneState,
  type Process,
  type Reaction,
} from '#test/model/centre.ts';
import { type Ahead, type Disk, receiptOfStretch, receiptOfUrgent, withAhead } from '#test/model/disk.ts';
import {
  type Filing,
  filingLeaf,
  foldOf,
  isUrgentLeaf,
  type Leaf,
  namesOf,
  type ReceiptRange,
  receiptLeaf,
  receiptsIn,
  wrongReceipt,
} from '#test/model/leaf.ts';
import type { Message, Send } from '#test/model/message.ts';

export function react(centre: Centre, input: Input, design: Design): Reaction {
  const turn = new Turn(centre, design);
  turn.take(input);
  return turn.reaction;
}

class Breach extends Error {}

/** One turn of a centre: what `src/centre/link/peer-link.ts` and those around it do between two awaits. Owner of its copy. */
class Turn {
  readonly #design: Design;
  readonly #sends: Send[] = [];
  #centre: Centre;
  #breach: string | undefined;

  constructor(centre: Centre, design: Design) {
    this.#centre = centre;
    this.#design = design;
  }

  get reaction(): Reaction {
    return { centre: this.#centre, sends: this.#sends, breach: this.#breach };
  }

  take(input: Input): void {
    try {
      this.#take(input);
    } catch (error) {
      if (!(error instanceof Breach)) throw error;
      this.#breach = error.message;
    }
  }

  #take(input: Input): void {
    switch (input.kind) {
      case 'file':
        return this.#file(input.filing);
      case 'connect':
        return this.#connect(input.lane);
      case 'lose':
        return this.#lose(input.lane);
      case 'deliver':
        return this.#receive(input.lane, input.message);
      case 'defer':
        return this.#send('next', { kind: 'deferred' });
      case 'read':
        return this.#read(input.to);
      case 'stored':
        return this.#stored();
      case 'stored-urgent':
        return this.#storedUrgent(input.index);
      case 'failed':
        this.#setProcess({ storing: null, arrivals: [] });
        this.#step({ kind: 'store-failed', lane: 'next' });
        return this.#lose('next');
      case 'failed-urgent':
        this.#forgetUrgent(input.index);
        this.#step({ kind: 'store-failed', lane: 'urgent', index: input.index });
        return this.#lose('urgent');
      case 'overdue':
        return this.#step({ kind: 'overdue' });
      case 'resume':
        return this.#step({ kind: 'resumed' });
      case 'confirm':
        return this.#open();
      case 'backup':
        return this.#set({ backup: { disk: this.#centre.disk, anchor: this.#centre.anchor } });
      case 'kill':
        return this.#kill(input);
      case 'restore':
        return this.#restore(input.anchorToo);
      case 'start':
        return this.#start();
      case 'recover':
        return this.#recover(input.from);
    }
  }

  get #process(): Process {
    const { process } = this.#centre;
    if (process === null) throw new Error('the process does not run');
    return process;
  }

  #set(change: Partial<Centre>): void {
    this.#centre = { ...this.#centre, ...change };
  }

  #setProcess(change: Partial<Process>): void {
    this.#set({ process: { ...this.#process, ...change } });
  }

  #setDisk(change: Partial<Disk>): void {
    this.#set({ disk: { ...this.#centre.disk, ...change } });
  }

  /** Signs what the disk has, after the anchor is durable. */
  #sign(): void {
    const { disk, anchor, signed } = this.#centre;
    if (this.#design.anchored && !disk.own.startsWith(anchor))
      throw new Error('the signer refuses; it should not have been asked');
    if (!disk.own.startsWith(signed) && !signed.startsWith(disk.own))
      throw new Breach(`two histories are signed: ${namesOf(signed)} and ${namesOf(disk.own)}`);
    this.#set({ anchor: disk.own, signed: disk.own.length > signed.length ? disk.own : signed });
  }

  /** Writes to the own log, signs it, and tells the link. */
  #append(leaf: Leaf): void {
    const { own } = this.#centre.disk;
    this.#setDisk({ own: own + leaf });
    this.#sign();
    const urgent = isUrgentLeaf(leaf) ? [own.length] : [];
    this.#step({ kind: 'logged', size: own.length + 1, urgent, flash: urgent });
  }

  #file(kind: Filing): void {
    const { filed, life } = this.#centre;
    this.#set({ filed: filed + 1 });
    this.#append(filingLeaf(kind, { ordinal: filed, life }));
  }

  #step(event: DeliveryEvent): void {
    const [delivery, effects] = this.#design.step(this.#process.delivery, event);
    this.#setProcess({ delivery });
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: DeliveryEffect): void {
    const { disk } = this.#centre;
    switch (effect.kind) {
      case 'send-next':
        return this.#setProcess({ reading: effect.from });
      case 'send-urgent':
        return this.#sendOn('urgent', { kind: 'urgent', index: effect.index, leaf: disk.own.charAt(effect.index) });
      case 'store-next':
        return this.#beginStore(effect.to);
      case 'store-urgent':
        return this.#beginUrgentStore(effect.index);
      case 'answer-next':
        if (effect.held > disk.held.length)
          throw new Breach(`answers that ${effect.held} leaves are held; ${disk.held.length} are`);
        return this.#send('next', { kind: 'held', held: effect.held, again: effect.again });
      case 'answer-urgent':
        if (effect.index >= disk.held.length && !this.#isAhead(effect.index))
          throw new Breach(`answers that urgent leaf ${effect.index} is held; it is not`);
        return this.#send('urgent', { kind: 'held-urgent', index: effect.index });
    }
  }

  #isAhead(index: number): boolean {
    return this.#centre.disk.urgentHeld.some((ahead) => ahead.index === index);
  }

  /** Answers leave only where the other side has greeted. */
  #send(lane: Lane, message: Message): void {
    if (this.#process.lanes[lane] === 2) this.#sends.push({ lane, message });
  }

  #sendOn(lane: Lane, message: Message): void {
    if (this.#process.lanes[lane] > 0) this.#sends.push({ lane, message });
  }

  #connect(lane: Lane): void {
    if (this.#process.lanes[lane] > 0) this.#lose(lane);
    this.#setLane(lane, 1);
    const { held, urgentHeld } = this.#centre.disk;
    this.#sends.push({ lane, message: { kind: 'hello', held, urgentHeld: urgentHeld.map(({ index }) => index) } });
  }

  #setLane(lane: Lane, state: LaneState): void {
    this.#setProcess({ lanes: { ...this.#process.lanes, [lane]: state } });
  }

  #lose(lane: Lane): void {
    if (this.#process.lanes[lane] === 0) return;
    this.#setLane(lane, 0);
    if (lane === 'next') this.#setProcess({ arrivals: [], reading: null });
    this.#step({ kind: 'closed', lane });
  }

  #receive(lane: Lane, message: Message): void {
    switch (message.kind) {
      case 'hello':
        this.#setLane(lane, 2);
        this.#shown(message.held);
        return this.#step({ kind: 'opened', lane, held: message.held.length, urgentHeld: message.urgentHeld });
      case 'next':
        return this.#arriveNext(message);
      case 'urgent':
        return this.#arriveUrgent(message);
      case 'held':
        return this.#step({ kind: 'answered-next', held: message.held, again: message.again });
      case 'held-urgent':
        return this.#step({ kind: 'answered-urgent', index: message.index });
      case 'deferred':
        return this.#step({ kind: 'deferred' });
    }
  }

  /** What the other side holds of our log, under our own signature (`spec/link.md` 9). */
  #shown(held: string): void {
    const { disk, anchor } = this.#centre;
    const { line } = this.#process;
    if (line === 'behind' || (held === '' && disk.own !== '')) return;
    if (!disk.own.startsWith(held)) {
      this.#setProcess({ line: 'behind' });
      return this.#set({ anchor: held.length > anchor.length ? held : anchor });
    }
    if (line === 'opening') this.#open();
  }

  #open(): void {
    this.#setProcess({ line: 'open' });
    this.#send('next', { kind: 'held', held: this.#centre.disk.held.length, again: true });
    if (this.#process.urgentMissed) this.#lose('urgent');
    this.#setProcess({ urgentMissed: false });
  }

  #arrivedTo(): number {
    const { arrivals, storing } = this.#process;
    return this.#centre.disk.held.length + (storing ?? '').length + arrivals.join('').length;
  }

  #arriveNext({ from, leaves }: Extract<Message, { readonly kind: 'next' }>): void {
    if (this.#process.line !== 'open') return;
    const to = from + leaves.length;
    const end = this.#arrivedTo();
    if (from <= end && to > end) this.#setProcess({ arrivals: [...this.#process.arrivals, leaves.slice(end - from)] });
    this.#step({ kind: 'arrived-next', from, to });
  }

  #arriveUrgent({ index, leaf }: Extract<Message, { readonly kind: 'urgent' }>): void {
    const { line, delivery, storingUrgent } = this.#process;
    if (line !== 'open') return this.#setProcess({ urgentMissed: true });
    const { inbound } = delivery;
    const known = index < inbound.held || inbound.urgentHeld.includes(index) || inbound.urgentStoring.includes(index);
    if (!known) this.#setProcess({ storingUrgent: [...storingUrgent, { index, leaf }] });
    this.#step({ kind: 'arrived-urgent', index });
  }

  #read(to: number): void {
    const { reading } = this.#process;
    if (reading === null) throw new Error('nothing is being read');
    this.#setProcess({ reading: null });
    this.#sendOn('next', { kind: 'next', from: reading, leaves: this.#centre.disk.own.slice(reading, to) });
    this.#step({ kind: 'sent-next', to });
  }

  #beginStore(to: number): void {
    let stretch = '';
    let { arrivals } = this.#process;
    while (this.#centre.disk.held.length + stretch.length < to) {
      const [first, ...rest] = arrivals;
      if (first === undefined) throw new Breach(`stores leaves up to ${to}, which have not arrived`);
      stretch += first;
      arrivals = rest;
    }
    if (this.#process.storing !== null) throw new Breach('stores two stretches at once');
    if (this.#centre.disk.held.length + stretch.length !== to) throw new Breach(`stores up to ${to}, where no delivery ends`);
    this.#setProcess({ arrivals, storing: stretch });
  }

  #beginUrgentStore(index: number): void {
    if (!this.#process.storingUrgent.some((ahead) => ahead.index === index))
      throw new Breach(`stores urgent leaf ${index}, which has not arrived`);
    if (this.#isAhead(index)) throw new Breach(`stores urgent leaf ${index} a second time`);
  }

  #stored(): void {
    const { disk } = this.#centre;
    const stretch = this.#process.storing ?? '';
    const range = receiptOfStretch(disk, stretch);
    const held = disk.held + stretch;
    this.#setDisk({ held, urgentHeld: disk.urgentHeld.filter(({ index }) => index >= held.length) });
    this.#setProcess({ storing: null, entered: this.#process.entered + stretch });
    if (range !== undefined) this.#receipt(range);
    const { entered } = this.#process;
    if (foldOf(entered) !== foldOf(held)) throw new Breach(`the folds have ${namesOf(entered)}, the disk ${namesOf(held)}`);
    this.#step({ kind: 'stored-next', held: held.length });
  }

  #storedUrgent(index: number): void {
    const { disk } = this.#centre;
    const stored = this.#process.storingUrgent.find((ahead) => ahead.index === index);
    if (stored === undefined) throw new Error('an urgent leaf is stored after it arrived');
    const range = receiptOfUrgent(disk, stored);
    if (index >= disk.held.length) this.#setDisk({ urgentHeld: withAhead(disk.urgentHeld, stored) });
    this.#forgetUrgent(index);
    if (range !== undefined) this.#receipt(range);
    this.#step({ kind: 'stored-urgent', index });
  }

  #forgetUrgent(index: number): void {
    this.#setProcess({ storingUrgent: this.#process.storingUrgent.filter((ahead) => ahead.index !== index) });
  }

  #receipt(range: ReceiptRange): void {
    this.#checkReceipt(range);
    if (range.lane === 'next') this.#setDisk({ receiptedTo: range.to });
    const receipt = receiptLeaf(range, this.#centre.life);
    if (this.#design.receiptsTravel) return this.#append(receipt);
    this.#leaveReceipt(receipt);
  }

  #checkReceipt(range: ReceiptRange): void {
    const wrong = wrongReceipt(this.#centre.disk.own + this.#centre.disk.receipts, range);
    if (wrong !== undefined) throw new Breach(`receipts twice: ${wrong}`);
  }

  #kill(kill: Extract<Input, { readonly kind: 'kill' }>): void {
    const { storing, storingUrgent } = this.#process;
    const [ahead] = storingUrgent;
    if (kill.urgent && ahead !== undefined) this.#leaveUrgent(ahead);
    if (kill.stored && storing !== null) this.#leaveStretch(storing);
    if (kill.filing !== null) {
      const { filed, life, disk } = this.#centre;
      this.#set({ filed: filed + 1 });
      this.#setDisk({ own: disk.own + filingLeaf(kill.filing, { ordinal: filed, life }) });
    }
    this.#set({ process: null });
  }

  /** On the disk, and no more: not signed, not answered. */
  #leaveStretch(stretch: string): void {
    const { disk, life } = this.#centre;
    const range = receiptOfStretch(disk, stretch);
    const held = disk.held + stretch;
    const urgentHeld = disk.urgentHeld.filter(({ index }) => index >= held.length);
    if (range === undefined) return this.#setDisk({ held, urgentHeld });
    this.#checkReceipt(range);
    this.#setDisk({ held, urgentHeld, receiptedTo: range.to });
    this.#leaveReceipt(receiptLeaf(range, life));
  }

  #leaveReceipt(receipt: Leaf): void {
    const { own, receipts } = this.#centre.disk;
    if (this.#design.receiptsTravel) return this.#setDisk({ own: own + receipt });
    this.#setDisk({ receipts: receipts + receipt });
    this.#set({ receipted: receipts + receipt });
  }

  #leaveUrgent(ahead: Ahead): void {
    const { disk, life } = this.#centre;
    const range = receiptOfUrgent(disk, ahead);
    this.#setDisk({ urgentHeld: ahead.index < disk.held.length ? disk.urgentHeld : withAhead(disk.urgentHeld, ahead) });
    if (range !== undefined) this.#leaveReceipt(receiptLeaf(range, life));
  }

  #restore(anchorToo: boolean): void {
    const { backup, life } = this.#centre;
    if (backup === null) throw new Error('there is no backup');
    this.#set({ process: null, disk: backup.disk, life: life + 1, backup: null });
    if (anchorToo) this.#set({ anchor: backup.anchor });
  }

  #start(): void {
    this.#sign();
    this.#set({ process: begunProcess(this.#centre.disk, this.#design) });
  }

  /** `anshin recover`: takes our own leaves back from the other side. */
  #recover(from: string): void {
    const { disk, receipted } = this.#centre;
    const back = from.slice(disk.own.length) + receipted.slice(disk.receipts.length);
    this.#set({ process: null });
    this.#setDisk({ own: from, receipts: receipted, receiptedTo: Math.max(disk.receiptedTo, receiptsIn(back).to) });
  }
}
