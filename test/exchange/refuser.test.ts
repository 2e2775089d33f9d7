import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOfText, hexOf } from '#base/bytes.ts';
import { refusalsPerDayMax } from '#base/limits.ts';
import { accept, mustAccept, type Refusal, refuse } from '#base/refusal.ts';
import { dayMs } from '#base/time.ts';
import type { CoreStatement } from '#centre/core-drafts.ts';
import { Refuser } from '#centre/refuser.ts';
import { realWorld } from '#centre/world.ts';
import { refusalsOf } from '#exchange/log-view.ts';
import { MemoryShelves } from '#exchange/memory-shelf.ts';
import { Register } from '#exchange/register.ts';
import { type CoreFormat, parseCore } from '#record/core-formats.ts';
import { sealRecord } from '#record/envelope.ts';
import { circleFromMs, PaperCircle } from '#test/paper-circle.ts';
import { coreDraft, type FiledRecord } from '#test/paper-log.ts';

/** Our centre, China's, on paper: what its refuser files is appended and folded at once, unless the disk is full. */
class Desk {
  readonly circle = new PaperCircle('test');
  readonly filed: CoreStatement<CoreFormat>[] = [];
  readonly alarms: Refusal[] = [];
  nowMs = circleFromMs;
  isFull = false;
  /** How the store fails without a refusal, once. */
  failure: Error | undefined;
  readonly shelves = new MemoryShelves();
  readonly register: Register;
  refuser: Refuser;

  constructor() {
    const { cn, us } = this.circle;
    this.register = new Register({
      logs: [cn.identity, us.identity],
      instruments: () => undefined,
      rootAt: (log, size) => (log === cn.origin ? cn : us).rootAt(size),
      shelves: this.shelves,
    });
    this.refuser = this.restarted();
  }

  restarted(): Refuser {
    const { cn, us } = this.circle;
    this.refuser = new Refuser({
      register: this.register,
      shelves: this.shelves,
      ownOrigin: cn.origin,
      peerOrigin: us.origin,
      nowMs: () => this.nowMs,
      turn: realWorld.turn,
      mayFile: () => true,
      statement: (statement, place) => {
        this.filed.push(statement);
        const { format, content, references } = statement;
        const draft = coreDraft(cn, { format, content, to: 'US' }, { references: [...references] });
        const sealed = sealRecord(draft, { serial: place.serial('CORE'), filedAtMs: this.nowMs });
        return sealed.ok ? accept(sealed.value.bytes) : sealed;
      },
      append: (work) => {
        const { failure } = this;
        this.failure = undefined;
        if (failure !== undefined) return Promise.reject(failure);
        if (this.isFull) return Promise.resolve(refuse('store.full', 'no room'));
        const first = cn.nextSerial('CORE', this.nowMs);
        let drawn = first - 1;
        const built = mustAccept(work.build({ index: cn.size, serial: () => (drawn += 1) }));
        for (const record of built.records) {
          const { index } = cn.append(record);
          this.register.take(cn.origin, index, record);
        }
        return Promise.resolve(
          accept({ index: 0, checkpoint: { size: cn.size, root: new Uint8Array(), note: new Uint8Array() }, cosignature: null }),
        );
      },
      alarm: (refusal) => this.alarms.push(refusal),
    });
    return this.refuser;
  }

  hear(bytes: Uint8Array): number {
    const { us } = this.circle;
    const { index } = us.append(bytes);
    this.register.take(us.origin, index, bytes);
    return index;
  }

  hearFiled({ index, known }: FiledRecord): number {
    this.register.take(this.circle.us.origin, index, known.bytes);
    return index;
  }

  /** We say something that is no refusal. */
  say({ index, known }: FiledRecord): void {
    this.register.take(this.circle.cn.origin, index, known.bytes);
  }

  formats(): readonly string[] {
    return this.filed.map(({ format }) => format);
  }

  async run(): Promise<void> {
    this.refuser.run();
    await this.refuser.idle();
  }

