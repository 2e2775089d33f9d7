import { bytesOfText } from '#base/bytes.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { hasRole, type Officer } from '#centre/people/officer.ts';
import { readPeople } from '#centre/people/people.ts';
import { officerOfToken } from '#centre/people/token.ts';
import { sha256 } from '#crypto/engine.ts';

/** What people read to each other of a key list before anybody acts on it: 128 bits of its text's hash, as eight groups of digits. */
export function groupsOf(listText: string): string {
  const hash = sha256(bytesOfText(listText));
  const view = new DataView(hash.buffer, hash.byteOffset, 16);
  return Array.from({ length: 8 }, (_, group) => String(view.getUint16(group * 2)).padStart(5, '0')).join(' ');
}

/** Checks the groups that somebody typed. Refused: `key.succession`. */
export function checkGroups(listText: string, typed: string): Result<void> {
  const groups = groupsOf(listText);
  if (typed.replaceAll(/\D/g, '') === groups.replaceAll(' ', '')) return accept(undefined);
  return refuse('key.succession', 'the groups of digits are not those of this list: stop, and find out why', { list: groups });
}

/** The supervisor whose token this is. Refused: `people.token`, `people.role`, `people.file`. */
export async function supervisorOf(peoplePath: string, token: string): Promise<Result<Officer>> {
  const people = await readPeople(peoplePath);
  if (!people.ok) return people;
  const officer = officerOfToken(people.value.officers, token);
  if (officer === undefined) return refuse('people.token', 'the token is no valid token of this centre');
  if (hasRole(officer, ['supervisor'])) return accept(officer);
  return refuse('people.role', `${officer.id} is no supervisor: a succession is for two of them`, { officer: officer.id });
}

/** Two persons, not one twice. Refused: `people.same-person`. */
export function checkSecond(first: string, second: Officer): Result<void> {
  if (second.id !== first) return accept(undefined);
  return refuse('people.same-person', `${first} has confirmed already: the second is another supervisor`, { officer: first });
}
