import assert from 'node:assert/strict';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept } from '#base/refusal.ts';
import { hourMs, minuteMs, textOfTime } from '#base/time.ts';
import { pathsOf } from '#centre/config.ts';
import { openCentre } from '#centre/open-centre.ts';
import { type LogSigners, openCentreKeys, openOfflineKeys } from '#centre/signer/key-file.ts';
import { Refused, refusalText } from '#cli/terminal/report.ts';
import { verifierOfKey } from '#crypto/engine.ts';
import type { KeyList } from '#log/key-list-schema.ts';
import { fingerprintOf, parseKeyList, publicKeysOf, signKeyList } from '#log/keys.ts';
import { formatVkey, noteKey } from '#log/note.ts';
import { encodeKeyLists } from '#log/proof.ts';
import { keysOf, textOf } from '#log/sample-centre.ts';
import { alarmsOf, fileTest, untilQuiet } from '#test/federation/concord.ts';
import { type Party, passphrase, until } from '#test/federation/pair-of-centres.ts';
import { ByHand } from './by-hand.ts';
import { Stage } from './stage.ts';

// What officers see, and what a third party hears, where a log has two histories, a key is in other hands, or a store went back. China's
// keys are those that are stolen; any centre's could be.

/** Two centres with a common history of three records, of which China's is then stopped. */
async function common(name: string, title: string): Promise<{ readonly stage: Stage; readonly cn: ByHand }> {
  const stage = await Stage.open(name, title, { heartbeatSeconds: 3600 });
  const { cn, us } = await stage.pair.startBoth();
  await fileTest(cn, 'said to all');
  await untilQuiet(cn, us);
  await fileTest(us, 'and answered');
  await untilQuiet(cn, us);
  const leaves = await us.store.leaves(cn.identity.origin, 0, { count: 10, bytes: 100_000 });
  await stage.pair.stop('CN');
  stage.pass(minuteMs);
  await stage.serve('US');
  return { stage, cn: await ByHand.of(stage, leaves) };
}

async function keysOfCentre(stage: Stage, party: Party): Promise<LogSigners> {
  const file = { path: pathsOf(stage.pair.directory(party)).keys, passphrase, cost: 0 };
  return mustAccept(await openCentreKeys(file)).logs[0] ?? assert.fail('the keys of one log');
}

test('5: two histories of one log', async (t) => {
  const { stage, cn: first } = await common(
    '05-two-histories',
    'Case 5. Somebody who has the keys of China’s centre, it or a thief, lets its log go on in two ways. The United States meet both.',
  );
  t.after(() => stage.close());
  const alarms = alarmsOf(stage.centre('US'));
  const from = first.log.size;
  await first.connect();
  const second = first.branch();
  first.file('TEST', { text: 'first history: nothing is planned' });
  const flash = first.file('TEST', { text: 'first history: a FLASH' }, 'Z');
  await first.sayUrgent(flash.index, from);
  await first.caller('urgent').hear('held-urgent');
  second.file('TEST', { text: 'second history: a FLASH' }, 'Z');
  second.file('TEST', { text: 'second history: something is planned' });
  await second.sayNext(from, from + 2);
  await until('the second history is refused', () => alarms.includes('link.leaf-differs'));
  await second.sayUrgent(from, from);
  await until('its FLASH is shown', () => alarms.includes('log.fork-not-shown') && alarms.includes('log.fork'));
  await first.deliver();
  await stage.keptEvidence('US', { forks: 2, apart: 1 });
  await stage.showState('US');
  const { forks, apart } = await stage.evidence('US');
  assert.deepEqual(
    apart.map(({ text }) => text),
    [new TextDecoder().decode(second.leaves[from])],
  );
  await stage.verify('the evidence that anshin evidence wrote out', {
    fork: stage.keep('evidence-1.fork', bytesOfText(forks[0]?.text ?? '')),
  });
  await stage.verify('a record of the first history, with its proof', await first.shown('first', from));
  await stage.verify('a record of the second history, with its proof', await second.shown('second', from));
  first.hangUp();
  await until('the line is lost', () =>
    stage
      .centre('US')
      .linkState()
      .paths.every(({ connected }) => !connected),
  );
  const cn = (await stage.pair.start('CN')).centre;
  await stage.serve('CN');
  await until('the owner is told', () => cn.alarms().some(({ refusal }) => refusal.code === 'log.fork'));
  await until('and asked how far it is', () => cn.alarms().some(({ refusal }) => refusal.code === 'signer.went-back'));
  await stage.alive('CN');
  await stage.showState('CN');
  stage.compare();
});

