import type { KeyList } from '#log/key-list-schema.ts';

/** What a key list says, for those who are to sign or confirm it. */
export function listText({ centre, origin, status, serial, issuedAt, retired, succeeds }: KeyList): string {
  const lines = [
    `Keys of ${centre}, list ${serial} of ${issuedAt}`,
    `  log           ${origin}`,
    ...(status === 'actual' ? [] : [`  status        ${status.toUpperCase()}`]),
  ];
  if (succeeds === undefined) return lines.join('\n');
  const { origin: before, size, root, reason } = succeeds;
  return [
    ...lines,
    `  goes on from  ${before}`,
    `                with its first ${size} leaves, root ${root}`,
    `  reason        ${reason}${retired === undefined ? '' : ` (${retired.join(', ')} proves nothing any more)`}`,
  ].join('\n');
}
