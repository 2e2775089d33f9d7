import { durationOfText, hourMs } from '#base/time.ts';
import { filledText } from '#ledger/board-text.ts';
import type { Edition } from '#ledger/edition.ts';
import { html, type Markup } from '#ledger/markup.ts';
import { type InEachLanguage, type Measure, ownDomains } from '#ledger/measure.ts';

/** What would count as keeping or breaking the measure, and where all of it comes from. */
export function factsOfMeasure(edition: Edition, measure: Measure): Markup {
  const { text, language } = edition;
  const { card } = text;
  return html`<dl>
${field(card.kept, listOf(edition, measure.indicators.kept))}
${field(card.broken, listOf(edition, measure.indicators.broken))}
${responseOf(edition, measure)}
${measure.reversibility === undefined ? '' : field(card.reversibility, measure.reversibility[language])}
${field(card.verifiability, text.checks[measure.verifiability])}
${field(card.source, sourceOf(edition, measure))}
${viewsOf(edition, measure)}
${notesOf(edition, measure)}
${field(card.way, text.ways[measure.way])}
${field(card.kind, text.kinds[measure.kind])}
${field(card.legalStatus, text.legal[measure.legalStatus])}
${field(card.domains, domainsOf(edition, measure))}
${field(card.hotspots, measure.hotspots.map((hotspot) => text.hotspots[hotspot]).join(' · ') || card.none)}
${termsOf(edition, measure)}
</dl>${language === measure.authoritative ? '' : html`<p class="place">${card.translation}</p>`}`;
}

function field(name: string, content: Markup | string): Markup {
  return html`<div><dt>${name}</dt><dd>${content}</dd></div>`;
}

function listOf({ language }: Edition, texts: readonly InEachLanguage[]): Markup {
  return html`${texts.map((each) => html`<p>${each[language]}</p>`)}`;
}

function responseOf({ text, language }: Edition, { response }: Measure): Markup | string {
  if (response === undefined) return '';
  const duration = response.within === undefined ? undefined : durationOfText(response.within);
  const within = duration?.ok === true ? filledText(text.card.within, { duration: `${duration.value / hourMs} h` }) : '';
  return field(text.card.response, `${response.expected[language]} ${within}`.trim());
}

function sourceOf({ catalogue, language, text }: Edition, { source }: Measure): Markup {
  const paper = catalogue.papers.find(({ id }) => id === source.paper);
  const section = paper?.sections.find(({ id }) => id === source.section);
  return html`<a href="#${language}-paper-${source.paper}">${filledText(text.sources.paper, { id: source.paper })}</a> · ${section?.name[language] ?? source.section}`;
}

function viewsOf({ catalogue, language, text }: Edition, measure: Measure): Markup | string {
  const views = catalogue.views.filter(({ id }) => measure.views.includes(id));
  if (views.length === 0) return '';
  return field(text.card.views, html`${views.map((view) => html`<p>${view.text[language]}</p>`)}`);
}

function notesOf({ catalogue, language, text }: Edition, measure: Measure): Markup | string {
  const notes = catalogue.notes.filter(({ measures }) => measures.includes(measure.id));
  if (notes.length === 0) return '';
  const rendered = notes.map(
    (note) =>
      html`<p><time datetime="${note.date}">${note.date}</time> · ${text.effects[note.effect]} · ${text.certainty[note.certainty]}<br>${note.text[language]}</p>`,
  );
  return field(text.card.notes, html`${rendered}`);
}

function domainsOf({ text }: Edition, measure: Measure): string {
  const names = measure.domains.map((domain) =>
    ownDomains.includes(domain) ? `${text.domains[domain]} (${text.card.own})` : text.domains[domain],
  );
  return names.join(' · ') || text.card.none;
}

function termsOf({ catalogue, language, text }: Edition, measure: Measure): Markup | string {
  const terms = catalogue.terms.filter(({ id }) => measure.terms.includes(id));
  if (terms.length === 0) return '';
  const links = terms.map((term) => html`<li><a href="#${language}-term-${term.id}">${term[language]}</a></li>`);
  return field(text.card.terms, html`<ul>${links}</ul>`);
}