test('6: the log keys are stolen', async (t) => {
  const { stage, cn: thief } = await common(
    '06-log-keys-stolen',
    'Case 6. A thief has the log keys of China’s centre and no other key, and shows a third party a record that China’s centre never filed. Nothing of it comes to either centre, so nothing is seen there. Once both histories meet, case 5 follows.',
  );
  t.after(() => stage.close());
  await stage.pair.start('CN');
  await stage.serve('CN');
  await until('the line is up', () => stage.centre('CN').linkState().line === 'open');
  await until('and alive', () =>
    stage
      .centre('US')
      .linkState()
      .paths.every(({ connected, state }) => connected && state === 'alive'),
  );
  const { index } = thief.file('TEST', { text: 'never said by this centre' });
  await stage.showState('CN');
  await stage.verify('the false record, signed by the stolen log keys alone', await thief.shown('false', index));
  const us = await keysOfCentre(stage, 'US');
  const both = await thief.shown('false-cosigned', index, { witness: us.witness });
  await stage.verify('the same, made by the United States with the stolen log keys and their own witness keys', both);
  const neutral = keysOf(91).ed25519;
  const vkey = formatVkey(noteKey('neutral.example/w', 'ed25519-cosignature', verifierOfKey('ed25519', neutral.publicKey)));
  const policy = stage.keep('policy', bytesOfText(`witness neutral ${vkey}\nquorum neutral\n`));
  await stage.verify('the same, where a policy asks for a third witness', { ...both, policy });
  stage.compare();
});

test('7: the witness keys are stolen', async (t) => {
  const { stage, cn } = await common(
    '07-witness-keys-stolen',
    'Case 7. Somebody has the witness keys of the United States, and cosigns in their name a tree of China’s log that they never saw. The United States then issue a key list that retires the stolen keys. On the line nothing of it is seen.',
  );
  t.after(() => stage.close());
  const us = await keysOfCentre(stage, 'US');
  const seen = cn.log.size;
  const { index } = cn.file('TEST', { text: 'never shown to the United States' });
  const shown = await cn.shown('unseen', index, { witness: us.witness });
  await stage.verify('the record with the key lists of the pairing', shown);
  const list = parsedList(await readFile(pathsOf(stage.pair.directory('US')).keyList));
  const until = [{ origin: cn.log.origin, size: seen }];
  const fresh = { ...textOf(keysOf(51)), name: `${list.origin}/witness-2` };
  const retired = await reissued(stage, 'US', { witness: [...list.witness.map((each) => ({ ...each, until })), fresh] });
  const keys = [stage.keys[0] ?? '', stage.keep('US-list-2.note', retired)];
  await stage.verify('the same, with the list in which the United States retired the stolen keys', { ...shown, keys });
  stage.compare();
});

test('8: the link key is stolen', async (t) => {
  const { stage, cn: thief } = await common(
    '08-link-key-stolen',
    'Case 8. A thief has the link key of China’s centre and none of its log keys, and holds the line in its place for four hours. It sends a record that it signed with keys of its own.',
  );
  t.after(() => stage.close());
  const alarms = alarmsOf(stage.centre('US'));
  const own = { name: thief.log.origin, ...keysOf(61) };
  await thief.connect(undefined, own);
  const { index } = thief.file('TEST', { text: 'never said by this centre' });
  await thief.sayNext(index, index + 1, own);
  await until('it is refused', () => alarms.includes('note.policy'));
  stage.pass(4 * hourMs);
  await stage.showState('US');
  await stage.verify('the record that the thief sent', await thief.shown('false', index, { log: own }));
  stage.compare();
});

function parsedList(note: Uint8Array): KeyList {
  return mustAccept(parseKeyList(note)).list;
}

/** The next key list of a centre, changed, as whoever has its offline keys can sign it. */
async function reissued(stage: Stage, party: Party, change: Partial<KeyList>): Promise<Uint8Array> {
  const paths = pathsOf(stage.pair.directory(party));
  const list = parsedList(await readFile(paths.keyList));
  const offline = mustAccept(await openOfflineKeys({ path: paths.offline, passphrase, cost: 0 }));
  const issuedAt = textOfTime(stage.nowMs(party));
  return await signKeyList({ ...list, serial: list.serial + 1, issuedAt, ...change }, offline);
}