  refusalOf(index: number): readonly string[] {
    const { cn, us } = this.circle;
    const view = this.register.log(cn.origin)?.held ?? assert.fail('the log of China');
    const made = refusalsOf(view, { log: us.origin, index });
    return made.map(({ code }) => code);
  }
}

test('the first void records of a day are refused in full, the rest counted when the day is over', async () => {
  const desk = new Desk();
  const more = 7;
  const indices = Array.from({ length: refusalsPerDayMax + more }, (_, number) => desk.hear(bytesOfText(`no record ${number}`)));
  await desk.run();
  assert.equal(desk.filed.length, refusalsPerDayMax);
  assert.deepEqual(desk.refusalOf(0), ['record.json']);
  desk.nowMs += dayMs;
  await desk.run();
  const [last] = desk.filed.slice(-1);
  const from = indices[refusalsPerDayMax];
  assert.deepEqual(last?.content, { log: desk.circle.us.origin, from, to: indices.length, refused: more });
  for (const { index } of desk.register
    .held()
    .filter(({ owner }) => owner === 'CN')
    .map(({ size }) => ({ index: size - 1 })))
    assert.deepEqual(desk.register.standing(desk.circle.cn.origin, index), { kind: 'accepted' });
  assert.ok(desk.hear(bytesOfText('another day')) > 0);
  await desk.run();
  assert.equal(desk.filed.length, refusalsPerDayMax + 2);
});

test('what was refused is not refused again, by the same run or after a start', async () => {
  const desk = new Desk();
  const index = desk.hear(bytesOfText('no record'));
  await desk.run();
  await desk.run();
  desk.restarted();
  await desk.run();
  assert.deepEqual(desk.refusalOf(index), ['record.json']);
});

test('a refusal that could not be logged is logged later', async () => {
  const desk = new Desk();
  desk.isFull = true;
  const index = desk.hear(bytesOfText('no record'));
  await desk.run();
  assert.deepEqual(
    desk.alarms.map(({ code }) => code),
    ['store.full'],
  );
  desk.isFull = false;
  await desk.run();
  assert.deepEqual(desk.refusalOf(index), ['record.json']);
});

test('a void refusal is answered by none, a record of an unknown agreement by one', async () => {
  const desk = new Desk();
  const { cn, us } = desk.circle;
  const content = { log: cn.origin, index: 0, code: 'record.json', clause: 'record 2', detail: 'no JSON' };
  const refusal = desk.circle.core(us, circleFromMs, { format: 'REFUSAL', content });
  desk.register.take(us.origin, refusal.index, refusal.known.bytes);
  assert.equal(desk.register.standing(us.origin, refusal.index)?.kind, 'void');
  const draft = coreDraft(us, { format: 'TEST', content: { text: 'x' }, to: 'CN' });
  const basis = { agreement: 'NOBODY', version: hexOf(new Uint8Array(32)), article: '1', format: 'NOTIFY' };
  const unknown = us.file({ ...draft, basis, class: 'notification' }, circleFromMs);
  desk.register.take(us.origin, unknown.index, unknown.known.bytes);
  await desk.run();
  assert.deepEqual(desk.refusalOf(refusal.index), []);
  assert.deepEqual(desk.refusalOf(unknown.index), ['agreement.unknown']);
  assert.equal(desk.filed.length, 1);
});

test('a receipt with another root is refused, by the place and the id of the receipt', async () => {
  const desk = new Desk();
  const { cn, us } = desk.circle;
  const said = desk.circle.core(cn, circleFromMs, { format: 'TEST', content: { text: 'x' } });
  desk.register.take(cn.origin, said.index, said.known.bytes);
  const root = 'ab'.repeat(32);
  const receivedAt = new Date(circleFromMs).toISOString();
  const content = { log: cn.origin, from: 0, to: 1, size: 1, root, receivedAt, lane: 'next' as const };
  const receipt = desk.circle.core(us, circleFromMs, { format: 'RECEIPT', content });
  desk.register.take(us.origin, receipt.index, receipt.known.bytes);
  await desk.run();
  assert.deepEqual(desk.refusalOf(receipt.index), ['receipt.root']);
  const [refusal] = desk.filed;
  assert.deepEqual(refusal?.references, [{ relation: 'rejects', log: us.origin, index: receipt.index, id: receipt.id }]);
  assert.equal(parseCore(receipt.known.record, 'RECEIPT').ok, true);
});

