import { accept, type Result, refuse } from '#base/refusal.ts';
import type { RecordEnvelope } from '#record/envelope-schema.ts';

/** A run of serials without gaps: one agreement, one originator, one year of filing (two digits, UTC). */
export interface Series {
  readonly agreement: string;
  readonly centre: string;
  readonly year: string;
}

/** A record's number, `AGREEMENT/STATE/YY/SERIAL/FORMAT`. */
export interface RecordNumber {
  readonly series: Series;
  readonly serial: number;
  readonly format: string;
}

const form = /^([A-Z][A-Z0-9-]{1,23})\/([A-Z]{2,8})\/(\d{2})\/(\d{6}|[1-9]\d{6,8})\/([A-Z][A-Z0-9-]{1,23})$/;

export function numberText(number: RecordNumber): string {
  const { agreement, centre, year } = number.series;
  return `${agreement}/${centre}/${year}/${String(number.serial).padStart(6, '0')}/${number.format}`;
}

export function parseNumber(text: string): Result<RecordNumber> {
  const [, agreement, centre, year, serial, format] = form.exec(text) ?? [];
  if (agreement === undefined || centre === undefined || year === undefined || serial === undefined || format === undefined) {
    return refuse('record.number-form', `expected a number such as BMLN/CN/24/000001/NOTIFY, got ${JSON.stringify(text)}`);
  }
  if (Number(serial) === 0) return refuse('record.number-form', 'serials begin at 000001');
  return accept({ series: { agreement, centre, year }, serial: Number(serial), format });
}

export function seriesKey(series: Series): string {
  return `${series.agreement}/${series.centre}/${series.year}`;
}

/** Checks that a record's number says the same as the fields it is made from. */
export function checkNumber(record: RecordEnvelope): Result<RecordNumber> {
  const number = parseNumber(record.number);
  if (!number.ok) return number;
  const { series, format } = number.value;
  const year = record.filedAt.slice(2, 4);
  const agrees =
    series.agreement === record.basis.agreement &&
    series.centre === record.originator.centre &&
    series.year === year &&
    format === record.basis.format;
  if (agrees) return number;
  const expected = `${record.basis.agreement}/${record.originator.centre}/${year}/…/${record.basis.format}`;
  return refuse('record.number-form', `the number ${record.number} does not fit the record: expected ${expected}`);
}
