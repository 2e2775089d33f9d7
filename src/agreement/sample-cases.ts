import { type Instrument, loadInstrument } from '#agreement/instrument.ts';
import { judgeContent } from '#agreement/judge.ts';
import type { Matter } from '#agreement/matter.ts';
import { mustAccept } from '#base/refusal.ts';
import type { RecordEnvelope } from '#record/envelope-schema.ts';

/** Reads one file below the project's folder. Handed in, since this room reads none. */
export type Reader = (path: string) => Uint8Array;

export type Profile = 'full' | '1988-minimal';

/** One record of `spec/vectors/agreement/launch-cases.json`. */
export interface LaunchCase {
  readonly profile: Profile;
  readonly originator: string;
  readonly addressee: string;
  readonly filedAt: string;
  readonly format: string;
  readonly precedence: RecordEnvelope['precedence']['action'];
  readonly content: Readonly<Record<string, unknown>>;
}

/** The published instrument of a profile, for tests. */
export function publishedInstrument(read: Reader, profile: Profile): Instrument {
  return mustAccept(loadInstrument(publishedFiles(read, profile)));
}

export function publishedFiles(read: Reader, profile: Profile): Map<string, Uint8Array> {
  const folder = `agreements/bmln-${profile}`;
  const formats =
    profile === 'full' ? ['NOTIFY', 'UPDATE', 'POSTPONE', 'CANCEL', 'LAUNCHED', 'NOT-LAUNCHED', 'ANOMALY'] : ['NOTIFY'];
  const paths = [
    'instrument.json',
    ...formats.map((code) => `formats/${code}.json`),
    ...['en', 'zh', 'ja'].map((language) => `texts/${language}.json`),
  ];
  return new Map(paths.map((path) => [path, new Uint8Array(read(`${folder}/${path}`))]));
}

export function launchCases(read: Reader): Readonly<Record<string, LaunchCase>> {
  return JSON.parse(new TextDecoder().decode(read('spec/vectors/agreement/launch-cases.json'))) as Readonly<
    Record<string, LaunchCase>
  >;
}

/** The record of a case, as an exercise whose scenario time is the case's filing time; `change` replaces parts of it. */
export function sampleRecord(instrument: Instrument, given: LaunchCase, change: Partial<RecordEnvelope> = {}): RecordEnvelope {
  const format = instrument.formats.get(given.format);
  const relation = format?.relation ?? 'opens';
  const log = `${given.originator.toLowerCase()}.anshin.example/us-cn/exercise`;
  return {
    schema: 'anshin.record/1',
    number: `BMLN/${given.originator}/26/000001/${given.format}`,
    status: 'exercise',
    class: format?.class ?? 'test',
    precedence: { action: given.precedence, info: 'R' },
    originator: { centre: given.originator, role: 'releaser' },
    action: [given.addressee],
    info: [],
    basis: { agreement: instrument.shortName, version: instrument.hash, article: format?.article ?? '', format: given.format },
    filedAt: '2026-11-22T06:00:00.000Z',
    exercise: { name: 'Quiet Window', scenarioAt: given.filedAt },
    references: relation === 'opens' ? [] : [{ relation, log, index: 7, id: '5a'.repeat(32) }],
    content: given.content,
    releasability: 'parties',
    approved: '00'.repeat(32),
    salt: '00'.repeat(16),
    ...change,
  };
}

/** The matter after some records, each judged after the one before it. */
export function matterOfRecords(instrument: Instrument, records: readonly RecordEnvelope[]): Matter {
  const [first, ...rest] = records;
  if (first === undefined) throw new Error('a matter has at least one record');
  const opened = mustAccept(judgeContent({ record: first, instrument, prior: null })).matter;
  return rest.reduce((prior, record) => mustAccept(judgeContent({ record, instrument, prior })).matter, opened);
}
