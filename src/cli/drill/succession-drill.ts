import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mustAccept } from '#base/refusal.ts';
import { pathsOf, readCentreConfig, writeConfig } from '#centre/config.ts';
import { type CastCentre, castCentres } from '#cli/demo/cast.ts';
import { type Exported, exportAll } from '#cli/demo/exports.ts';
import { portNear } from '#cli/demo/ports.ts';
import { readScenario, scenarioFolder } from '#cli/demo/scenario.ts';
import { StageCentre, waitFor, waitForQuiet } from '#cli/demo/stage.ts';
import type { Teller } from '#cli/demo/teller.ts';
import type { Operator } from '#cli/drill/operator.ts';

const exercise = 'DRILL: A STOLEN KEY, A LOST STORE';

/**
 * Two centres to which the worst happens, one after the other: each command is the operator's, the misfortune is ours. Owner of the
 * centres' processes.
 */
export class SuccessionDrill {
  readonly #folder: string;
  readonly #teller: Teller;
  readonly #operator: Operator;
  readonly #first: CastCentre;
  readonly #second: CastCentre;
  #running: StageCentre[] = [];

  private constructor(parts: {
    readonly folder: string;
    readonly teller: Teller;
    readonly operator: Operator;
    readonly first: CastCentre;
    readonly second: CastCentre;
  }) {
    this.#folder = parts.folder;
    this.#teller = parts.teller;
    this.#operator = parts.operator;
    this.#first = parts.first;
    this.#second = parts.second;
  }

  static async begin(given: string, teller: Teller, operator: Operator): Promise<SuccessionDrill> {
    const folder = resolve(given);
    teller.banner(exercise);
    teller.paragraph(
      'Two centres on this machine, with keys and stores of their own, as an exercise: nothing here is a statement by any government, ' +
        'and nobody’s key was ever stolen so. The commands are those of docs/operate/succession.md.',
    );
    const scenario = { ...(await readScenario(scenarioFolder)), exercise };
    const ports = [await portNear(0), await portNear(0), await portNear(0), await portNear(0)] as const;
    const cast = await castCentres(folder, scenario, { link: [ports[0], ports[1]], http: [ports[2], ports[3]] });
    const [first, second] = cast;
    if (first === undefined || second === undefined) throw new Error('a drill has two sides');
    return new SuccessionDrill({ folder, teller, operator, first, second });
  }

  async end(): Promise<void> {
    await this.#close();
    this.#teller.banner(exercise);
  }

