import { styled } from '#cli/terminal/style.ts';

/** A draft, as far as it is shown here. */
export interface DraftAnswer {
  readonly id: number;
  readonly state: string;
  readonly hash: string;
  readonly authors: readonly string[];
  readonly record: { readonly basis: { readonly agreement: string; readonly format: string } };
  readonly verified: { readonly by: string } | null;
  readonly returned: { readonly by: string; readonly reason: string } | null;
  readonly released: { readonly by: string; readonly number: string; readonly index: number } | null;
}

/** What the machine makes of a draft. */
export interface CheckAnswer {
  readonly passes: boolean;
  readonly faults: readonly { readonly path: string; readonly reason: string }[];
  readonly refusals: readonly { readonly code: string; readonly clause: string; readonly detail: string }[];
  readonly margins: readonly { readonly text: { readonly en: { readonly state: string; readonly margin: string } } }[];
}

const nextSteps: Readonly<Record<string, string>> = {
  drafted: 'another officer verifies it: anshin approve',
  verified: 'a releaser who wrote none of it releases it: anshin release',
  returned: 'its author edits it: anshin draft edit',
};

export function draftText(draft: DraftAnswer): string {
  const { id, state, hash, authors, verified, returned, released } = draft;
  return [
    `draft       ${id} (${state}), written by ${authors.join(', ')}`,
    `hash        ${hash}`,
    ...(verified === null ? [] : [`verified    by ${verified.by}`]),
    ...(returned === null ? [] : [`returned    by ${returned.by}: ${returned.reason}`]),
    ...(released === null ? [] : [`released    by ${released.by}, as ${released.number} (leaf ${released.index})`]),
    ...(nextSteps[state] === undefined ? [] : [`next        ${nextSteps[state]}`]),
  ].join('\n');
}

export function checkText(check: CheckAnswer | null): string {
  if (check === null) return '';
  const faults = [
    ...check.faults.map(({ path, reason }) => `${path} ${reason}`),
    ...check.refusals.map(({ detail, code, clause }) => `${detail} (${code}, spec/ ${clause})`),
  ];
  const margins = check.margins.map(({ text }) => `if provided now   ${text.en.margin}: ${text.en.state}`);
  const verdict = check.passes
    ? styled('good', 'the machine check finds no fault')
    : styled('refused', 'the machine check finds:');
  return [`check       ${verdict}`, ...faults.map((fault) => `            - ${fault}`), ...margins].join('\n');
}
