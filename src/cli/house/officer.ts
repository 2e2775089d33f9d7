import type { Command } from 'commander';
import { pathsOf, readCentreConfig } from '#centre/config.ts';
import { type Role, roles } from '#centre/people/officer.ts';
import { addOfficer, issueToken, readPeople, withdrawToken } from '#centre/people/people.ts';
import { handOut } from '#cli/house/init.ts';
import { commandOf, doing, familyOf, several } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { taken, UsageFault, wellReport } from '#cli/terminal/report.ts';

interface AddOptions extends DirectoryOption {
  readonly name?: string;
  readonly role?: readonly string[];
  readonly tokenOut?: string;
}

/** Officers are changed in the folder, by whoever may write there; a running centre reads the change at the next request. */
export function officerCommand(): Command {
  return familyOf('officer', 'The officers of a centre, their roles and tokens.', [
    addCommand(),
    listCommand(),
    tokenCommand(),
    withdrawCommand(),
  ]);
}

function addCommand(): Command {
  const command = commandOf({
    name: 'add <id>',
    summary: `Add an officer and issue a token. Roles: ${roles.join(', ')}.`,
    examples: ['officer add lin --dir ./centre --name "Lin" --role drafter --token-out lin.token'],
  })
    .option('--name <name>', 'the name as it is shown')
    .option('--role <role>', 'a role; may be repeated', several)
    .option('--token-out <file>', 'write the token there (mode 0600) instead of showing it');
  return doing<AddOptions>(withDirectory(command), 'adding an officer', async (options, [id = '']) => {
    const { people } = await placeOf(options);
    const given = options.role ?? [];
    const wrong = given.find((role) => !roles.some((known) => known === role));
    if (wrong !== undefined || given.length === 0) throw new UsageFault(`give --role, one of ${roles.join(', ')}`);
    taken(await addOfficer(people, { id, name: options.name ?? id, roles: given as readonly Role[] }));
    const token = taken(await issueToken(people, id));
    const handed = await handOut(token, options.tokenOut);
    const json = options.tokenOut === undefined ? { id, roles: given, token } : { id, roles: given, tokenFile: options.tokenOut };
    return wellReport(`  officer       ${id} (${given.join(', ')})\n  token         ${handed}`, json);
  });
}

function listCommand(): Command {
  const command = commandOf({ name: 'list', summary: 'Who works here, and as what.', examples: ['officer list --dir ./centre'] });
  return doing<DirectoryOption>(withDirectory(command), 'listing the officers', async (options) => {
    const { officers } = taken(await readPeople((await placeOf(options)).people));
    const rows = officers.map(({ id, name, roles: held, tokenHash }) => ({
      id,
      name,
      roles: held,
      hasToken: tokenHash !== undefined,
    }));
    const lines = rows.map(
      ({ id, name, roles: held, hasToken }) =>
        `${id.padEnd(20)} ${name.padEnd(24)} ${held.join(', ')}${hasToken ? '' : '  (no token)'}`,
    );
    return wellReport(lines.join('\n') || 'Nobody yet: anshin officer add', { officers: rows });
  });
}

function tokenCommand(): Command {
  const command = commandOf({
    name: 'token <id>',
    summary: 'Issue a new token; the earlier one is no longer valid.',
    examples: ['officer token lin --dir ./centre --token-out lin.token'],
  }).option('--token-out <file>', 'write the token there (mode 0600) instead of showing it');
  return doing<AddOptions>(withDirectory(command), 'issuing a token', async (options, [id = '']) => {
    const token = taken(await issueToken((await placeOf(options)).people, id));
    const handed = await handOut(token, options.tokenOut);
    return wellReport(
      `  token         ${handed}`,
      options.tokenOut === undefined ? { id, token } : { id, tokenFile: options.tokenOut },
    );
  });
}

function withdrawCommand(): Command {
  const command = commandOf({
    name: 'withdraw <id>',
    summary: 'Withdraw an officer’s token at once; the entry stays, since ids are never reused.',
    examples: ['officer withdraw lin --dir ./centre'],
  });
  return doing<DirectoryOption>(withDirectory(command), 'withdrawing a token', async (options, [id = '']) => {
    taken(await withdrawToken((await placeOf(options)).people, id));
    return wellReport(`The token of ${id} is no longer valid.`, { id, hasToken: false });
  });
}

async function placeOf(options: DirectoryOption): Promise<ReturnType<typeof pathsOf>> {
  const directory = directoryOf(options);
  taken(await readCentreConfig(directory));
  return pathsOf(directory);
}
