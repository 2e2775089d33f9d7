import type { DeliveryEvent, DeliveryState, initialDelivery, Lane, Step } from '#exchange/delivery.ts';
import type { Ahead, Disk } from '#test/model/disk.ts';
import { type Filing, urgentIn } from '#test/model/leaf.ts';
import type { Message, Send } from '#test/model/message.ts';

/** 0: none; 1: connected, not greeted by the other side; 2: greeted. */
export type LaneState = 0 | 1 | 2;

/** What is lost when the process ends. */
export interface Process {
  readonly delivery: DeliveryState;
  readonly line: 'opening' | 'open' | 'behind';
  readonly urgentMissed: boolean;
  readonly lanes: Readonly<Record<Lane, LaneState>>;
  /** Stretches that arrived authentic and wait to be stored, and the one that is being stored. */
  readonly arrivals: readonly string[];
  readonly storing: string | null;
  /** Urgent leaves that are being stored. */
  readonly storingUrgent: readonly Ahead[];
  /** The place from which leaves are being read to be sent. */
  readonly reading: number | null;
  /** The other side's leaves in the order in which they entered the folds. */
  readonly entered: string;
}

/** One centre: its disk, its signer's anchor, its process. */
export interface Centre {
  readonly disk: Disk;
  readonly anchor: string;
  /** The longest history that it ever signed; nobody in the model can read it. */
  readonly signed: string;
  /** Every receipt that ever left by itself. */
  readonly receipted: string;
  readonly process: Process | null;
  readonly filed: number;
  readonly backup: { readonly disk: Disk; readonly anchor: string } | null;
  readonly life: number;
}

/** What is tried: the shipped reducer with the rules around it, or one that is broken on purpose. */
export interface Design {
  readonly step: (state: DeliveryState, event: DeliveryEvent) => Step;
  readonly initial: typeof initialDelivery;
  /** Signs only what continues the anchor. */
  readonly anchored: boolean;
  /** Says nothing new before the other side has shown how far it holds our log. */
  readonly asks: boolean;
  /** Receipts are leaves of the own log. If not, they are with the other side at once. */
  readonly receiptsTravel: boolean;
}

/** What can befall a centre. */
export type Input =
  | { readonly kind: 'file'; readonly filing: Filing }
  | { readonly kind: 'connect'; readonly lane: Lane }
  | { readonly kind: 'lose'; readonly lane: Lane }
  | { readonly kind: 'deliver'; readonly lane: Lane; readonly message: Message }
  | { readonly kind: 'defer' }
  | { readonly kind: 'read'; readonly to: number }
  | { readonly kind: 'stored' }
  | { readonly kind: 'stored-urgent'; readonly index: number }
  | { readonly kind: 'failed' }
  | { readonly kind: 'failed-urgent'; readonly index: number }
  | { readonly kind: 'overdue' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'confirm' }
  | { readonly kind: 'backup' }
  /** The process is killed; of the transactions under way these are on the disk, and a filed record with its signature missing. */
  | { readonly kind: 'kill'; readonly stored: boolean; readonly urgent: boolean; readonly filing: Filing | null }
  | { readonly kind: 'restore'; readonly anchorToo: boolean }
  | { readonly kind: 'start' }
  | { readonly kind: 'recover'; readonly from: string };

export interface Reaction {
  readonly centre: Centre;
  readonly sends: readonly Send[];
  /** The invariant that was broken, in words. */
  readonly breach: string | undefined;
}

export const emptyCentre: Centre = {
  disk: { own: '', held: '', urgentHeld: [], receiptedTo: 0, receipts: '' },
  anchor: '',
  signed: '',
  receipted: '',
  process: null,
  filed: 0,
  backup: null,
  life: 0,
};

/** Whether the signer lets a start sign what the disk has. */
export function mayStart({ disk, anchor, receipted }: Centre, { anchored }: Design): boolean {
  return disk.receipts === receipted && (!anchored || disk.own.startsWith(anchor));
}

/** A start knows what the disk has, and nothing of the other side. */
export function begunProcess({ own, held, urgentHeld }: Disk, design: Design): Process {
  const delivery = design.initial({
    logged: own.length,
    urgent: urgentIn(own),
    flash: urgentIn(own),
    held: held.length,
    urgentHeld: urgentHeld.map(({ index }) => index),
  });
  return {
    delivery,
    line: design.asks ? 'opening' : 'open',
    urgentMissed: false,
    lanes: { next: 0, urgent: 0 },
    arrivals: [],
    storing: null,
    storingUrgent: [],
    reading: null,
    entered: held,
  };
}
