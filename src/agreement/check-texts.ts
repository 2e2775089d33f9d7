import { inventedTime, schemaAt } from '#agreement/content.ts';
import type { InstrumentParts } from '#agreement/instrument-files.ts';
import type { FormatText } from '#agreement/instrument-schema.ts';
import { namedShows, placesOf, plainShows, templateId } from '#agreement/template.ts';
import type { Texts } from '#agreement/texts.ts';
import type { ObjectSchema, Schema } from '#record/schema.ts';

/** What a language's texts lack for the instrument to be rendered whole, and what its layouts and templates get wrong. */
export function textProblems({ text, schemas }: InstrumentParts, texts: Texts): readonly string[] {
  const names = [
    'title',
    'profile',
    ...text.formats.map(({ code }) => `format.${code}`),
    ...text.lifeCycle.states.map((state) => `state.${state}`),
    ...text.lifeCycle.transitions.flatMap((each) => (each.outcome === 'refused' ? [`because.${each.because}`] : [])),
    ...[...text.scope, ...text.rules].map(({ id }) => `rule.${id}`),
    ...text.deadlines.flatMap(({ id }) => ['name', 'before', 'after', 'limit'].map((part) => `deadline.${id}.${part}`)),
    ...text.deadlines.flatMap((deadline) =>
      deadline.kind === 'before-window' ? deadline.aspects.map(({ id }) => `aspect.${id}`) : [],
    ),
  ];
  const reasons = [
    ...missing(texts, names),
    ...text.formats.flatMap((format) => formatReasons(format, schemas.get(format.code), texts)),
  ];
  return [...new Set(reasons)];
}

function formatReasons(format: FormatText, schema: Schema | undefined, texts: Texts): readonly string[] {
  if (schema === undefined) return [];
  const invented = schemaAt(schema, '/invented');
  const markable = invented !== undefined && 'items' in invented && 'enum' in invented.items ? invented.items.enum : [];
  const fields = markable.filter((name) => name !== inventedTime).map((name) => `code.field.${name}`);
  const lines = format.layout.flatMap(({ label, at, as }) => {
    const value = schemaAt(schema, at);
    const shown = value === undefined ? [] : showReasons(value, as, texts).map((reason) => `${format.code} ${at}: ${reason}`);
    return [...missing(texts, [`label.${label}`]), ...shown];
  });
  return [...missing(texts, fields), ...unshown(format, schema), ...lines];
}

/** A field that no line shows would be signed and never read. */
function unshown(format: FormatText, schema: Schema): readonly string[] {
  if (!('properties' in schema)) return [];
  const shown = new Set(format.layout.map(({ at }) => at.split('/')[1]));
  const hidden = Object.keys(schema.properties).filter((key) => key !== 'invented' && !shown.has(key));
  return hidden.map((key) => `${format.code}: no line of the layout shows ${key}`);
}

function showReasons(schema: Schema, as: string, texts: Texts): readonly string[] {
  const [way = '', name] = as.split('.', 2);
  if (name === undefined) return plainShows.some((each) => each === way) ? [] : [`${as} is not a way of showing`];
  if (!namedShows.some((each) => each === way)) return [`${as} is not a way of showing`];
  if (way === 'code') return codeReasons(schema, name, texts);
  if (way === 'one') return templateReasons(schema, name, texts);
  if (!('items' in schema)) return [`${as} shows a list, and this is none`];
  return way === 'codes' ? codeReasons(schema.items, name, texts) : templateReasons(schema.items, name, texts);
}

function codeReasons(schema: Schema, group: string, texts: Texts): readonly string[] {
  if ('const' in schema) return missing(texts, [`code.${group}.${String(schema.const)}`]);
  if (!('enum' in schema)) return [`code.${group} shows a coded value, and this is none`];
  return missing(
    texts,
    schema.enum.map((value) => `code.${group}.${value}`),
  );
}

function templateReasons(schema: Schema, name: string, texts: Texts): readonly string[] {
  if ('oneOf' in schema) return schema.oneOf.flatMap((branch) => branchReasons(branch, templateId(name, kindOf(branch)), texts));
  if (!('properties' in schema)) return [`template.${name} shows an object, and this is none`];
  return branchReasons(schema, templateId(name, kindOf(schema)), texts);
}

function branchReasons(branch: ObjectSchema, id: string, texts: Texts): readonly string[] {
  const template = texts.get(id);
  if (template === undefined) return [`${id} is missing`];
  const places = placesOf(template);
  const named = new Set(places.map(({ field }) => field));
  const hidden = Object.keys(branch.properties).filter((key) => key !== 'kind' && !named.has(key));
  const wrong = places.flatMap(({ field, as }) => {
    const property = branch.properties[field];
    return property === undefined ? [`${id}: {${field}} is not a field`] : showReasons(property, as, texts);
  });
  const always = new Set(placesOf(template.replaceAll(/\[\[.*?\]\]/g, '')).map(({ field }) => field));
  const optional = [...always].filter((field) => Object.hasOwn(branch.properties, field) && !branch.required.includes(field));
  return [
    ...hidden.map((key) => `${id} does not show ${key}`),
    ...wrong,
    ...optional.map((field) => `${id}: {${field}} may be absent and must stand in [[ ]]`),
  ];
}

function kindOf(branch: ObjectSchema): string | undefined {
  const kind = branch.properties['kind'];
  return kind !== undefined && 'const' in kind ? String(kind.const) : undefined;
}

function missing(texts: Texts, names: readonly string[]): readonly string[] {
  return names.filter((name) => !texts.has(name)).map((name) => `${name} is missing`);
}
