/** Text that is safe to put into a page as it stands. Only `html` and `trusted` make it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Fillable = Markup | string | number | readonly Fillable[];

/** Builds markup; every value that is not markup itself is escaped, in element content and in quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...values: readonly Fillable[]): Markup {
  return new Markup(strings.map((part, position) => part + filled(values[position] ?? '')).join(''));
}

/** Marks a constant of this program, such as a style sheet, as markup. Never used on what comes from outside. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function filled(value: Fillable): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return value.map(filled).join('');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
