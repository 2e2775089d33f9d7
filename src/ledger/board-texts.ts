import type { BoardText } from '#ledger/board-text.ts';
import { en } from '#ledger/board-text-en.ts';
import { ja } from '#ledger/board-text-ja.ts';
import { zh } from '#ledger/board-text-zh.ts';
import type { Language } from '#ledger/measure.ts';

export const boardTexts: Readonly<Record<Language, BoardText>> = { en, zh, ja };
