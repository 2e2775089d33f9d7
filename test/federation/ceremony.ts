import assert from 'node:assert/strict';
import { bytesOfText } from '#base/bytes.ts';
import { mustAccept, type Result } from '#base/refusal.ts';
import { pathsOf } from '#centre/config.ts';
import type { Officer } from '#centre/people/officer.ts';
import { type AcceptOptions, acceptSuccession } from '#centre/succession/accept.ts';
import { type ApplyOptions, applySuccession } from '#centre/succession/apply.ts';
import { groupsOf } from '#centre/succession/confirmation.ts';
import { type Prepared, type PrepareOptions, prepareSuccession } from '#centre/succession/prepare.ts';
import { signRequest } from '#centre/succession/sign.ts';
import { keyListText, parseKeyList } from '#log/keys.ts';
import { fileTest, untilQuiet } from './concord.ts';
import { PairOfCentres, type Party, passphrase } from './pair-of-centres.ts';

export const ana: Officer = { id: 'ana', name: 'Ana', roles: ['supervisor'] };
export const bao: Officer = { id: 'bao', name: 'Bao', roles: ['supervisor'] };

export interface Side {
  readonly pair: PairOfCentres;
  readonly party: Party;
}

export function at(pair: PairOfCentres, party: Party): Side {
  return { pair, party };
}

export function codeOf(result: Result<unknown>): string {
  return result.ok ? 'accepted' : result.refusal.code;
}

/** Two centres that have spoken, and are stopped. */
export async function pairThatSpoke(): Promise<PairOfCentres> {
  const pair = await PairOfCentres.make({ status: 'test', heartbeatSeconds: 1, askSeconds: 2 });
  const { cn, us } = await pair.startBoth();
  for (let number = 0; number < 5; number += 1) {
    await fileTest(cn, `before ${number}`, number === 2 ? 'Z' : 'R');
    await fileTest(us, `before ${number}`, number === 3 ? 'Z' : 'R');
  }
  await untilQuiet(cn, us);
  await pair.stop('CN');
  await pair.stop('US');
  return pair;
}

export function prepare(pair: PairOfCentres, party: Party, change: Partial<PrepareOptions>): Promise<Result<Prepared>> {
  return prepareSuccession({
    directory: pair.directory(party),
    passphrase,
    cost: 10,
    nowMs: pair.nowMs(party),
    officer: ana,
    reason: 'stolen-key',
    retired: undefined,
    size: undefined,
    cosigned: undefined,
    ...change,
  });
}

export async function signed({ text, groups }: Prepared, offline: string) {
  return mustAccept(await signRequest(bytesOfText(text), groups, { path: offline, passphrase, cost: 10 })).note;
}

export function textIn(note: Uint8Array): string {
  return keyListText(mustAccept(parseKeyList(note)).list);
}

export function apply({ pair, party }: Side, note: Uint8Array, change: Partial<ApplyOptions> = {}) {
  const groups = groupsOf(textIn(note));
  return applySuccession({
    directory: pair.directory(party),
    passphrase,
    nowMs: pair.nowMs(party),
    officer: bao,
    note,
    groups,
    ...change,
  });
}

export function take({ pair, party }: Side, note: Uint8Array, change: Partial<AcceptOptions> = {}) {
  return acceptSuccession({
    directory: pair.directory(party),
    passphrase,
    nowMs: pair.nowMs(party),
    officer: ana,
    note,
    groups: change.groups ?? groupsOf(textIn(note)),
    fingerprint: undefined,
    keep: undefined,
    address: undefined,
    ...change,
  });
}

/** The whole procedure, by two persons on each side. */
export async function succeed(side: Side, change: Partial<PrepareOptions>, accepting: Partial<AcceptOptions> = {}) {
  const prepared = mustAccept(await prepare(side.pair, side.party, change));
  const note = await signed(prepared, pathsOf(side.pair.directory(side.party)).offline);
  mustAccept(await apply(side, note));
  const other = at(side.pair, side.party === 'CN' ? 'US' : 'CN');
  assert.equal(mustAccept(await take(other, note, accepting)).isDone, false);
  assert.equal(mustAccept(await take(other, note, { officer: bao, ...accepting })).isDone, true);
  return note;
}
