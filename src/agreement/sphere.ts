import type { Position } from '#agreement/position.ts';

/** Mean radius of the Earth (IUGG, R1), in metres. Ranges here are on the sphere: up to 0.6 % from the ellipsoid. */
export const earthRadiusM = 6_371_008.8;

/** A unit vector: x through 0 N 0 E, y through 0 N 90 E, z through the north pole. Free of seams at poles and antimeridian. */
export type Vector = readonly [number, number, number];

const radiansPerE6 = Math.PI / 180_000_000;
/** Below this angle (some 6 m) two points have no bearing between them worth stating. */
const coincidentRadians = 1e-6;

/** Great-circle distance in metres. */
export function distanceM(from: Position, to: Position): number {
  return angleBetween(vectorOf(from), vectorOf(to)) * earthRadiusM;
}

/** Great-circle range in whole kilometres, as a record states it. */
export function rangeKm(from: Position, to: Position): number {
  return Math.round(distanceM(from, to) / 1000);
}

/** Initial great-circle bearing in whole tenths of a degree from true north, 0 to 3599. */
export function bearingTenths(from: Position, to: Position): number {
  const lat1 = from.latE6 * radiansPerE6;
  const lat2 = to.latE6 * radiansPerE6;
  const turn = (to.lonE6 - from.lonE6) * radiansPerE6;
  const east = Math.sin(turn) * Math.cos(lat2);
  const north = Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(turn);
  const tenths = Math.round((Math.atan2(east, north) * 1800) / Math.PI);
  return (tenths + 3600) % 3600;
}

/** Two engines may differ in the last digit, so a stated range stands if it is within one kilometre of ours. */
export function isRangeWithinOne(statedKm: number, from: Position, to: Position): boolean {
  return Math.abs(statedKm - rangeKm(from, to)) <= 1;
}

/** As for the range, round the circle. Between coinciding or antipodal points every bearing stands. */
export function isBearingWithinOne(statedTenths: number, from: Position, to: Position): boolean {
  const angle = angleBetween(vectorOf(from), vectorOf(to));
  if (angle < coincidentRadians || Math.PI - angle < coincidentRadians) return true;
  const apart = Math.abs(statedTenths - bearingTenths(from, to)) % 3600;
  return Math.min(apart, 3600 - apart) <= 1;
}

export function vectorOf({ latE6, lonE6 }: Position): Vector {
  const lat = latE6 * radiansPerE6;
  const lon = lonE6 * radiansPerE6;
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)];
}

export function positionOf([x, y, z]: Vector): Position {
  const latE6 = Math.round(Math.atan2(z, Math.hypot(x, y)) / radiansPerE6);
  const lonE6 = Math.round(Math.atan2(y, x) / radiansPerE6);
  // Adding zero turns a negative zero into zero.
  return { latE6: latE6 + 0, lonE6: lonE6 + 0 };
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function lengthOf(a: Vector): number {
  return Math.hypot(a[0], a[1], a[2]);
}

/** In radians; accurate for small and for nearly opposite directions alike. */
export function angleBetween(a: Vector, b: Vector): number {
  return Math.atan2(lengthOf(cross(a, b)), dot(a, b));
}

/** The direction of the mean of some vectors; undefined where they balance out. */
export function meanOf(vectors: readonly Vector[]): Vector | undefined {
  const sum = vectors.reduce<Vector>((total, each) => [total[0] + each[0], total[1] + each[1], total[2] + each[2]], [0, 0, 0]);
  const length = lengthOf(sum);
  return length < 1e-9 ? undefined : [sum[0] / length, sum[1] / length, sum[2] / length];
}

/** Angle in radians from a point to the nearest point of the minor arc between `start` and `end`. */
export function angleToArc(point: Vector, start: Vector, end: Vector): number {
  const normal = cross(start, end);
  const length = lengthOf(normal);
  const ends = Math.min(angleBetween(point, start), angleBetween(point, end));
  if (length < 1e-15) return ends;
  // The foot of the perpendicular lies on the arc when the point is between the two planes that end it.
  const between = dot(cross(normal, start), point) >= 0 && dot(cross(end, normal), point) >= 0;
  return between ? Math.abs(Math.asin(Math.max(-1, Math.min(1, dot(normal, point) / length)))) : ends;
}