test('the hundred of a day are counted from our own log, so a start the same day says no more', async () => {
  const desk = new Desk();
  for (let number = 0; number < refusalsPerDayMax + 50; number += 1) desk.hear(bytesOfText(`no record ${number}`));
  for (let start = 0; start < 3; start += 1) {
    desk.restarted();
    await desk.run();
  }
  assert.equal(desk.filed.length, refusalsPerDayMax);
});

test('a start on a later day files the count of the day before, and what it covers is not refused again', async () => {
  const desk = new Desk();
  for (let number = 0; number < refusalsPerDayMax + 50; number += 1) desk.hear(bytesOfText(`no record ${number}`));
  desk.say(desk.circle.receipt(desk.circle.cn, circleFromMs, { from: 0 }));
  await desk.run();
  desk.nowMs += dayMs;
  desk.restarted();
  await desk.run();
  const counts = desk.filed.slice(refusalsPerDayMax);
  assert.deepEqual(
    counts.map(({ format, content }) => [format, content]),
    [['REFUSAL-COUNT', { log: desk.circle.us.origin, from: refusalsPerDayMax, to: refusalsPerDayMax + 50, refused: 50 }]],
  );
  desk.restarted();
  await desk.run();
  assert.equal(desk.filed.length, refusalsPerDayMax + 1);
});

test('a count that could not be logged is logged later', async () => {
  const desk = new Desk();
  for (let number = 0; number <= refusalsPerDayMax; number += 1) desk.hear(bytesOfText(`no record ${number}`));
  await desk.run();
  desk.nowMs += dayMs;
  desk.isFull = true;
  await desk.run();
  desk.isFull = false;
  desk.filed.length = 0;
  await desk.run();
  assert.deepEqual(desk.formats(), ['REFUSAL-COUNT']);
});

test('a failure that is no refusal is an alarm, and what it left is refused at the next run', async () => {
  const desk = new Desk();
  const index = desk.hear(bytesOfText('no record'));
  desk.failure = new Error('the disk is gone');
  await desk.run();
  assert.deepEqual(
    desk.alarms.map(({ code }) => code),
    ['request.failed'],
  );
  await desk.run();
  assert.deepEqual(desk.refusalOf(index), ['record.json']);
});

test('a pending record is judged again when what it awaits is here, and not before', async () => {
  const desk = new Desk();
  const { circle, register } = desk;
  const { cn, us } = circle;
  const wire = (index: number) => {
    const references = [{ relation: 'answers', log: cn.origin, index, id: 'ab'.repeat(32) }] as const;
    const narrative = { language: 'en', text: 'as you said' } as const;
    return desk.hearFiled(circle.core(us, circleFromMs, { format: 'ORDERWIRE', content: {}, more: { references, narrative } }));
  };
  const [first, second] = [wire(0), wire(1)];
  await desk.run();
  const judged: number[] = [];
  const standing = register.standing.bind(register);
  register.standing = (origin, index) => {
    judged.push(index);
    return standing(origin, index);
  };
  await desk.run();
  assert.deepEqual(judged, []);
  const narrative = { language: 'en', text: 'what I said' } as const;
  desk.say(circle.core(cn, circleFromMs, { format: 'ORDERWIRE', content: {}, more: { narrative } }));
  await desk.run();
  // The refusal of the first is leaf 1 of our log, which the second awaits.
  assert.deepEqual(judged, [first, second]);
  assert.deepEqual([desk.refusalOf(first), desk.refusalOf(second)], [['record.reference'], ['record.reference']]);
});
