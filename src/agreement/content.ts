import type { Area } from '#agreement/area.ts';
import type { Position } from '#agreement/position.ts';
import type { Schema } from '#record/schema.ts';

/** The coded content of a record, already accepted by its format's schema. */
export type Content = Readonly<Record<string, unknown>>;

/** The value at a pointer such as `/window/opens`; undefined where there is none. */
export function valueAt(content: Content, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, key) => memberOf(value, key), content);
}

/** The schema of the value at a pointer; undefined where the schema offers none. Choices are not entered. */
export function schemaAt(schema: Schema | undefined, pointer: string): Schema | undefined {
  return pointer
    .split('/')
    .slice(1)
    .reduce<Schema | undefined>((at, key) => (at !== undefined && 'properties' in at ? at.properties[key] : undefined), schema);
}

/** The first key of a pointer: the field of the content that it lies in. */
export function fieldOf(pointer: string): string {
  return pointer.split('/')[1] ?? '';
}

/** What stands in `invented` when the times of filing are invented too, which are no field of the content. */
export const inventedTime = 'filing-time';

/** The names of fields that the content marks as invented for an exercise. */
export function inventedOf(content: Content): readonly string[] {
  const invented = content['invented'];
  return Array.isArray(invented) ? invented.filter((name) => typeof name === 'string') : [];
}

export function positionAt(content: Content, pointer: string): Position | undefined {
  const value = valueAt(content, pointer);
  return isPositionShape(value) ? value : undefined;
}

/** The areas at a pointer, which holds one area or a list of them. What is not an area is passed over. */
export function areasAt(content: Content, pointer: string): readonly Area[] {
  const value = valueAt(content, pointer);
  return (Array.isArray(value) ? value : [value]).filter(isAreaShape);
}

function isAreaShape(value: unknown): value is Area {
  const kind = memberOf(value, 'kind');
  if (kind === 'circle') return isPositionShape(memberOf(value, 'centre')) && typeof memberOf(value, 'radiusM') === 'number';
  const vertices = memberOf(value, 'vertices');
  return kind === 'polygon' && Array.isArray(vertices) && vertices.every(isPositionShape);
}

export function isPositionShape(value: unknown): value is Position {
  return typeof memberOf(value, 'latE6') === 'number' && typeof memberOf(value, 'lonE6') === 'number';
}

export function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}
