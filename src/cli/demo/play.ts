import { join } from 'node:path';
import { textOfTime } from '#base/time.ts';
import { type Attempt, forge, intrude, tryForged } from '#cli/demo/attacker.ts';
import type { Scenario, Step, StepOf } from '#cli/demo/scenario.ts';
import { type FiledAnswer, type MarginAnswer, type StageCentre, waitFor } from '#cli/demo/stage.ts';
import type { Teller } from '#cli/demo/teller.ts';
import { styled } from '#cli/terminal/style.ts';

/** What the play leaves behind for those who verify it. */
export interface Played {
  readonly attempts: readonly Attempt[];
  /** The first notification and the receipt that answers it. */
  readonly shown: {
    readonly centre: string;
    readonly index: number;
    readonly receipt: { readonly centre: string; readonly index: number };
  };
}

export interface PlayParts {
  readonly scenario: Scenario;
  readonly centres: readonly StageCentre[];
  readonly agreementHash: string;
  readonly teller: Teller;
  /** For what the attacker makes. */
  readonly folder: string;
  readonly keyFiles: readonly string[];
}

/** Plays the steps of a scenario through two running centres. Owner of what was filed so far. */
export class Play {
  readonly #parts: PlayParts;
  readonly #filed = new Map<string, FiledAnswer>();
  readonly #attempts: Attempt[] = [];
  #shown: Played['shown'] | undefined;

  constructor(parts: PlayParts) {
    this.#parts = parts;
  }

  async run(): Promise<Played> {
    for (const step of this.#parts.scenario.steps) {
      for (const centre of this.#parts.centres) await centre.setClock(step.at);
      await this.#step(step);
    }
    if (this.#shown === undefined) throw new Error('the scenario notifies nothing');
    return { attempts: this.#attempts, shown: this.#shown };
  }

  async #step(step: Step): Promise<void> {
    switch (step.do) {
      case 'adopt':
        return await this.#adopt(step);
      case 'notify':
      case 'report':
        return await this.#state(step);
      case 'acknowledge':
        return await this.#acknowledge(step);
      case 'launch':
        this.#parts.teller.print('');
        return await this.#parts.teller.line(
          step.at,
          step.by,
          `launches the ${step.matter}. No centre sees it: nothing is on record yet.`,
        );
      case 'intrude':
        return await this.#intrude(step);
    }
  }

  async #adopt({ at, by, inForceFrom }: StepOf<'adopt'>): Promise<void> {
    const { scenario, agreementHash, teller } = this.#parts;
    const centre = this.#centre(by);
    const agreement = scenario.agreement.startsWith('bmln') ? 'BMLN' : scenario.agreement.toUpperCase();
    const content = { agreement, version: agreementHash, inForceFrom };
    const filed = await centre.file({ agreement: 'CORE', format: 'ADOPT', content });
    const receipt = await centre.receiptOf(filed.index);
    const other = this.#other(by);
    await other.hasTheirs(filed.index);
    await other.acknowledge(filed.index);
    await centre.hasRung(filed.index);
    await teller.line(
      at,
      by,
      `adopts ${agreement}, full profile (version ${agreementHash.slice(0, 16)}…), in force from ${minuteText(inForceFrom)}. ` +
        `Leaf ${filed.index} of its log; ${other.name} says in its own that it has it (A0, leaf ${receipt.at}), and its officer on watch too (A1).`,
    );
  }

  async #state(step: StepOf<'notify'> | StepOf<'report'>): Promise<void> {
    const { teller } = this.#parts;
    const [centre, other] = [this.#centre(step.by), this.#other(step.by)];
    const opened = this.#filed.get(keyOf(step.matter, 'NOTIFY'));
    const references = opened === undefined ? [] : [{ relation: 'reports', log: 'own', index: opened.index }];
    if (step.do === 'notify') teller.heading(`${step.matter}: ${step.by} notifies, ${other.name} receives`);
    const filed = await centre.file({ agreement: 'BMLN', format: step.format, content: step.content, references });
    this.#filed.set(keyOf(step.matter, step.format), filed);
    await teller.line(
      step.at,
      step.by,
      `${filed.record.number}: written by the drafter, checked by the verifier, released by the releaser; all three confirmed one hash.`,
    );
    const receipt = await centre.receiptOf(filed.index);
    await other.hasTheirs(filed.index);
    await teller.line(
      null,
      other.name,
      `verified signatures, tree and content, and logged its receipt (A0, leaf ${receipt.at} of its own log).`,
    );
    if (step.do === 'notify')
      this.#shown ??= { centre: step.by, index: filed.index, receipt: { centre: other.name, index: receipt.at } };
    const deadline = step.do === 'notify' ? 'advance-notice' : 'launch-report';
    await this.#tellMargin(filed.index, { centre, other, deadline });
  }

