import type { Edition } from '#ledger/edition.ts';
import { html, type Markup } from '#ledger/markup.ts';
import { actors, domains, hotspots, steps } from '#ledger/measure.ts';

const filters = {
  step: steps,
  domain: [...domains, 'none'],
  hotspot: [...hotspots, 'none'],
  actor: actors,
} as const;

type Filter = keyof typeof filters;
const filterNames = ['step', 'domain', 'hotspot', 'actor'] as const;

/** Four native selects. The choice works in the style sheet alone; the script only counts. */
export function renderFilter(edition: Edition): Markup {
  const { text } = edition;
  return html`<form class="filter" aria-label="${text.filter.title}">
${filterNames.map((filter) => renderSelect(edition, filter))}
<p class="count" role="status" data-count="${text.filter.shown}"></p>
</form>`;
}

/** The rules that hide what the reader has not chosen; they hold without a script. */
export function filterStyle(): string {
  const rules = filterNames.flatMap((filter) =>
    filters[filter].map(
      (value) =>
        `.edition:has([data-filter="${filter}"] option[value="${value}"]:checked) .measure:not([data-${filter}~="${value}"])`,
    ),
  );
  return `${rules.join(',\n')} { display: none; }`;
}

function renderSelect(edition: Edition, filter: Filter): Markup {
  const { text, language } = edition;
  const id = `${language}-filter-${filter}`;
  const options = filters[filter].map((value) => html`<option value="${value}">${optionName(edition, filter, value)}</option>`);
  return html`<div><label for="${id}">${text.filter[filter]}</label>
<select id="${id}" data-filter="${filter}" autocomplete="off"><option value="">${text.filter.all}</option>${options}</select></div>`;
}

function optionName({ text }: Edition, filter: Filter, value: string): string {
  const names: Readonly<Record<Filter, Readonly<Record<string, string>>>> = {
    step: Object.fromEntries(steps.map((step) => [step, text.steps[step].name])),
    domain: text.domains,
    hotspot: text.hotspots,
    actor: text.actors,
  };
  return names[filter][value] ?? text.filter.none;
}
