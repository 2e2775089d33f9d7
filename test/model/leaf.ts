/**
 * A leaf of a modelled log is one character, so that a log is a string, one log continues another if it begins with it, and two
 * histories are two strings of which neither begins the other.
 */
export type Leaf = string;

/** What a centre files, in order: a routine record, an urgent one, one that is authentic and not acceptable. */
export type Filing = 'routine' | 'urgent' | 'unacceptable';

const kinds: readonly Filing[] = ['routine', 'urgent', 'unacceptable'];
const receiptMark = 0x8000;

/** `life` counts how often the centre was restored: what is written after a restore is never the same leaf as what was lost. */
export function filingLeaf(kind: Filing, place: { readonly ordinal: number; readonly life: number }): Leaf {
  return String.fromCharCode(0x4000 | (kinds.indexOf(kind) << 8) | (place.ordinal << 4) | place.life);
}

export interface ReceiptRange {
  readonly lane: 'next' | 'urgent';
  readonly from: number;
  readonly to: number;
}

export function receiptLeaf({ lane, from, to }: ReceiptRange, life: number): Leaf {
  return String.fromCharCode(receiptMark | (lane === 'urgent' ? 0x400 : 0) | (life << 8) | (from << 4) | to);
}

/** The range of a receipt; nothing for a filed record. */
function rangeOf(leaf: Leaf): ReceiptRange | undefined {
  const code = leaf.charCodeAt(0);
  if ((code & receiptMark) === 0) return undefined;
  return { lane: (code & 0x400) === 0 ? 'next' : 'urgent', from: (code >> 4) & 15, to: code & 15 };
}

function kindOf(leaf: Leaf): Filing | undefined {
  return rangeOf(leaf) === undefined ? kinds[(leaf.charCodeAt(0) >> 8) & 3] : undefined;
}

/** A receipt of an urgent leaf has that leaf's precedence. */
export function isUrgentLeaf(leaf: Leaf): boolean {
  return kindOf(leaf) === 'urgent' || rangeOf(leaf)?.lane === 'urgent';
}

export function awaitsReceipt(leaf: Leaf): boolean {
  return kindOf(leaf) !== undefined;
}

function isUnacceptable(leaf: Leaf): boolean {
  return kindOf(leaf) === 'unacceptable';
}

export function urgentIn(log: string): readonly number[] {
  return Array.from(log).flatMap((leaf, index) => (isUrgentLeaf(leaf) ? [index] : []));
}

/** How far the receipts in a log reach, and which leaves have one of their own. */
export function receiptsIn(log: string): { readonly to: number; readonly urgent: readonly number[] } {
  const ranges = Array.from(log)
    .map(rangeOf)
    .filter((range) => range !== undefined);
  return {
    to: Math.max(0, ...ranges.filter(({ lane }) => lane === 'next').map(({ to }) => to)),
    urgent: ranges.filter(({ lane }) => lane === 'urgent').map(({ from }) => from),
  };
}

/** Why a receipt may not follow those in a log (`spec/receipt.md` 1); nothing if it may. */
export function wrongReceipt(log: string, range: ReceiptRange): string | undefined {
  const known = receiptsIn(log);
  if (range.lane === 'next')
    return range.from === known.to ? undefined : `a range from ${range.from}, and the last ended at ${known.to}`;
  return range.from < known.to || known.urgent.includes(range.from) ? `a second receipt of leaf ${range.from}` : undefined;
}

/** The fold of a log: for each leaf what it counts for. Whoever holds the same leaves has the same. */
export function foldOf(log: string): string {
  let receipted = 0;
  return Array.from(log)
    .map((leaf) => {
      const range = rangeOf(leaf);
      if (range === undefined) return isUnacceptable(leaf) ? 'void' : 'in force';
      if (range.lane === 'urgent') return `receipt of ${range.from}`;
      if (range.from !== receipted) return 'void';
      receipted = range.to;
      return `receipts to ${range.to}`;
    })
    .join(', ');
}

export function nameOf(leaf: Leaf): string {
  const range = rangeOf(leaf);
  const life = (value: number): string => "'".repeat(value);
  const code = leaf.charCodeAt(0);
  if (range !== undefined) return `receipt${life((code >> 8) & 3)}(${range.from}…${range.to})`;
  return `${kindOf(leaf) ?? ''}${(code >> 4) & 15}${life(code & 15)}`;
}

export function namesOf(log: string): string {
  return `[${Array.from(log).map(nameOf).join(' ')}]`;
}
