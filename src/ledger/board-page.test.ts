import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { foldBoard, type HeldLog, type RecordFact, type RecordStatus } from '#ledger/board.ts';
import { renderBoardPage } from '#ledger/board-page.ts';
import { boardTexts } from '#ledger/board-texts.ts';
import { parseCatalogue } from '#ledger/check-catalogue.ts';
import { type Side, sidesInOrder } from '#ledger/edition.ts';
import { evidenceRanges } from '#ledger/evidence-ranges.ts';
import { html } from '#ledger/markup.ts';
import { type Language, languages } from '#ledger/measure.ts';

const root = join(import.meta.dirname, '..', '..');
const paths = globSync(['catalogue/*.json', 'glossary/*.json'], { cwd: root }).filter((path) => !path.endsWith('.schema.json'));
const reading = parseCatalogue(new Map(paths.map((path) => [path, JSON.parse(readFileSync(join(root, path), 'utf8'))])), [
  { agreement: 'BMLN', format: 'NOTIFY' },
]);
assert.ok(reading.ok);
const { catalogue } = reading;

function page(facts: readonly RecordFact[], language: Language, ownSide: Side | null): string {
  const held: readonly HeldLog[] = facts.map(({ origin, owner, status }) => ({ origin, owner, status, size: 99, urgent: [] }));
  return renderBoardPage({ board: foldBoard({ catalogue, facts, held, timeMs: 9_000 }), catalogue, language, ownSide });
}

function factOf(status: RecordStatus, number: string): RecordFact {
  return {
    origin: `cn.example/us-cn/${status}`,
    owner: 'CN',
    index: 3,
    number,
    status,
    agreement: 'BMLN',
    format: 'NOTIFY',
    adopts: null,
    filedAtMs: Date.UTC(1970, 0, 1),
    receivedAtMs: null,
    scenarioAtMs: status === 'exercise' ? Date.UTC(2027, 0, 1) : null,
  };
}

/** What a reader sees, tags taken out. */
function seen(markup: string): string {
  const body = markup.slice(markup.indexOf('<body>'), markup.indexOf('<script>'));
  return body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

test('every measure and challenge stands in the page in each language', () => {
  const text = page([], 'en', null);
  for (const language of languages) {
    for (const { id, title } of catalogue.measures) {
      assert.ok(text.includes(`id="${language}-${id}"`), `${language} ${id}`);
      assert.ok(text.includes(html`${title[language]}`.text), `${language} ${id} title`);
    }
    for (const { title } of catalogue.challenges) assert.ok(text.includes(html`${title[language]}`.text));
  }
});

test('without records each measure says so, and the page says what that does not mean', () => {
  const text = page([], 'en', null);
  for (const language of languages) {
    const { standing, empty, about } = boardTexts[language];
    assert.equal(text.split(`</span> ${standing.nothing}</p>`).length - 1, catalogue.measures.length);
    assert.ok(text.includes(empty));
    for (const line of about.isNot) assert.ok(text.includes(line));
  }
  assert.ok(!text.includes('class="banner"'));
});

test('all three languages have the same texts, none of them blank', () => {
  const shapes = languages.map((language) => shapeOf(boardTexts[language]));
  assert.deepEqual(shapes[1], shapes[0]);
  assert.deepEqual(shapes[2], shapes[0]);
});

/** The paths of all texts with the names that they fill in. */
function shapeOf(value: unknown): unknown {
  if (typeof value === 'string') {
    assert.notEqual(value.trim(), '');
    return (value.match(/\{\w+\}/g) ?? []).toSorted();
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
}

test('with exercise effects the page begins and ends with EXERCISE in each language, and marks the record', () => {
  const text = page([factOf('exercise', 'BMLN/CN/27/000001/NOTIFY')], 'en', null);
  const words = seen(text);
  const banner = languages.map((language) => boardTexts[language].exerciseBanner).join(' ');
  assert.ok(words.startsWith(banner), words.slice(0, 80));
  assert.ok(words.endsWith(banner), words.slice(-80));
  for (const language of languages) {
    const mark = `<strong class="drill-mark">${boardTexts[language].exercise}</strong> <span class="number">BMLN/CN/27/000001/NOTIFY`;
    assert.ok(text.includes(mark), language);
  }
  assert.ok(words.includes('2027-01-01 00:00 UTC'), 'the scenario’s time');
});

test('an actual record alone brings no exercise mark', () => {
  const words = seen(page([factOf('actual', 'BMLN/CN/26/000001/NOTIFY')], 'en', null));
  assert.ok(!words.includes(boardTexts.en.exercise));
  assert.ok(words.includes('BMLN/CN/26/000001/NOTIFY log cn.example/us-cn/actual, index 3 1970-01-01 00:00 UTC'));
});

test('what comes from a record is escaped', () => {
  const hostile = `"><script>alert('1')</script>&`;
  const text = page([{ ...factOf('actual', hostile), origin: `x${hostile}` }], 'en', null);
  assert.ok(!text.includes(`<script>alert`));
  assert.ok(text.includes('&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;'));
  assert.equal(text.split('<script>').length - 1, 1);
});

test('the page asks for nothing from anywhere', () => {
  const text = page([factOf('exercise', 'n')], 'ja', 'US');
  assert.doesNotMatch(text, /https?:|url\(|@import|<link(?! rel="icon" href="data:,")|\ssrc=|<iframe|<img/);
  assert.match(text, /^<!doctype html>\n<html lang="ja">/);
});

test('sides stand in the reader’s alphabetical order, or the reader’s own on the left', () => {
  const lefts = languages.map((language) => sidesInOrder(boardTexts[language], null)[0]);
  assert.deepEqual(lefts, ['CN', 'US', 'CN']);
  assert.deepEqual(sidesInOrder(boardTexts.en, 'US'), ['US', 'CN']);
  const text = page([], 'en', 'US');
  for (const language of languages) {
    assert.ok(text.indexOf(`id="${language}-A1.US.1"`) < text.indexOf(`id="${language}-A1.CN.1"`));
    assert.ok(text.indexOf(`id="${language}-A0.4.US"`) < text.indexOf(`id="${language}-A0.4.CN"`));
  }
});

test('evidence beyond the list is named by its ranges', () => {
  const facts = [0, 1, 2, 5].map((index) => ({ ...factOf('actual', 'n'), index }));
  assert.equal(
    evidenceRanges([...facts, factOf('exercise', 'n')]),
    'cn.example/us-cn/actual 0–2, 5; cn.example/us-cn/exercise 3',
  );
});
