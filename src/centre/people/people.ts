import { readFile, stat } from 'node:fs/promises';
import { bytesOfText, textOfBytes } from '#base/bytes.ts';
import { officersMax, peopleFileBytesMax } from '#base/limits.ts';
import { accept, type Result, refuse } from '#base/refusal.ts';
import { checkText } from '#base/text.ts';
import { checkPeople, type Officer, type OfficerEntry, type PeopleList } from '#centre/people/officer.ts';
import { newToken, officerOfToken } from '#centre/people/token.ts';
import { isErrno, writeDurably } from '#centre/store/durable-file.ts';

const fileMode = 0o600;

/**
 * The officers of a running centre. Owner of the list that it read; it looks at the file before each answer and reads it again
 * when it changed, so that a token withdrawn on the command line is refused from the next request on.
 */
export class People {
  readonly #path: string;
  #version = '';
  #list: Result<PeopleList>;

  private constructor(path: string, list: Result<PeopleList>) {
    this.#path = path;
    this.#list = list;
  }

  /** Opens `people.json`; a centre without the file has no officers, and nobody can sign in. Refused: `people.file`, `people.officer`. */
  static async open(path: string): Promise<Result<People>> {
    const people = new People(path, accept(nobody));
    const list = await people.#current();
    return list.ok ? accept(people) : list;
  }

  /** Whose token this is. Refused: `people.token`, or `people.file` when the file can no longer be read: nobody signs in then. */
  async officerOf(token: string): Promise<Result<Officer>> {
    const list = await this.#current();
    if (!list.ok) return list;
    const officer = officerOfToken(list.value.officers, token);
    return officer === undefined ? refuse('people.token', 'the token is no valid token of this centre') : accept(officer);
  }

  async #current(): Promise<Result<PeopleList>> {
    const version = await versionOf(this.#path);
    if (version !== this.#version) {
      this.#list = await readPeople(this.#path);
      this.#version = version;
    }
    return this.#list;
  }
}

/** Adds an officer, without a token yet. Refused: `people.officer` (the id is taken, or the entry is not well-formed), `people.file`. */
export async function addOfficer(path: string, entry: OfficerEntry): Promise<Result<Officer>> {
  const list = await readPeople(path);
  if (!list.ok) return list;
  const name = checkText(entry.name);
  if (!name.ok) return refuse('people.officer', `the name cannot be written: ${name.refusal.detail}`);
  if (list.value.officers.some(({ id }) => id === entry.id)) {
    return refuse('people.officer', `${entry.id} is taken, or was once; ids are never reused`, { id: entry.id });
  }
  if (list.value.officers.length === officersMax) return refuse('people.officer', `there are ${officersMax} officers already`);
  const officer: Officer = { id: entry.id, name: entry.name, roles: entry.roles };
  const written = await writePeople(path, [...list.value.officers, officer]);
  return written.ok ? accept(officer) : refuse('people.officer', written.refusal.detail);
}

/** Issues a token; an earlier one of the same officer is no longer valid. The token is returned once and kept nowhere. */
export async function issueToken(path: string, id: string): Promise<Result<string>> {
  const { token, tokenHash } = newToken();
  const changed = await changeOfficer(path, id, (officer) => ({ ...officer, tokenHash }));
  return changed.ok ? accept(token) : changed;
}

/** Withdraws an officer's token; the entry stays. */
export async function withdrawToken(path: string, id: string): Promise<Result<void>> {
  return await changeOfficer(path, id, ({ id, name, roles }) => ({ id, name, roles }));
}

const nobody: PeopleList = { schema: 'anshin.people/1', officers: [] };

/** Reads `people.json`; a file that is not there yet is an empty list. */
export async function readPeople(path: string): Promise<Result<PeopleList>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return accept(nobody);
    return refuse('people.file', `${path} cannot be read: ${error instanceof Error ? error.message : 'unknown error'}`);
  }
  if (bytes.length > peopleFileBytesMax) return refuse('people.file', `${path} has more than ${peopleFileBytesMax} bytes`);
  const text = textOfBytes(bytes);
  if (!text.ok) return refuse('people.file', `${path}: ${text.refusal.detail}`);
  try {
    return checkPeople(JSON.parse(text.value) as unknown);
  } catch {
    return refuse('people.file', `${path} is not JSON`);
  }
}

async function changeOfficer(path: string, id: string, change: (officer: Officer) => Officer): Promise<Result<void>> {
  const list = await readPeople(path);
  if (!list.ok) return list;
  if (!list.value.officers.some((officer) => officer.id === id)) {
    return refuse('people.officer', `there is no officer ${id} in ${path}`, { id });
  }
  const officers = list.value.officers.map((officer) => (officer.id === id ? change(officer) : officer));
  return await writePeople(path, officers);
}

async function writePeople(path: string, officers: readonly Officer[]): Promise<Result<void>> {
  const list = checkPeople({ schema: nobody.schema, officers });
  if (!list.ok) return list;
  await writeDurably(path, bytesOfText(`${JSON.stringify(list.value, null, 2)}\n`), { mode: fileMode, how: 'replace' });
  return accept(undefined);
}

/** What changes whenever the file does; each write makes a new file. */
async function versionOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return isErrno(error, 'ENOENT') ? 'absent' : 'unreadable';
  }
}
