import { type Area, checkArea } from '#agreement/area.ts';
import { formatPosition, type Position, parsePosition } from '#agreement/position.ts';
import { type Result, refuse } from '#base/refusal.ts';

const textLengthMax = 8_192;
const metresPerUnit = { KM: 1_000, NM: 1_852, M: 1 } as const;

const point = String.raw`(?:[NS]\d{4,6}(?:\.\d{1,3})?[EW]\d{5,7}(?:\.\d{1,3})?|\d{4,6}(?:\.\d{1,3})?[NS]\d{5,7}(?:\.\d{1,3})?[EW])`;
const decimal = String.raw`\d{1,2}(?:\.\d{1,6})?[NS]\d{1,3}(?:\.\d{1,6})?[EW]`;
const centre = `(${point}|${decimal})`;
const size = String.raw`(\d{1,7})(?:\.(\d{1,3}))?(KM|NM|M)`;
const outline = new RegExp(String.raw`^${point}(?:-${point})*(?:[-,]{0,2}(?:BACK)?TOSTART)?\.?$`);
const centreFirst = new RegExp(
  String.raw`^(?:A?CIRCLE)?CENT(?:RE|ER)(?:DON|EDON|DAT|EDAT)?${centre},?(?:WITHA?)?RADIUS(?:OF)?${size}\.?$`,
);
const radiusFirst = new RegExp(
  String.raw`^(?:A?CIRCLE)?(?:OF|WITHA?)?RADIUS(?:OF)?${size},?CENT(?:RE|ER)(?:DON|EDON|DAT|EDAT)${centre}\.?$`,
);

/**
 * Reads an area as aviation notices write it: vertices joined by hyphens, the first repeated at the end or `BACK TO START`,
 * broken over lines anywhere; or `CENTRE 195230N 1114500E RADIUS 18NM`. Decimal positions stand one to a line, or between
 * semicolons. Only the boundary: the notice's other lines are not read here.
 */
export function parseArea(text: string): Result<Area> {
  if (text.length > textLengthMax) return refuse('agreement.area', `longer than ${textLengthMax} characters`);
  // Notices are wrapped at a fixed width, within words too, so that blanks and line breaks mean nothing.
  const compact = text.toUpperCase().replaceAll(/\s+/g, '');
  const circle = circleOf(compact);
  if (circle !== undefined) return circle;
  const parts = outline.test(compact) ? (compact.match(new RegExp(point, 'g')) ?? []) : text.trim().split(/\s*[;\n]\s*/);
  const vertices: Position[] = [];
  for (const part of parts) {
    const position = parsePosition(part);
    if (!position.ok) return position;
    vertices.push(position.value);
  }
  return checkArea({ kind: 'polygon', vertices: withoutRepeatedFirst(vertices) });
}

/** Writes an area so that `parseArea` reads it back exactly. */
export function formatArea(area: Area): string {
  if (area.kind === 'polygon') {
    const points = area.vertices.map(formatPosition);
    // One decimal position among them makes the whole list one of lines, which both forms may stand in.
    return points.every((text) => !text.includes('.')) ? `${points.join(' - ')} - BACK TO START` : points.join('; ');
  }
  return `CENTRE ${formatPosition(area.centre)} RADIUS ${area.radiusM}M`;
}

function circleOf(compact: string): Result<Area> | undefined {
  const first = centreFirst.exec(compact);
  if (first !== null) return circle({ centre: first[1], whole: first[2], fraction: first[3], unit: first[4] });
  const last = radiusFirst.exec(compact);
  return last === null ? undefined : circle({ centre: last[4], whole: last[1], fraction: last[2], unit: last[3] });
}

interface CircleParts {
  readonly centre: string | undefined;
  readonly whole: string | undefined;
  readonly fraction: string | undefined;
  readonly unit: string | undefined;
}

function circle({ centre, whole, fraction, unit }: CircleParts): Result<Area> {
  const position = parsePosition(centre ?? '');
  if (!position.ok) return position;
  const metres = unit === 'KM' || unit === 'NM' || unit === 'M' ? metresPerUnit[unit] : 0;
  const thousandths = Number(whole) * 1000 + Number((fraction ?? '').padEnd(3, '0'));
  return checkArea({ kind: 'circle', centre: position.value, radiusM: Math.round((thousandths * metres) / 1000) });
}

function withoutRepeatedFirst(vertices: readonly Position[]): readonly Position[] {
  const [first] = vertices;
  const last = vertices.at(-1);
  const repeated = vertices.length > 1 && first?.latE6 === last?.latE6 && first?.lonE6 === last?.lonE6;
  return repeated ? vertices.slice(0, -1) : vertices;
}
