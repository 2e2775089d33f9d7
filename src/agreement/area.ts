import { isPosition, type Position } from '#agreement/position.ts';
import {
  angleBetween,
  angleToArc,
  cross,
  dot,
  earthRadiusM,
  lengthOf,
  meanOf,
  positionOf,
  type Vector,
  vectorOf,
} from '#agreement/sphere.ts';
import { areaExtentMaxM, areaVerticesMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';

interface PolygonArea {
  readonly kind: 'polygon';
  /** In order, in either sense, the first not repeated; sides are great-circle arcs; the inside is the smaller region. */
  readonly vertices: readonly Position[];
}

interface CircleArea {
  readonly kind: 'circle';
  readonly centre: Position;
  /** Along the great circle, in metres. */
  readonly radiusM: number;
}

/** A closed area on the sphere: its boundary belongs to it. Antimeridian and poles are places like any other. */
export type Area = PolygonArea | CircleArea;

/** About a metre: what lies this near to a boundary is on it. */
const onBoundaryRadians = 1.6e-7;
/** Two directions whose triple product is below this are taken as in one plane (some 6 micrometres). */
const planarMin = 1e-12;

/** Refuses an area that has no one meaning: out of range, too many or too few vertices, too wide, crossing itself. */
export function checkArea(area: Area): Result<Area> {
  return area.kind === 'circle' ? checkCircle(area) : checkPolygon(area);
}

/** Whether a point lies in an area that was checked. */
export function containsPoint(area: Area, point: Position): boolean {
  const vector = vectorOf(point);
  if (area.kind === 'circle') {
    return angleBetween(vectorOf(area.centre), vector) <= area.radiusM / earthRadiusM + onBoundaryRadians;
  }
  return polygonContains(area.vertices.map(vectorOf), vector);
}

/**
 * Whether `inner` lies wholly in `outer`: when it does not, an update has widened or moved it. Both were checked. Where the
 * boundaries of two polygons touch so that it cannot be told, the answer is no: the clock then restarts.
 */
export function containsArea(outer: Area, inner: Area): boolean {
  if (outer.kind === 'circle') return circleContainsArea(outer, inner);
  const vertices = outer.vertices.map(vectorOf);
  if (inner.kind === 'circle') {
    const centre = vectorOf(inner.centre);
    const clearance = Math.min(...edgesOf(vertices).map(([start, end]) => angleToArc(centre, start, end)));
    return polygonContains(vertices, centre) && clearance >= inner.radiusM / earthRadiusM - onBoundaryRadians;
  }
  return polygonContainsPolygon(vertices, inner.vertices.map(vectorOf));
}

/** The centre of a circle, or the mean direction of a polygon's vertices: the point that ranges and bearings are taken to. */
export function centreOf(area: Area): Position {
  if (area.kind === 'circle') return area.centre;
  const mean = meanOf(area.vertices.map(vectorOf));
  return mean === undefined ? { latE6: 0, lonE6: 0 } : positionOf(mean);
}

function checkCircle({ centre, radiusM }: CircleArea): Result<Area> {
  if (!isPosition(centre)) return refuse('agreement.area', 'the centre lies beyond 90 degrees of latitude or 180 of longitude');
  if (!Number.isSafeInteger(radiusM) || radiusM < 1 || radiusM > areaExtentMaxM) {
    return refuse('agreement.area', `the radius is not a whole number of metres from 1 to ${areaExtentMaxM}`, { radiusM });
  }
  return accept({ kind: 'circle', centre, radiusM });
}

function checkPolygon({ vertices }: PolygonArea): Result<Area> {
  if (vertices.length < 3 || vertices.length > areaVerticesMax) {
    return refuse('agreement.area', `a polygon has 3 to ${areaVerticesMax} vertices, not ${vertices.length}`, {
      vertices: vertices.length,
    });
  }
  const outside = vertices.findIndex((vertex) => !isPosition(vertex));
  if (outside !== -1) {
    return refuse('agreement.area', `vertex ${outside + 1} lies beyond 90 degrees of latitude or 180 of longitude`, {
      vertex: outside + 1,
    });
  }
  const vectors = vertices.map(vectorOf);
  const mean = meanOf(vectors);
  if (mean === undefined || vectors.some((vector) => angleBetween(mean, vector) * earthRadiusM > areaExtentMaxM)) {
    return refuse('agreement.area', `a vertex lies more than ${areaExtentMaxM / 1000} km from the middle of the polygon`);
  }
  const fault = crossingOf(vectors);
  if (fault !== undefined) {
    return refuse('agreement.area', `side ${fault.side} of the polygon meets side ${fault.other}`, fault);
  }
  return accept({ kind: 'polygon', vertices });
}

/** The first two sides, counted from 1, that cross, touch or fold back upon each other; side n runs from vertex n. */
function crossingOf(vectors: readonly Vector[]): { side: number; other: number } | undefined {
  const edges = edgesOf(vectors);
  for (const [position, edge] of edges.entries()) {
    for (const [gap, other] of edges.slice(position + 1).entries()) {
      const otherPosition = position + 1 + gap;
      const isNext = otherPosition === position + 1;
      const isWrapped = position === 0 && otherPosition === edges.length - 1;
      const meets = isNext ? foldsBack(edge, other) : isWrapped ? foldsBack(other, edge) : arcsMeet(edge, other);
      if (meets) return { side: position + 1, other: otherPosition + 1 };
    }
  }
  return undefined;
}

/** Two sides that share the end of the first: whether either end lies on the other side, so that they overlap. */
function foldsBack(before: Arc, after: Arc): boolean {
  const [start, middle] = before;
  const end = after[1];
  if (angleBetween(start, middle) < onBoundaryRadians || angleBetween(middle, end) < onBoundaryRadians) return true;
  return angleToArc(end, start, middle) < onBoundaryRadians || angleToArc(start, middle, end) < onBoundaryRadians;
}

function arcsMeet(first: Arc, second: Arc): boolean {
  const touches =
    second.some((end) => angleToArc(end, first[0], first[1]) < onBoundaryRadians) ||
    first.some((end) => angleToArc(end, second[0], second[1]) < onBoundaryRadians);
  return touches || arcsCross(first, second);
}

/** Whether two minor arcs cross at an inner point of both: the four triangles of their ends turn the same way. */
function arcsCross([a, b]: Arc, [c, d]: Arc): boolean {
  const ab = cross(a, b);
  const cd = cross(c, d);
  const turns = [-dot(ab, c), dot(ab, d), -dot(cd, b), dot(cd, a)].map((turn) =>
    Math.abs(turn) < planarMin ? 0 : Math.sign(turn),
  );
  return turns[0] !== 0 && turns.every((turn) => turn === turns[0]);
}

function circleContainsArea(outer: CircleArea, inner: Area): boolean {
  const centre = vectorOf(outer.centre);
  const radius = outer.radiusM / earthRadiusM + onBoundaryRadians;
  if (inner.kind === 'circle') return angleBetween(centre, vectorOf(inner.centre)) + inner.radiusM / earthRadiusM <= radius;
  // A circle smaller than a hemisphere is convex, so that its polygon's sides stay in it with their ends.
  return inner.vertices.every((vertex) => angleBetween(centre, vectorOf(vertex)) <= radius);
}

function polygonContainsPolygon(outer: readonly Vector[], inner: readonly Vector[]): boolean {
  if (!inner.every((vertex) => polygonContains(outer, vertex))) return false;
  const innerEdges = edgesOf(inner);
  const crossing = edgesOf(outer).some((edge) => innerEdges.some((other) => arcsCross(edge, other)));
  if (crossing) return false;
  // A side may leave and return through two corners of the outer boundary: its middle tells.
  return innerEdges.every(([start, end]) => {
    const middle = meanOf([start, end]);
    return middle !== undefined && polygonContains(outer, middle);
  });
}

/** Counts how often the boundary winds round the point, seen from the point. The polygon fits well within a hemisphere. */
function polygonContains(vertices: readonly Vector[], point: Vector): boolean {
  const mean = meanOf(vertices);
  if (mean === undefined || dot(mean, point) <= 0) return false;
  const edges = edgesOf(vertices);
  if (edges.some(([start, end]) => angleToArc(point, start, end) <= onBoundaryRadians)) return true;
  const turned = edges.reduce((total, [start, end]) => total + turnSeenFrom(point, start, end), 0);
  return Math.abs(turned) > Math.PI;
}

/** The signed angle at `point` between the directions of `start` and `end`. */
function turnSeenFrom(point: Vector, start: Vector, end: Vector): number {
  const towardsStart = cross(point, start);
  const towardsEnd = cross(point, end);
  const sine = dot(point, cross(towardsStart, towardsEnd));
  return lengthOf(towardsStart) === 0 ? 0 : Math.atan2(sine, dot(towardsStart, towardsEnd));
}

type Arc = readonly [Vector, Vector];

function edgesOf(vertices: readonly Vector[]): readonly Arc[] {
  return vertices.map((start, position): Arc => [start, vertices[(position + 1) % vertices.length] ?? start]);
}
