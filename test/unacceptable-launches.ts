import { mustAccept } from '#base/refusal.ts';
import type { RefusalCode } from '#base/refusal-codes.ts';
import { hourMs, textOfTime } from '#base/time.ts';
import { idOf, sealRecord } from '#record/envelope.ts';
import type { DraftRecord, Reference } from '#record/envelope-schema.ts';
import { fullProfile, noticeContent } from '#test/paper-circle.ts';
import type { LogPosition, UnacceptableRecord } from '#test/unacceptable-records.ts';

/** A position in a log of a circle that has the full profile of the launch agreement in force. */
export interface LaunchPosition extends LogPosition {
  /** The next serial of the owner's BMLN series in the year of `filedAtMs`. */
  readonly launchSerial: number;
}

export interface UnacceptableLaunch extends Omit<UnacceptableRecord, 'leaves'> {
  readonly leaves: (at: LaunchPosition) => readonly Uint8Array[];
}

type Change = Partial<DraftRecord> & Pick<DraftRecord, 'content'>;

/** Launch notifications that are authentic and that the agreement makes void, each with its code. */
export const unacceptableLaunches: readonly UnacceptableLaunch[] = [
  kind('a launch format that does not exist', 'agreement.format', (at) => [
    step(at, 'NOTIFY', { content: notice(at), basis: basis('GREETING', '2') }),
  ]),
  kind('a launch format under another article', 'agreement.format', (at) => [
    step(at, 'NOTIFY', { content: notice(at), basis: basis('NOTIFY', '9') }),
  ]),
  kind('a launch format under another class', 'agreement.format', (at) => [
    step(at, 'NOTIFY', { content: notice(at), class: 'query' }),
  ]),
  kind('a notice released by a machine', 'agreement.format', (at) => [
    step(at, 'NOTIFY', { content: notice(at), originator: { centre: at.owner, role: 'machine' } }),
  ]),
  kind('a notice without a window', 'agreement.content', (at) => [
    step(at, 'NOTIFY', { content: { ...notice(at), window: undefined } }),
  ]),
  kind('a window that closes before it opens', 'agreement.content', (at) => [
    step(at, 'NOTIFY', { content: { ...notice(at), window: turned(at) } }),
  ]),
  kind('a launch on land from the sea', 'agreement.content', (at) => [
    step(at, 'NOTIFY', { content: { ...notice(at), missileClass: 'ICBM' } }),
  ]),
  kind('an area that crosses itself', 'agreement.area', (at) => [
    step(at, 'NOTIFY', { content: { ...notice(at), impactAreas: [bowTie] } }),
  ]),
  kind('a launch out of scope', 'agreement.scope', (at) => [step(at, 'NOTIFY', { content: outOfScope(at) })]),
  kind('a notice as FLASH', 'agreement.precedence', (at) => [
    step(at, 'NOTIFY', { content: notice(at), precedence: { action: 'Z', info: 'R' } }),
  ]),
  kind('a notice of less precedence than is due', 'agreement.precedence', (at) => [
    step(at, 'NOTIFY', { content: notice(at), precedence: { action: 'R', info: 'R' } }),
  ]),
  kind('a cancellation of nothing', 'agreement.life-cycle', (at) => [step(at, 'CANCEL', { content: reason })]),
  kind('a cancellation of what is cancelled', 'agreement.life-cycle', (at) => {
    const first = step(at, 'NOTIFY', { content: notice(at) });
    const references = [refersTo(at, 'cancels', { index: at.index, id: idOf(first) })];
    return [
      first,
      step(later(at, 1), 'CANCEL', { content: reason, references }),
      step(later(at, 2), 'CANCEL', { content: reason, references }),
    ];
  }),
  kind('a cancellation of a record of the other party', 'agreement.reference', (at) => [
    step(at, 'CANCEL', {
      content: reason,
      references: [{ ...refersTo(at, 'cancels', at.theirs), log: at.peerOrigin }],
    }),
  ]),
  kind('a cancellation of a record that is no launch', 'agreement.reference', (at) => [
    step(at, 'CANCEL', { content: reason, references: [refersTo(at, 'cancels', at.own)] }),
  ]),
  kind('a cancellation of two matters', 'agreement.reference', (at) => {
    const first = step(at, 'NOTIFY', { content: notice(at) });
    const second = step(later(at, 1), 'NOTIFY', { content: notice(at) });
    const cancelled = [first, second].map((bytes, offset) =>
      refersTo(at, 'cancels', { index: at.index + offset, id: idOf(bytes) }),
    );
    return [first, second, step(later(at, 2), 'CANCEL', { content: reason, references: cancelled })];
  }),
  kind('a cancellation under another relation', 'agreement.reference', (at) => {
    const first = step(at, 'NOTIFY', { content: notice(at) });
    return [
      first,
      step(later(at, 1), 'CANCEL', {
        content: reason,
        references: [refersTo(at, 'updates', { index: at.index, id: idOf(first) })],
      }),
    ];
  }),
];

