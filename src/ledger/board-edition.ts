import { textOfTime } from '#base/time.ts';
import type { BoardEntry } from '#ledger/board.ts';
import { renderAppendix } from '#ledger/board-appendix.ts';
import { renderCard, utcOf } from '#ledger/board-card.ts';
import { renderFilter } from '#ledger/board-filter.ts';
import { filledText } from '#ledger/board-text.ts';
import type { Edition, Side } from '#ledger/edition.ts';
import { html, type Markup } from '#ledger/markup.ts';
import type { Step } from '#ledger/measure.ts';

/** The whole board in one language. */
export function renderEdition(edition: Edition): Markup {
  const { language, text } = edition;
  return html`<div class="edition" data-language="${language}" lang="${text.htmlLanguage}"><main>
<div class="top">${renderMasthead(edition)}${renderAbout(edition)}</div>
${renderFilter(edition)}
${renderBand(edition, '0')}
<div class="ladder" id="${language}-ladder">${(['1', '2', '3', '4'] as const).map((step) => renderStep(edition, step))}</div>
${renderBand(edition, 'N')}
${renderAppendix(edition)}
</main></div>`;
}

function renderMasthead(edition: Edition): Markup {
  const { board, language, text } = edition;
  const untouched = board.entries.every(
    ({ actual, exercise }) => actual.kind === exercise.kind && actual.kind === 'nothing-on-record',
  );
  const time = html`<time datetime="${textOfTime(board.timeMs)}">${filledText(text.asOf, { time: utcOf(board.timeMs) })}</time>`;
  return html`<div class="masthead"><p class="as-of">${time}</p><h1>${text.title}</h1>
<p class="subtitle">${text.subtitle}</p><p class="lead">${text.lead}</p>
<p><a class="skip" href="#${language}-ladder">${text.skip}</a></p>
${untouched ? html`<p class="empty">${text.empty}</p>` : renderMoved(edition)}</div>`;
}

/** Where to look first: each measure that records have moved. */
function renderMoved({ board, language, text }: Edition): Markup {
  const moved = board.entries.filter(({ actual, exercise }) => actual.kind === 'on-record' || exercise.kind === 'on-record');
  const items = moved.map(({ measure, actual }) => {
    const mark = actual.kind === 'on-record' ? '' : html` <span class="mark">${text.movedByExercise}</span>`;
    return html`<li><a href="#${language}-${measure.id}">${measure.id} ${measure.title[language]}</a>${mark}</li>`;
  });
  return html`<div class="moved"><p>${text.moved}</p><ul>${items}</ul></div>`;
}

function renderAbout({ language, text }: Edition): Markup {
  const { about } = text;
  const list = (items: readonly string[]) => html`<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
  return html`<section class="about" aria-labelledby="${language}-about"><div><h2 id="${language}-about">${about.title}</h2>${list(about.is)}</div>
<div><h2>${about.isNotTitle}</h2>${list(about.isNot)}</div></section>`;
}

function renderStep(edition: Edition, step: Step): Markup {
  const { language, text, sides } = edition;
  const entries = entriesOf(edition, step);
  const lanes = sides.map((side) => renderLane(edition, side, entries));
  const joint = entries.filter(({ measure }) => measure.actor === 'both');
  const faced = entries.length > joint.length;
  const together = html`<div class="lane together"><h3>${text.together}</h3>${joint.map((entry) => renderCard(edition, { entry, heading: 4, showsActor: false }))}</div>`;
  return html`<section class="step ${faced ? 'faced' : 'shared'}" aria-labelledby="${language}-step-${step}"><div class="step-head"><span class="numeral" aria-hidden="true">${step}</span>
<div><h2 id="${language}-step-${step}">${text.steps[step].name}</h2><p class="gloss">${text.steps[step].gloss}</p></div></div>
${faced ? html`<div class="facing">${lanes}</div>` : ''}${joint.length === 0 ? '' : together}</section>`;
}

function renderLane(edition: Edition, side: Side, entries: readonly BoardEntry[]): Markup {
  const own = entries.filter(({ measure }) => measure.actor === side);
  const cards = own.map((entry) => renderCard(edition, { entry, heading: 4, showsActor: false }));
  return html`<div class="lane"><h3>${edition.text.sides[side].name}</h3>${cards}</div>`;
}

function renderBand(edition: Edition, step: '0' | 'N'): Markup {
  const { language, text } = edition;
  const cards = entriesOf(edition, step).map((entry) => renderCard(edition, { entry, heading: 3, showsActor: true }));
  return html`<section class="band" aria-labelledby="${language}-step-${step}"><div class="band-head"><h2 id="${language}-step-${step}">${text.steps[step].name}</h2>
<p class="gloss">${text.steps[step].gloss}</p></div><div class="cards">${cards}</div></section>`;
}

/** A pair such as A0.4.CN and A0.4.US stands in the order of the sides; all else in the catalogue's. */
function entriesOf({ board, sides }: Edition, step: Step): readonly BoardEntry[] {
  const own = board.entries.filter(({ measure }) => measure.step === step);
  const stems = own.map(({ measure }) => measure.id.replace(/[.](?:US|CN)$/, ''));
  const rank = ({ measure }: BoardEntry) => {
    const stem = stems.indexOf(measure.id.replace(/[.](?:US|CN)$/, ''));
    return stem * 2 + (measure.id.endsWith(sides[1]) ? 1 : 0);
  };
  return own.toSorted((a, b) => rank(a) - rank(b));
}
