import { awaitsReceipt, type Leaf, type ReceiptRange, receiptsIn } from '#test/model/leaf.ts';

/** What a centre's disk has. Each change of it is one transaction. */
export interface Disk {
  readonly own: string;
  readonly held: string;
  readonly urgentHeld: readonly Ahead[];
  readonly receiptedTo: number;
  /** Receipts, where the model has them travel by themselves and not as leaves. */
  readonly receipts: string;
}

export interface Ahead {
  readonly index: number;
  readonly leaf: Leaf;
}

/** The receipt that goes with a stretch in order; nothing where all of it has one. */
export function receiptOfStretch(disk: Disk, stretch: string): ReceiptRange | undefined {
  const to = disk.held.length + stretch.length;
  const unreceipted = stretch.slice(Math.max(0, disk.receiptedTo - disk.held.length));
  return Array.from(unreceipted).some(awaitsReceipt) ? { lane: 'next', from: disk.receiptedTo, to } : undefined;
}

export function receiptOfUrgent(disk: Disk, { index, leaf }: Ahead): ReceiptRange | undefined {
  const receipts = receiptsIn(disk.own + disk.receipts);
  const has = index < disk.receiptedTo || index < receipts.to || receipts.urgent.includes(index);
  return awaitsReceipt(leaf) && !has ? { lane: 'urgent', from: index, to: index + 1 } : undefined;
}

export function withAhead(known: readonly Ahead[], ahead: Ahead): readonly Ahead[] {
  return [...known.filter(({ index }) => index !== ahead.index), ahead].toSorted((a, b) => a.index - b.index);
}