const reason = { reason: 'technical' };
const bowTie = {
  kind: 'polygon',
  vertices: [
    { latE6: 0, lonE6: 0 },
    { latE6: 1_000_000, lonE6: 1_000_000 },
    { latE6: 0, lonE6: 1_000_000 },
    { latE6: 1_000_000, lonE6: 0 },
  ],
};

function kind(name: string, code: RefusalCode, leaves: UnacceptableLaunch['leaves']): UnacceptableLaunch {
  return { name, code, judged: 'void', seenBy: 'log', leaves };
}

function notice(at: LogPosition): DraftRecord['content'] {
  return noticeContent(at.filedAtMs + 50 * hourMs);
}

function turned(at: LogPosition): { readonly opens: string; readonly closes: string } {
  return { opens: textOfTime(at.filedAtMs + 52 * hourMs), closes: textOfTime(at.filedAtMs + 50 * hourMs) };
}

/** A short flight of a class that is notified only beyond a range. */
function outOfScope(at: LogPosition): DraftRecord['content'] {
  const content = notice(at);
  const site = { kind: 'site', names: { en: 'Range' }, position: { latE6: 5_000_000, lonE6: -161_000_000 } };
  const trajectory = { rangeKm: 111, azimuth: { kind: 'bearing', tenths: 900 } };
  return { ...content, missileClass: 'SRBM', launchArea: site, trajectory };
}

function later(at: LaunchPosition, by: number): LaunchPosition {
  return { ...at, launchSerial: at.launchSerial + by };
}

function refersTo(
  at: LogPosition,
  relation: Reference['relation'],
  to: { readonly index: number; readonly id: string },
): Reference {
  return { relation, log: at.origin, index: to.index, id: to.id };
}

function basis(format: string, article: string): DraftRecord['basis'] {
  return { agreement: 'BMLN', version: fullProfile.hash, article, format };
}

function step(at: LaunchPosition, code: string, change: Change): Uint8Array {
  const format = fullProfile.formats.get(code);
  const draft: DraftRecord = {
    schema: 'anshin.record/1',
    status: at.status,
    class: format?.class ?? 'notification',
    precedence: { action: 'P', info: 'R' },
    originator: { centre: at.owner, role: 'releaser' },
    action: [at.peer],
    info: [],
    basis: basis(code, format?.article ?? '1'),
    ...(at.status === 'exercise' ? { exercise: { name: 'UNACCEPTABLE', scenarioAt: textOfTime(at.filedAtMs) } } : {}),
    references: [],
    releasability: 'parties',
    salt: at.launchSerial.toString(16).padStart(32, '0'),
    ...change,
  };
  return mustAccept(sealRecord(draft, { serial: at.launchSerial, filedAtMs: at.filedAtMs })).bytes;
}
