import { type TimeMs, textOfTime } from '#base/time.ts';
import type { BoardEntry, RecordFact, SideStanding, Standing } from '#ledger/board.ts';
import { factsOfMeasure } from '#ledger/board-card-facts.ts';
import { filledText } from '#ledger/board-text.ts';
import type { Edition } from '#ledger/edition.ts';
import { evidenceRanges } from '#ledger/evidence-ranges.ts';
import { type Fillable, html, type Markup } from '#ledger/markup.ts';

/** Evidence listed one by one on a card; the rest is named by its ranges. */
const evidenceListedMax = 6;

export interface CardPlace {
  readonly entry: BoardEntry;
  readonly heading: 3 | 4;
  /** In a lane the lane's heading says who acts; in a band each card does. */
  readonly showsActor: boolean;
}

/** One measure: what it asks, what the records say, and what would count. */
export function renderCard(edition: Edition, { entry, heading, showsActor }: CardPlace): Markup {
  const { text, language } = edition;
  const { measure, actual, exercise } = entry;
  const title = measure.title[language];
  return html`<article class="measure" id="${language}-${measure.id}" data-step="${measure.step}" data-actor="${measure.actor}"
 data-domain="${words(measure.domains)}" data-hotspot="${words(measure.hotspots)}">
<p class="meta"><span class="id">${measure.id}</span>${showsActor ? html` <span class="actor">${text.actors[measure.actor]}</span>` : ''}</p>
${heading === 3 ? html`<h3 class="name">${title}</h3>` : html`<h4 class="name">${title}</h4>`}
<p class="asks">${measure.text[language]}</p>
${renderStanding(edition, actual)}${renderSince(edition, entry)}
${exercise.kind === 'on-record' ? renderExercise(edition, exercise) : ''}
<details class="facts"><summary>${text.card.more}<span class="unseen"> ${measure.id}</span></summary>${factsOfMeasure(edition, measure)}</details>
</article>`;
}

/** That a demand was met or overtaken since the paper was written stands in plain sight; the note itself is among the facts. */
function renderSince({ catalogue, text }: Edition, { measure }: BoardEntry): Fillable {
  const notes = catalogue.notes.filter(({ measures, effect }) => effect !== 'related' && measures.includes(measure.id));
  return notes.map(
    ({ date, effect }) =>
      html`<p class="standing">${text.card.notes}: <time datetime="${date}">${date}</time> · ${text.effects[effect]}</p>`,
  );
}

function words(values: readonly string[]): string {
  return values.length === 0 ? 'none' : values.join(' ');
}

function renderStanding(edition: Edition, standing: Standing): Markup {
  if (standing.kind === 'nothing-on-record') {
    return html`<p class="standing"><span class="glyph" aria-hidden="true">○</span> ${edition.text.standing.nothing}</p>`;
  }
  return html`<div class="standing moved">
<p><span class="glyph" aria-hidden="true">●</span> ${summaryOf(edition, standing.sides)}</p>
<ul class="told">${standing.sides.map((side) => html`<li>${sideText(edition, side)}</li>`)}</ul>
${renderEvidence(edition, standing.evidence)}</div>`;
}

/** An exercise is set apart by its frame and by its word, on the block and on each record, never by a colour. */
function renderExercise(edition: Edition, standing: Standing): Markup {
  const { exercise, standing: words } = edition.text;
  return html`<div class="drill"><p class="drill-mark">${exercise} — ${words.exerciseApart}</p>${renderStanding(edition, standing)}</div>`;
}

function summaryOf({ text }: Edition, sides: readonly SideStanding[]): string {
  if (sides.length === 1) return text.standing.onRecord;
  if (sides.every(({ adopted }) => adopted)) return text.standing.adoptedByEach;
  return sides.every(({ records }) => records > 0) ? text.standing.eachSide : text.standing.oneSide;
}

function sideText({ text }: Edition, { centre, adopted, records }: SideStanding): string {
  const side = text.centres[centre] ?? centre;
  if (records === 0) return filledText(text.standing.sideNone, { side });
  return filledText(adopted ? text.standing.sideAdopted : text.standing.side, { side, count: records });
}

function renderEvidence(edition: Edition, evidence: readonly RecordFact[]): Markup {
  const { text } = edition;
  const rest = evidence.slice(evidenceListedMax);
  const more = filledText(text.evidence.more, { count: rest.length, ranges: evidenceRanges(rest) });
  return html`<details class="evidence" open><summary>${text.evidence.title}</summary>
<ol>${evidence.slice(0, evidenceListedMax).map((fact) => renderFact(edition, fact))}</ol>
${rest.length === 0 ? '' : html`<p class="place">${more}</p>`}</details>`;
}

function renderFact({ text }: Edition, fact: RecordFact): Markup {
  const place = filledText(text.evidence.entry, { log: fact.origin, index: fact.index });
  const scenario = fact.scenarioAtMs === null ? '' : filledText(text.evidence.scenario, { time: utcOf(fact.scenarioAtMs) });
  return html`<li>${fact.status === 'exercise' ? html`<strong class="drill-mark">${text.exercise}</strong> ` : ''}<span class="number">${fact.number}</span>
<span class="place">${place}</span> <time datetime="${textOfTime(fact.filedAtMs)}">${utcOf(fact.filedAtMs)}</time>${scenario === '' ? '' : html` <span class="place">${scenario}</span>`}</li>`;
}

/** To the minute, as an officer reads it: `2024-09-25 00:44 UTC`. */
export function utcOf(timeMs: TimeMs): string {
  return `${textOfTime(timeMs).slice(0, 16).replace('T', ' ')} UTC`;
}
