import type { Command } from 'commander';
import { checkStore, type StoreFindings } from '#cli/store/check-store.ts';
import { rebuildStore } from '#cli/store/rebuild-store.ts';
import { commandOf, doing } from '#cli/terminal/command.ts';
import { type DirectoryOption, directoryOf, withDirectory } from '#cli/terminal/directory.ts';
import { say, wellReport } from '#cli/terminal/report.ts';
import { styled, wrapped } from '#cli/terminal/style.ts';

export function checkCommand(): Command {
  const command = commandOf({
    name: 'check',
    summary:
      'Check a whole store while its centre is stopped: the file, every leaf against the tiles, roots against signed checkpoints and the anchor, every record by the rules, every receipt.',
    examples: ['check --dir ./centre'],
  });
  return doing<DirectoryOption>(withDirectory(command), 'checking a store', async (options) => {
    say('reading every leaf; this takes about a second for 10,000 records');
    const findings = await checkStore(directoryOf(options));
    return { text: findingsText(findings), json: findings, isWell: findings.faults.length === 0 };
  });
}

function findingsText({ logs, faults }: StoreFindings): string {
  const lines = logs.map(({ origin, size, root, awaited, checkpoints, judged }) => {
    const notAccepted = Object.entries(judged).filter(([kind, count]) => kind !== 'accepted' && count > 0);
    const rest = notAccepted.map(([kind, count]) => `, ${count} ${kind}`).join('');
    const more = awaited === 0 ? '' : `\n  ${awaited} more were cosigned here, and come from the other side when the line opens`;
    return `${origin}\n  ${size} leaves, root ${root.slice(0, 16)}…; ${checkpoints} signed checkpoints hold; ${judged.accepted} records accepted${rest}${more}`;
  });
  const verdict =
    faults.length === 0
      ? styled('good', 'WELL: the store is what was signed')
      : styled('refused', `WRONG: ${faults.length} fault(s)`);
  return [...lines, verdict, ...faults.map((fault) => wrapped(`  - ${fault}`, '    '))].join('\n');
}

export function rebuildCommand(): Command {
  const command = commandOf({
    name: 'rebuild',
    summary:
      'Make tiles, counters and folds anew from the leaves while the centre is stopped, compare, and replace what differs. Leaves are never changed.',
    examples: ['rebuild --dir ./centre'],
  });
  return doing<DirectoryOption>(withDirectory(command), 'rebuilding a store', async (options) => {
    const rebuilt = await rebuildStore(directoryOf(options));
    const { leaves, tiles, counters } = rebuilt;
    const text = [
      `${leaves} leaves read, and every fold made anew`,
      `  tiles      ${tiles.made}, ${tiles.replaced} replaced`,
      `  counters   ${counters.made}, ${counters.replaced} replaced`,
    ].join('\n');
    return wellReport(text, rebuilt);
  });
}
