import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BoardFacts } from '#cli/board/board-source.ts';
import { readCatalogue } from '#cli/board/catalogue.ts';
import { UsageFault } from '#cli/terminal/report.ts';
import { type Board, foldBoard } from '#ledger/board.ts';
import { renderBoardPage } from '#ledger/board-page.ts';
import type { Side } from '#ledger/edition.ts';
import type { Language } from '#ledger/measure.ts';

/** Folds the board and writes it as one page; a reader of the path never sees half of it. */
export async function writeBoard(
  path: string,
  facts: BoardFacts,
  reader: { readonly language: Language; readonly ownSide: Side | null },
): Promise<Board> {
  const reading = await readCatalogue();
  if (!reading.ok) throw new UsageFault('the catalogue has problems: run anshin catalogue check');
  const { catalogue } = reading;
  const board = foldBoard({ catalogue, ...facts });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, renderBoardPage({ board, catalogue, ...reader }));
  await rename(`${path}.new`, path);
  return board;
}
