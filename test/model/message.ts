import type { Lane } from '#exchange/delivery.ts';
import { type Leaf, nameOf, namesOf } from '#test/model/leaf.ts';

/** What crosses between the modelled centres: as `spec/link.md` 3, without what only the proofs need. */
export type Message =
  | { readonly kind: 'hello'; readonly held: string; readonly urgentHeld: readonly number[] }
  | { readonly kind: 'next'; readonly from: number; readonly leaves: string }
  | { readonly kind: 'urgent'; readonly index: number; readonly leaf: Leaf }
  | { readonly kind: 'held'; readonly held: number; readonly again: boolean }
  | { readonly kind: 'held-urgent'; readonly index: number }
  | { readonly kind: 'deferred' };

export interface Send {
  readonly lane: Lane;
  readonly message: Message;
}

/** One form of text for each message, by which it is known. */
export function keyOf(message: Message): string {
  switch (message.kind) {
    case 'hello':
      return `H${message.held}|${message.urgentHeld.join(',')}`;
    case 'next':
      return `N${message.from}|${message.leaves}`;
    case 'urgent':
      return `U${message.index}|${message.leaf}`;
    case 'held':
      return `A${message.held}${message.again ? '!' : ''}`;
    case 'held-urgent':
      return `a${message.index}`;
    case 'deferred':
      return 'D';
  }
}

export function describe(message: Message): string {
  switch (message.kind) {
    case 'hello':
      return `hello (holds ${message.held.length}${message.urgentHeld.length > 0 ? ` and urgent ${message.urgentHeld.join(', ')}` : ''})`;
    case 'next':
      return `next from ${message.from} ${namesOf(message.leaves)}`;
    case 'urgent':
      return `urgent leaf ${message.index} ${nameOf(message.leaf)}`;
    case 'held':
      return `held ${message.held}${message.again ? ', send again from there' : ''}`;
    case 'held-urgent':
      return `held urgent ${message.index}`;
    case 'deferred':
      return 'deferred';
  }
}