test('9: the offline keys are stolen', async (t) => {
  const { stage, cn: thief } = await common(
    '09-offline-keys-stolen',
    'Case 9. A thief has the offline keys of China’s centre, issues a second key list that adds log keys of the thief, and signs a record with them. Another thief, who has no key, makes up a key list from nothing. Lists do not travel on the line, so no centre sees either.',
  );
  t.after(() => stage.close());
  const own = { name: thief.log.origin, ...keysOf(71) };
  const list = parsedList(await readFile(pathsOf(stage.pair.directory('CN')).keyList));
  const log = [...list.log, { ...textOf(keysOf(71)), fromSize: thief.log.size }];
  const second = await reissued(stage, 'CN', { log });
  const { index } = thief.file('TEST', { text: 'never said by this centre' });
  const shown = await thief.shown('false', index, { log: own });
  const fingerprint = [fingerprintOf(mustAccept(publicKeysOf(list.offline)))];
  await stage.verify('the record with the key lists of the pairing', shown);
  const keys = [stage.keep('CN-list-2.note', second), stage.keys[1] ?? ''];
  await stage.verify('with the second list, by the groups of digits that China’s officers read out', {
    ...shown,
    keys,
    fingerprint,
  });
  const carrying = await thief.shown('false-carrying', index, { log: own, extra: encodeKeyLists([second]) });
  await stage.verify('with the list of the pairing, and the second list inside the proof', { ...carrying, fingerprint });
  const invented = keysOf(81);
  const madeUp = await signKeyList(
    { ...list, offline: textOf(invented), log: [{ ...textOf(keysOf(71)), fromSize: 0 }] },
    invented,
  );
  const fromNothing = [stage.keep('CN-made-up.note', madeUp), stage.keys[1] ?? ''];
  await stage.verify('with a list from nothing, without comparing the groups of digits', { ...shown, keys: fromNothing });
  await stage.verify('the same, by the groups of digits that China’s officers read out', {
    ...shown,
    keys: fromNothing,
    fingerprint,
  });
  stage.compare();
});

test('10: a store went backwards', async (t) => {
  const stage = await Stage.open(
    '10-store-went-back',
    'Case 10. The machine of the United States is restored from a copy that is older than what it has said since: first the store alone, then everything.',
    { heartbeatSeconds: 3600, askSeconds: 1 },
  );
  t.after(() => stage.close());
  const { cn, us } = await stage.pair.startBoth();
  await fileTest(us, 'before the copy');
  await untilQuiet(cn, us);
  await stage.pair.stop('US');
  const copy = join(stage.pair.folder, 'copy');
  await cp(stage.pair.directory('US'), copy, { recursive: true });
  const later = (await stage.pair.start('US')).centre;
  await until('the line is open', () => later.linkState().line === 'open');
  const lost = await fileTest(later, 'after the copy');
  await untilQuiet(cn, later);
  await stage.pair.stop('US');
  stage.pass(minuteMs);

  const { store } = pathsOf(stage.pair.directory('US'));
  for (const end of ['', '-wal', '-shm']) await rm(`${store}${end}`, { force: true });
  await cp(pathsOf(copy).store, store);
  const refused = await openCentre(stage.pair.optionsOf('US'));
  assert.ok(!refused.ok);
  stage.file.add('US: anshin serve, the store restored alone', refusalText('running the centre', new Refused(refused)));

  await rm(stage.pair.directory('US'), { recursive: true });
  await cp(copy, stage.pair.directory('US'), { recursive: true });
  const restored = (await stage.pair.start('US')).centre;
  await stage.serve('US');
  await stage.serve('CN');
  await until('the time to confirm', () => restored.linkState().line === 'confirm');
  await until('the alarm', () => restored.alarms().length > 0);
  await stage.alive('CN', 'US');
  await stage.showState('US');
  await stage.showState('CN');
  await stage.verify(
    'the record that the United States lost, as China’s centre holds it',
    await stage.exported('CN', 'theirs', lost.index),
  );
  stage.compare();
});
