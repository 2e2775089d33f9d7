import { filledText } from '#ledger/board-text.ts';
import type { DatedNote, Paper, Term } from '#ledger/catalogue-file.ts';
import type { Edition } from '#ledger/edition.ts';
import { html, type Markup } from '#ledger/markup.ts';

/** What stands behind the board: the challenges, the words, the papers, and the logs that the answer rests on. */
export function renderAppendix(edition: Edition): Markup {
  return html`${renderChallenges(edition)}${renderGlossary(edition)}${renderSources(edition)}${renderRestsOn(edition)}`;
}

function renderChallenges({ catalogue, language, text }: Edition): Markup {
  const entries = catalogue.challenges.map(
    (challenge) => html`<article class="challenge"><p class="meta"><span class="id">${challenge.id}</span></p>
<h3 class="name">${challenge.title[language]}</h3><p class="asks">${challenge.text[language]}</p>
<p class="place">${text.challenges.shows}: ${challenge.shows[language]}</p></article>`,
  );
  return html`<section class="plain" aria-labelledby="${language}-challenges"><h2 id="${language}-challenges">${text.challenges.title}</h2>
<p class="gloss">${text.challenges.lead}</p><div class="cards four">${entries}</div></section>`;
}

function renderGlossary(edition: Edition): Markup {
  const { catalogue, language, text } = edition;
  return html`<section class="plain" aria-labelledby="${language}-words"><h2 id="${language}-words">${text.glossary.title}</h2>
<p class="gloss">${text.glossary.lead}</p><details><summary>${filledText(text.glossary.open, { count: catalogue.terms.length })}</summary>
<div class="terms">${catalogue.terms.map((term) => renderTerm(edition, term))}</div></details></section>`;
}

function renderTerm({ language, text }: Edition, term: Term): Markup {
  const forms = term.forms.map(
    ({ user, language: tongue, form }) =>
      html`<li><span class="user">${user}</span> <span lang="${tongue === 'zh' ? 'zh-Hans' : tongue}">${form}</span></li>`,
  );
  return html`<article class="term" id="${language}-term-${term.id}"><h3>${term[language]}${term.disputed ? html` <span class="disputed">${text.glossary.disputed}</span>` : ''}</h3>
<ul class="forms">${forms}</ul><p>${term.note[language]}</p><p class="place"><span lang="en">${term.basis}</span> · ${text.certainty[term.certainty]}</p></article>`;
}

function renderSources(edition: Edition): Markup {
  const { catalogue, language, text } = edition;
  return html`<section class="plain" aria-labelledby="${language}-sources"><h2 id="${language}-sources">${text.sources.title}</h2>
<p class="gloss">${catalogue.reading[language]}</p><div class="cards two">${catalogue.papers.map((paper) => renderPaper(edition, paper))}</div></section>`;
}

function renderPaper(edition: Edition, paper: Paper): Markup {
  const { catalogue, language, text } = edition;
  const views = catalogue.views.filter((view) => view.paper === paper.id);
  const notes = catalogue.notes.filter((note) => note.paper === paper.id);
  const edited = filledText(text.sources.edition, { language: text.editions[paper.edition] });
  return html`<article class="paper" id="${language}-paper-${paper.id}"><h3 class="name">${filledText(text.sources.paper, { id: paper.id })} · ${paper.title[language]}</h3>
<p><span lang="en">${paper.authors.join(', ')}. ${paper.publisher}</span>, <time datetime="${paper.date}">${paper.date}</time> · ${edited}</p>
<p>${paper.overtaken[language]}</p>
${views.length === 0 ? '' : html`<h4>${text.sources.views}</h4><ul>${views.map((view) => html`<li>${view.text[language]}</li>`)}</ul>`}
${notes.length === 0 ? '' : html`<h4>${text.sources.notes}</h4><ul>${notes.map((note) => renderNote(edition, note))}</ul>`}</article>`;
}

function renderNote({ language, text }: Edition, note: DatedNote): Markup {
  const marks = [...note.measures, text.effects[note.effect], text.certainty[note.certainty]].join(' · ');
  return html`<li><p><time datetime="${note.date}">${note.date}</time> · ${marks}</p><p>${note.text[language]}</p><p class="place" lang="en">${note.basis}</p></li>`;
}

function renderRestsOn({ board, language, text }: Edition): Markup {
  const { restsOn } = text;
  const rows = board.restsOn.map(
    ({ origin, size, urgent }) =>
      html`<tr><th scope="row">${origin}</th><td>${size}</td><td>${urgent.length === 0 ? '–' : urgent.join(', ')}</td></tr>`,
  );
  const table = html`<div class="scroll" tabindex="0" role="group" aria-labelledby="${language}-rests"><table><thead><tr><th scope="col">${restsOn.log}</th><th scope="col">${restsOn.size}</th><th scope="col">${restsOn.urgent}</th></tr></thead><tbody>${rows}</tbody></table></div>`;
  return html`<section class="plain" aria-labelledby="${language}-rests"><h2 id="${language}-rests">${restsOn.title}</h2>
<p class="gloss">${restsOn.lead}</p>${rows.length === 0 ? html`<p>${restsOn.none}</p>` : table}</section>`;
}
