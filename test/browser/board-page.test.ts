import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { foldBoard } from '#ledger/board.ts';
import { renderBoardPage } from '#ledger/board-page.ts';
import { boardTexts } from '#ledger/board-texts.ts';
import { parseCatalogue } from '#ledger/check-catalogue.ts';
import { languages } from '#ledger/measure.ts';

const executablePath = '/usr/bin/chromium';
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const markup = shippedBoard();
let browser: Browser;

before(async () => {
  assert.ok(existsSync(executablePath), `Chromium is missing at ${executablePath}: install the package chromium`);
  browser = await chromium.launch({ executablePath, args: flags.split(' ') });
});
after(() => browser.close());

/** The shipped catalogue with one exercise record, so that every kind of block is on the page. */
function shippedBoard(): string {
  const root = join(import.meta.dirname, '..', '..');
  const paths = globSync(['catalogue/*.json', 'glossary/*.json'], { cwd: root }).filter((path) => !path.endsWith('.schema.json'));
  const files = new Map(paths.map((path) => [path, JSON.parse(readFileSync(join(root, path), 'utf8'))]));
  const reading = parseCatalogue(files, [{ agreement: 'BMLN', format: 'NOTIFY' }]);
  assert.ok(reading.ok);
  const log = { origin: 'cn.example/us-cn/exercise', owner: 'CN', status: 'exercise' } as const;
  const record = { number: 'BMLN/CN/27/000001/NOTIFY', agreement: 'BMLN', format: 'NOTIFY', adopts: null } as const;
  const times = { filedAtMs: 0, receivedAtMs: null, scenarioAtMs: 0 };
  const board = foldBoard({
    catalogue: reading.catalogue,
    facts: [{ ...log, ...record, ...times, index: 0 }],
    held: [{ ...log, size: 1, urgent: [] }],
    timeMs: 1,
  });
  return renderBoardPage({ board, catalogue: reading.catalogue, language: 'en', ownSide: null });
}

async function opened(options: Parameters<Browser['newPage']>[0]): Promise<Page> {
  const page = await browser.newPage(options);
  await page.setContent(markup);
  return page;
}

const readers = [
  { width: 1440, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const;
for (const { width, colorScheme } of readers) {
  test(`axe finds nothing and nothing runs over the edge, ${width} wide and ${colorScheme}, in each language`, async () => {
    const page = await opened({ viewport: { width, height: 900 }, colorScheme });
    await page.evaluate(axe);
    for (const language of languages) {
      await page.locator(`label[for=language-${language}]`).click();
      await page.evaluate(`document.querySelectorAll('details').forEach((each) => { each.open = true; })`);
      assert.deepEqual(await violationsOn(page), [], language);
      assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= width, `${language} overflows`);
    }
    await page.close();
  });
}

async function violationsOn(page: Page): Promise<unknown> {
  return page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(rules)} }).then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html))`,
  );
}

test('language and filter are chosen by keyboard alone', async () => {
  const page = await opened({});
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.title(), boardTexts.zh.title);
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
  await page.locator('#zh-filter-hotspot').focus();
  await page.keyboard.press('ArrowDown');
  assert.deepEqual(await shownMeasures(page, 'zh'), ['A1.US.2', 'A1.CN.2', 'A2.US.4', 'A2.CN.1']);
  assert.equal(await page.locator('[data-language=zh] .count').textContent(), '显示 42 项措施中的 4 项');
  await page.close();
});

test('without a script the page still shows one language, and changes it, and filters', async () => {
  const page = await opened({ javaScriptEnabled: false });
  assert.equal(await page.locator('main:visible').count(), 1);
  await page.locator('label[for=language-ja]').click();
  assert.equal(await page.locator('h1:visible').textContent(), boardTexts.ja.title);
  await page.locator('#ja-filter-actor').selectOption('P5');
  assert.equal(await page.locator('.measure:visible').count(), 4);
  await page.close();
});

async function shownMeasures(page: Page, language: string): Promise<readonly string[]> {
  return page.locator(`[data-language=${language}] .measure:visible .id`).allTextContents();
}
