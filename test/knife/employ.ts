import { mustAccept } from '#base/refusal.ts';
import { pathsOf } from '#centre/config.ts';
import { addOfficer, issueToken } from '#centre/people/people.ts';
import type { PairOfCentres, Party } from '#test/federation/pair-of-centres.ts';
import type { Tokens } from '#test/knife/clerk.ts';

/** Adds the three officers that a statement needs, and gives their tokens. */
export async function employ(pair: PairOfCentres, party: Party): Promise<Tokens> {
  const { people } = pathsOf(pair.directory(party));
  const tokenOf = async (role: keyof Tokens): Promise<string> => {
    mustAccept(await addOfficer(people, { id: role, name: role, roles: [role] }));
    return mustAccept(await issueToken(people, role));
  };
  return { drafter: await tokenOf('drafter'), verifier: await tokenOf('verifier'), releaser: await tokenOf('releaser') };
}
