import type { Refusal } from '#base/refusal.ts';
import type { RefusalCode } from '#base/refusal-codes.ts';

/** What helps against a refusal, where the code alone tells. */
const byCode: Partial<Record<RefusalCode, string>> = {
  'signer.passphrase': 'type the passphrase again; nobody can open the keys without it',
  'signer.sealed': 'put back the sealed file from its copy; a sealed file that was altered never opens',
  'signer.went-back': 'stop the centre and run: anshin recover; never put an old anchor in the place of the newer one',
  'signer.anchor':
    'look for the anchor file first; never put an old copy in its place; if it is lost: docs/operate/succession.md',
  'signer.clock': 'set the clock of this machine right, then start again',
  'store.busy': 'another process has this centre open: stop it (anshin serve), or ask it with --url',
  'store.damaged': 'keep the file as it is, restore the newest backup (anshin restore), then anshin recover',
  'store.full': 'make room on the disk, then try again; nothing that was confirmed is lost',
  'store.version': 'use the version of the software that wrote this store',
  'store.missing': 'check the path; to bring a store back: anshin restore',
  'store.exists': 'choose another place; what exists is never overwritten',
  'config.missing': 'name the centre by --dir, or set one up: anshin init --help',
  'config.form': 'mend the file at the place that is named; anshin init --help lists the fields',
  'key.unknown': 'compare the groups of digits with the other side by voice; if they differ, do not go on and find out why',
  'key.succession': 'see docs/operate/succession.md; when in doubt change nothing, and call the other side',
  'key.retired':
    'do not rely on that signature: its centre has bounded or retired the key; ask for a proof of the same record that a key in use has signed, such as one in the log that goes on from this one, and for the newest list',
  'key.list': 'ask the other side for its file again: anshin pair --export FILE',
  'http.address': 'change httpListen in centre.json: 127.0.0.1 and a port that is free',
  'people.token':
    'give the token of an officer of this centre: --token-file FILE or ANSHIN_TOKEN_FILE; a new one: anshin officer token',
  'people.role': 'let an officer with the role do this: anshin officer list shows who has which',
  'people.same-person': 'let another officer do this step: nobody approves what they wrote',
  'people.officer': 'choose another id; ids are never reused',
  'draft.hash': 'read the draft again (anshin draft show), then confirm the hash that it has now',
  'draft.state': 'see how the draft stands: anshin draft show',
  'draft.check': 'see the fault field by field (anshin draft show), and have it edited',
  'draft.unknown': 'see which drafts there are: anshin draft list',
  'request.unknown': 'see what there is: anshin list',
  'agreement.not-in-force': 'both sides adopt the agreement first (core format ADOPT)',
  'agreement.unknown': 'add the agreement to centre.json on both sides, and compare its hash: anshin agreement hash',
  'link.opening': 'wait until the other side answers, or let a supervisor confirm the store: anshin confirm-store',
  'log.fork-not-shown': 'the evidence convicts nobody: ask for more of it before anything is said of the other side',
  'log.fork': 'keep every file, tell the other side by voice, and find out why before anything else is signed',
};

/** By the part of a code before the dot. */
const byKind: Readonly<Record<string, string>> = {
  record: 'do not rely on this record; ask who gave it to you for the file as it was exported',
  text: 'the file is not what was exported; ask for it again, unchanged',
  bytes: 'the file is not what was exported; ask for it again, unchanged',
  note: 'do not rely on it: the signatures asked for are not there; ask for it again, and compare the keys by voice',
  checkpoint: 'do not rely on it; ask for it again, unchanged',
  cosignature: 'do not rely on it; ask for it again, unchanged',
  proof: 'do not rely on it: record and proof do not belong together, or one was altered; ask for both again',
  key: 'use the key list of the pairing, unchanged',
  policy: 'mend the policy file, or leave --policy away',
  request: 'mend the request as the reason says; see --help',
  draft: 'see how the draft stands: anshin draft show',
  agreement: 'mend the content as the reason says; anshin agreement check shows every problem of a folder',
  acknowledgement: 'see the record: anshin show',
  time: 'write the time as 2024-09-25T00:44:00.000Z',
};

/** What a person can do about a refusal. */
export function whatToDo({ code }: Refusal): string {
  return byCode[code] ?? byKind[code.split('.')[0] ?? ''] ?? 'nothing was changed; mend what the reason names, then try again';
}