  /** Each side computes the margin from the logs that it holds; they must say the same, word for word. */
  async #tellMargin(
    index: number,
    of: { readonly centre: StageCentre; readonly other: StageCentre; readonly deadline: string },
  ): Promise<void> {
    const { centre, other, deadline } = of;
    const pick = (margins: readonly MarginAnswer[]) => margins.find((margin) => margin.deadline === deadline);
    const agreed = await waitFor(`one ${deadline} at both centres`, async () => {
      const [ours, theirs] = [pick(await centre.marginsOf('own', index)), pick(await other.marginsOf('theirs', index))];
      const isSame = ours !== undefined && theirs !== undefined && JSON.stringify(ours) === JSON.stringify(theirs);
      return isSame && ours.state !== 'open' ? ours : undefined;
    });
    const { state, margin } = agreed.text.en;
    const style = agreed.state === 'late' ? 'refused' : agreed.state === 'amber' ? 'banner' : 'good';
    await this.#parts.teller.line(
      null,
      'both',
      `compute alike, each from its own copy of both logs: ${margin}: ${styled(style, state.toUpperCase())}`,
    );
  }

  async #acknowledge({ at, by, matter, of }: StepOf<'acknowledge'>): Promise<void> {
    const filed = this.#filed.get(keyOf(matter, of));
    if (filed === undefined) throw new Error(`${matter} has no ${of} to acknowledge`);
    const said = await this.#centre(by).acknowledge(filed.index);
    await this.#other(by).hasRung(filed.index);
    await this.#parts.teller.line(
      at,
      by,
      `its officer on watch has read it (A1): ${said.record.number}; ${this.#other(by).name} sees it.`,
    );
  }

  async #intrude({ at, matter, of }: StepOf<'intrude'>): Promise<void> {
    const { teller, centres, folder, keyFiles } = this.#parts;
    teller.heading('An attacker on the path, of no state');
    for (const centre of centres) await this.#caught(at, await intrude(centre));
    const filed = this.#filed.get(keyOf(matter, of));
    const owner = this.#centre(centreOf(filed));
    const path = `/v1/records/own/${filed?.index ?? 0}`;
    const genuine = {
      record: await owner.as('releaser').bytes(`${path}/bytes`),
      proof: await owner.as('releaser').bytes(`${path}/proof`),
    };
    for (const forged of await forge(join(folder, 'attacker'), genuine))
      await this.#caught(null, await tryForged(forged, keyFiles));
  }

  async #caught(at: string | null, attempt: Attempt): Promise<void> {
    this.#attempts.push(attempt);
    const { code, clause, detail } = attempt.refusal;
    await this.#parts.teller.line(at, 'attacker', attempt.what);
    await this.#parts.teller.line(null, '', `${styled('refused', 'REFUSED')} ${detail} (${code}, spec/ ${clause})`);
  }

  #centre(name: string): StageCentre {
    const centre = this.#parts.centres.find((each) => each.name === name);
    if (centre === undefined) throw new Error(`${name} is not on stage`);
    return centre;
  }

  #other(name: string): StageCentre {
    const centre = this.#parts.centres.find((each) => each.name !== name);
    if (centre === undefined) throw new Error('there is no other side on stage');
    return centre;
  }
}

function keyOf(matter: string, format: string): string {
  return `${matter} ${format}`;
}

function centreOf(filed: FiledAnswer | undefined): string {
  return filed?.record.number.split('/')[1] ?? '';
}

function minuteText(at: string): string {
  return `${textOfTime(Date.parse(at)).slice(0, 16).replace('T', ' ')}Z`;
}
