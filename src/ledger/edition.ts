import type { Board } from '#ledger/board.ts';
import type { BoardText } from '#ledger/board-text.ts';
import type { Catalogue } from '#ledger/catalogue-file.ts';
import type { Language } from '#ledger/measure.ts';

export type Side = 'US' | 'CN';

/** The board as one reader sees it: a language, its words, and the order of the sides. */
export interface Edition {
  readonly board: Board;
  readonly catalogue: Catalogue;
  readonly language: Language;
  readonly text: BoardText;
  readonly sides: readonly [left: Side, right: Side];
}

/** The reader's own side stands left; a reader with no side has them in the order of the reader's alphabet. */
export function sidesInOrder(text: BoardText, ownSide: Side | null): readonly [left: Side, right: Side] {
  if (ownSide !== null) return ownSide === 'US' ? ['US', 'CN'] : ['CN', 'US'];
  return text.sides.US.order < text.sides.CN.order ? ['US', 'CN'] : ['CN', 'US'];
}
