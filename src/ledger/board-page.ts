import type { Board } from '#ledger/board.ts';
import { renderEdition } from '#ledger/board-edition.ts';
import { filterStyle } from '#ledger/board-filter.ts';
import { boardScript } from '#ledger/board-script.ts';
import { boardStyle } from '#ledger/board-style.ts';
import type { BoardText } from '#ledger/board-text.ts';
import { boardTexts } from '#ledger/board-texts.ts';
import type { Catalogue } from '#ledger/catalogue-file.ts';
import { type Side, sidesInOrder } from '#ledger/edition.ts';
import { html, type Markup, trusted } from '#ledger/markup.ts';
import { type Language, languages } from '#ledger/measure.ts';

export interface BoardPage {
  readonly board: Board;
  readonly catalogue: Catalogue;
  /** The language that is shown first; the others are in the page too. */
  readonly language: Language;
  /** The reader's own side, which stands left; null for a reader with none. */
  readonly ownSide: Side | null;
}

/** The board as one self-contained page: no network, no other file, and readable without a script. */
export function renderBoardPage({ board, catalogue, language, ownSide }: BoardPage): string {
  const editions = languages.map((each) => {
    const text = boardTexts[each];
    return renderEdition({ board, catalogue, language: each, text, sides: sidesInOrder(text, ownSide) });
  });
  const banner = board.exerciseShown ? renderBanner() : '';
  const { htmlLanguage, title } = boardTexts[language];
  return html`<!doctype html>
<html lang="${htmlLanguage}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${title}</title><link rel="icon" href="data:,">
<style>${trusted(boardStyle)}${trusted(filterStyle())}</style></head>
<body><header>${banner}${renderSwitches(language)}</header>
${editions}
<footer><p>Anshin <span lang="ja">安心</span></p>${banner}</footer>
<script>${trusted(boardScript)}</script></body></html>
`.text;
}

/** First and last on the page, as on every message of an exercise. */
function renderBanner(): Markup {
  return html`<p class="banner">${inEachEdition((text) => text.exerciseBanner)}</p>`;
}

function renderSwitches(language: Language): Markup {
  const choices = languages.map((each) => {
    const { htmlLanguage, languageName, title } = boardTexts[each];
    const id = `language-${each}`;
    return html`<input type="radio" name="language" id="${id}" value="${each}" data-lang="${htmlLanguage}" data-title="${title}" autocomplete="off"${
      each === language ? trusted(' checked') : ''
    }><label for="${id}" lang="${htmlLanguage}">${languageName}</label>`;
  });
  const themes = (['auto', 'light', 'dark'] as const).map(
    (theme) =>
      html`<input type="radio" name="theme" id="theme-${theme}" value="${theme}" autocomplete="off"${theme === 'auto' ? trusted(' checked') : ''}><label for="theme-${theme}">${inEachEdition((text) => text.theme[theme])}</label>`,
  );
  return html`<div class="switches"><p class="wordmark">Anshin <span lang="ja">安心</span></p>
<fieldset><legend>${inEachEdition((text) => text.language)}</legend>${choices}</fieldset>
<fieldset><legend>${inEachEdition((text) => text.theme.label)}</legend>${themes}</fieldset></div>`;
}

function inEachEdition(choose: (text: BoardText) => string): Markup {
  return html`${languages.map((each) => html`<span data-in="${each}" lang="${boardTexts[each].htmlLanguage}">${choose(boardTexts[each])}</span>`)}`;
}