  /** The keys of the first side are copied, and somebody speaks in its name; it goes on under new ones. */
  async stolenKey(): Promise<void> {
    const [own, other] = [this.#first, this.#second];
    this.#teller.heading(`Part one: somebody has the keys of ${own.centre}`);
    const before = await this.#speak('before');
    const size = (await this.#named(own).link()).own.logged;
    await this.#close();
    const forged = await this.#forge(own, size);
    await this.#teller.line(
      null,
      other.centre,
      `calls ${own.centre} by voice: a record came that ${own.centre} never made. Both lines are closed.`,
    );
    const file = await this.#prepared(own, 'stolen-key');
    await this.#accepted(other, file, { keep: size });
    const after = await this.#speak('after');
    await this.#close();
    await this.#verify('what was said before the theft is proved', before, 'done');
    await this.#verify('what was said after it is proved, in the log that goes on', after, 'done');
    await this.#verify('what the thief said proves nothing any more', forged, 'refused');
  }

  /** The store of the second side is gone. The first gives back what is not in the backup. */
  async lostStore(): Promise<void> {
    const [own, other] = [this.#second, this.#first];
    this.#teller.heading(`Part two: the disk of ${own.centre} is gone`);
    await this.#operator.take({
      who: `${own.centre}, every night`,
      why: 'a copy of the store, taken to another machine',
      args: ['backup', '--dir', own.directory],
      ends: 'done',
    });
    const backups = join(own.directory, 'backups');
    const backup = join(this.#folder, 'backup.sqlite');
    const [name = ''] = await readdir(backups);
    await cp(join(backups, name), backup);
    await this.#speak('after the backup');
    await this.#close();
    for (const end of ['', '-wal', '-shm']) await rm(`${pathsOf(own.directory).store}${end}`, { force: true });
    await this.#teller.line(null, own.centre, 'the store is gone; keys and anchor lay on another disk');
    this.#running = [await StageCentre.enter(other)];
    const dir = ['--dir', own.directory];
    await this.#operator.take({
      who: own.centre,
      why: 'the backup takes its place',
      args: ['restore', backup, ...dir],
      ends: 'done',
    });
    await this.#operator.take({
      who: own.centre,
      why: 'what was logged since comes back from the other side, checked against our own signature',
      args: ['recover', ...dir, '--passphrase-file', own.passphraseFile],
      ends: 'done',
    });
    await this.#close();
    await this.#operator.take({ who: own.centre, why: 'is everything as it was signed?', args: ['check', ...dir], ends: 'done' });
    await this.#speak('after the recovery');
    await this.#close();
    this.#teller.paragraph(
      'Had the other side stayed silent, the way would have been that of part one, with --reason lost-store: the log ends where the ' +
        'backup does, and what the other side alone holds is left out with its consent.',
    );
  }

  /** Stops whatever runs. */
  async #close(): Promise<void> {
    await Promise.all(this.#running.map((centre) => centre.process.stop()));
    this.#running = [];
  }

  /** Both run, each says something, and all of it is held, receipted and cosigned; gives the last record of the first side. */
  async #speak(when: string): Promise<Exported> {
    const sides = [this.#first, this.#second];
    this.#running = [];
    for (const side of sides) this.#running.push(await StageCentre.enter(side));
    for (const centre of this.#running) {
      await waitFor(`the line of ${centre.name}`, async () => ((await centre.link()).line === 'open' ? true : undefined));
      await centre.file({ agreement: 'CORE', format: 'TEST', content: { text: `${exercise}: ${when}` } });
    }
    await waitForQuiet(this.#running);
    await this.#teller.line(null, sides.map(({ centre }) => centre).join(', '), `the line is open; both spoke, “${when}”`);
    return await this.#exported(when, this.#named(this.#first), 'TEST');
  }

  async #exported(when: string, centre: StageCentre, format: string): Promise<Exported> {
    const folder = join(this.#folder, when.replaceAll(' ', '-'));
    await mkdir(folder, { recursive: true });
    const all = await exportAll(folder, [centre]);
    const last = all.findLast(({ record }) => record.endsWith(`-${format}.json`));
    if (last === undefined) throw new Error(`${centre.name} said no ${format}`);
    return last;
  }

  /** The thief: a copy of the whole folder, run in the owner's place. */
  async #forge(own: CastCentre, size: number): Promise<Exported> {
    const directory = join(this.#folder, 'thief');
    await cp(own.directory, directory, { recursive: true });
    const config = mustAccept(await readCentreConfig(directory));
    const http = await portNear(0);
    await writeConfig(pathsOf(directory).config, { ...config, httpListen: `127.0.0.1:${http}` }, 'replace');
    const thief = await StageCentre.enter({ ...own, directory, http: `http://127.0.0.1:${http}` });
    this.#running = [thief, await StageCentre.enter(this.#second)];
    await waitFor('the line of the thief', async () => ((await thief.link()).line === 'open' ? true : undefined));
    await thief.file({ agreement: 'CORE', format: 'TEST', content: { text: `${exercise}: in another’s name` } });
    await waitForQuiet([thief]);
    await this.#teller.line(null, 'thief', `speaks in the name of ${own.centre}, beyond leaf ${size - 1}, and is believed`);
    const forged = await this.#exported('forged', thief, 'TEST');
    await this.#close();
    return forged;
  }

  /** First supervisor, offline keys, second supervisor; gives the signed list. */
  async #prepared(own: CastCentre, reason: string): Promise<{ readonly path: string; readonly groups: string }> {
    const [request, path] = [join(this.#folder, `${own.centre}.request`), join(this.#folder, `${own.centre}.succession`)];
    const at = (officer: string) => [
      '--dir',
      own.directory,
      '--token-file',
      own.tokenFile(officer),
      '--passphrase-file',
      own.passphraseFile,
    ];
    const prepared = await this.#operator.take({
      who: `${own.centre}, first supervisor`,
      why: 'new keys, and the request that the offline keys sign',
      args: ['succession', 'prepare', '--reason', reason, '--out', request, ...at('supervisor')],
      ends: 'done',
    });
    const offline = pathsOf(own.directory).offline;
    const groups = /groups\s+((?:\d{5} ?){8})/.exec(prepared.stdout)?.[1]?.trim() ?? '';
    await this.#operator.take({
      who: `${own.centre}, two persons at the machine with the offline keys`,
      why: 'the groups that were read out are those of the request: sign it',
      args: [
        'offline',
        'sign',
        request,
        '--groups',
        groups,
        '--offline',
        offline,
        '--passphrase-file',
        own.passphraseFile,
        '--out',
        path,
      ],
      ends: 'done',
    });
    await this.#operator.take({
      who: `${own.centre}, second supervisor`,
      why: 'the groups that were read out are those of the file: carry it out',
      args: ['succession', 'apply', path, '--groups', groups, ...at('second-supervisor')],
      ends: 'done',
    });
    return { path, groups };
  }

  async #accepted(
    other: CastCentre,
    { path, groups }: { readonly path: string; readonly groups: string },
    { keep }: { readonly keep: number },
  ): Promise<void> {
    const args = (officer: string, more: readonly string[]) => [
      'succession',
      'accept',
      path,
      '--groups',
      groups,
      ...more,
      '--dir',
      other.directory,
      '--token-file',
      other.tokenFile(officer),
      '--passphrase-file',
      other.passphraseFile,
    ];
    await this.#operator.take({
      who: `${other.centre}, first supervisor`,
      why: 'take it over; more leaves are held here than the list names, so that it is refused',
      args: args('supervisor', []),
      ends: 'refused',
    });
    const kept = ['--keep', String(keep)];
    await this.#operator.take({
      who: `${other.centre}, first supervisor`,
      why: `both sides know why: ${keep} leaves go on, the rest is evidence`,
      args: args('supervisor', kept),
      ends: 'done',
    });
    await this.#operator.take({
      who: `${other.centre}, second supervisor`,
      why: 'the same, by another person',
      args: args('second-supervisor', kept),
      ends: 'done',
    });
  }

  async #verify(why: string, { record, proof }: Exported, ends: 'done' | 'refused'): Promise<void> {
    const keys = [this.#first, this.#second].flatMap(({ directory }) => ['--keys', pathsOf(directory).keyList]);
    await this.#operator.take({ who: 'anyone', why, args: ['verify', '--record', record, '--proof', proof, ...keys], ends });
  }

  #named(cast: CastCentre): StageCentre {
    const centre = this.#running.find(({ name }) => name === cast.centre);
    if (centre === undefined) throw new Error(`${cast.centre} does not run`);
    return centre;
  }
}
