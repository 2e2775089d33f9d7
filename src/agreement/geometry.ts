import { centreOf, checkArea } from '#agreement/area.ts';
import { areasAt, type Content, memberOf, positionAt, valueAt } from '#agreement/content.ts';
import type { InstrumentText } from '#agreement/instrument-schema.ts';
import { isPosition, type Position } from '#agreement/position.ts';
import { bearingTenths, isBearingWithinOne, isRangeWithinOne, rangeKm } from '#agreement/sphere.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';

type Geometry = InstrumentText['geometry'];

/** Checks every area of a content, and that a stated range and azimuth agree with the places stated, within one unit. */
export function checkGeometry(geometry: Geometry, content: Content): Result<void> {
  for (const pointer of geometry.areas) {
    for (const [position, area] of areasAt(content, pointer).entries()) {
      const checked = checkArea(area);
      if (!checked.ok) {
        const { detail, evidence } = checked.refusal;
        return refuse('agreement.area', `${pointer} ${position + 1}: ${detail}`, evidence);
      }
    }
  }
  const line = trajectoryOf(geometry, content);
  if (line === undefined) return accept(undefined);
  const range = checkRange(geometry, content, line);
  return range.ok ? checkAzimuth(geometry, content, line) : range;
}

interface Line {
  readonly from: Position;
  readonly to: Position;
}

/** What a form can compute for its officer from the places drafted; undefined while one is missing. */
export function computedOf(
  geometry: Geometry,
  content: Content,
): { readonly rangeKm: number; readonly bearingTenths: number } | undefined {
  const line = trajectoryOf(geometry, content);
  return line === undefined
    ? undefined
    : { rangeKm: rangeKm(line.from, line.to), bearingTenths: bearingTenths(line.from, line.to) };
}

/** From the launch point to the centre of the first impact area; a launch from the sea states no point. */
function trajectoryOf({ launchPoint, aimArea }: Geometry, content: Content): Line | undefined {
  if (launchPoint === undefined || aimArea === undefined) return undefined;
  const from = positionAt(content, launchPoint);
  const [aim] = areasAt(content, aimArea);
  if (from === undefined || aim === undefined || !isPosition(from)) return undefined;
  return { from, to: centreOf(aim) };
}

function checkRange(geometry: Geometry, content: Content, { from, to }: Line): Result<void> {
  const stated = geometry.rangeKm === undefined ? undefined : valueAt(content, geometry.rangeKm);
  if (typeof stated !== 'number' || isRangeWithinOne(stated, from, to)) return accept(undefined);
  const computed = rangeKm(from, to);
  return refuse('agreement.area', `the range is stated as ${stated} km; from the places stated it is ${computed} km`, {
    stated,
    computed,
  });
}

function checkAzimuth(geometry: Geometry, content: Content, { from, to }: Line): Result<void> {
  const azimuth = geometry.azimuth === undefined ? undefined : valueAt(content, geometry.azimuth);
  const computed = bearingTenths(from, to);
  const tenths = memberOf(azimuth, 'tenths');
  if (typeof tenths === 'number' && !isBearingWithinOne(tenths, from, to)) {
    return refuse(
      'agreement.area',
      `the azimuth is stated as ${tenths} tenths of a degree; from the places stated it is ${computed}`,
      {
        stated: tenths,
        computed,
      },
    );
  }
  const fromTenths = memberOf(azimuth, 'fromTenths');
  const toTenths = memberOf(azimuth, 'toTenths');
  if (typeof fromTenths !== 'number' || typeof toTenths !== 'number' || isInSector(computed, fromTenths, toTenths))
    return accept(undefined);
  return refuse(
    'agreement.area',
    `the azimuth from the places stated, ${computed} tenths of a degree, is outside the sector stated`,
    { computed },
  );
}

/** Clockwise from `fromTenths` to `toTenths`, across north where it must, with one unit of room at either end. */
function isInSector(tenths: number, fromTenths: number, toTenths: number): boolean {
  const width = (toTenths - fromTenths + 3600) % 3600;
  return (tenths - fromTenths + 1 + 7200) % 3600 <= width + 2;
}
