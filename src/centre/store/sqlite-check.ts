import type { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import {
  bytesIn,
  documentChecksum,
  type HeldLog,
  leafChecksum,
  numberIn,
  placeOf,
  type SqliteStatements,
  textIn,
  tileChecksum,
} from '#centre/store/sqlite-rows.ts';

/** Rows read between two turns of the event loop. */
const rowsPerTurn = 256;
const faultsMax = 100;

/** Reads every row of an open file; a sentence for each fault, the first hundred of them. */
export async function checkSqlite(
  database: DatabaseSync,
  statements: SqliteStatements,
  logs: ReadonlyMap<string, HeldLog>,
): Promise<readonly string[]> {
  const faults: string[] = [];
  try {
    for (const table of ['log', 'leaf', 'tile', 'document']) {
      const findings = database.prepare(`PRAGMA integrity_check(${table})`).all().flatMap(Object.values);
      faults.push(...findings.filter((finding) => finding !== 'ok').map((finding) => `table ${table}: ${String(finding)}`));
      await setImmediate();
    }
    for (const [name, held] of logs) await checkLeaves(statements, { name, ...held }, faults);
    await checkTiles(statements, faults);
    await checkDocuments(statements, faults);
  } catch (error) {
    faults.push(`reading stopped: ${error instanceof Error ? error.message : String(error)}`);
  }
  return faults.slice(0, faultsMax);
}

async function checkLeaves(
  statements: SqliteStatements,
  log: HeldLog & { readonly name: string },
  faults: string[],
): Promise<void> {
  // The size is that at the beginning: what is committed meanwhile is not awaited here.
  for (let next = 0; next < log.size && faults.length < faultsMax; ) {
    const rows = statements.leaves.all(placeOf(log.id, next), placeOf(log.id, log.size), rowsPerTurn);
    if (rows.length === 0) faults.push(`${log.name}: leaves from ${next} on are gone`);
    if (rows.length === 0) return;
    for (const row of rows) {
      const place = placeOf(log.id, next);
      if (numberIn(row, 'place') !== place) faults.push(`${log.name}: leaf ${next} is gone`);
      else if (numberIn(row, 'checksum') !== leafChecksum(place, bytesIn(row, 'bytes'))) {
        faults.push(`${log.name}: leaf ${next} is not as it was written`);
      }
      next = numberIn(row, 'place') - placeOf(log.id, 0) + 1;
    }
    await setImmediate();
  }
}

async function checkTiles(statements: SqliteStatements, faults: string[]): Promise<void> {
  let last = { log: 0, level: 0, index: -1 };
  for (;;) {
    const rows = statements.tiles.all(last.log, last.level, last.index, rowsPerTurn);
    if (rows.length === 0 || faults.length >= faultsMax) return;
    for (const row of rows) {
      last = { log: numberIn(row, 'log'), level: numberIn(row, 'level'), index: numberIn(row, 'position') };
      if (numberIn(row, 'checksum') === tileChecksum(last, bytesIn(row, 'bytes'))) continue;
      faults.push(`log ${last.log}: tile ${last.level}/${last.index} is not as it was written`);
    }
    await setImmediate();
  }
}

async function checkDocuments(statements: SqliteStatements, faults: string[]): Promise<void> {
  let last = { collection: '', key: '' };
  for (;;) {
    const rows = statements.documentsAfter.all(last.collection, last.key, rowsPerTurn);
    if (rows.length === 0 || faults.length >= faultsMax) return;
    for (const row of rows) {
      last = { collection: textIn(row, 'collection'), key: textIn(row, 'key') };
      if (numberIn(row, 'checksum') === documentChecksum(last, bytesIn(row, 'value'))) continue;
      faults.push(`document ${last.key} of ${last.collection} is not as it was written`);
    }
    await setImmediate();
  }
}
