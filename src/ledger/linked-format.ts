/** A format by the names it has on the record: `agreement` is the short name, as in the number of a record. */
export interface FormatName {
  readonly agreement: string;
  readonly format: string;
}

/** Whether a linked format of a measure, such as `BMLN/*`, covers the format. */
export function coversFormat(pattern: string, name: FormatName): boolean {
  const [agreement, format] = pattern.split('/');
  return (agreement === '*' || agreement === name.agreement) && (format === '*' || format === name.format);
}
