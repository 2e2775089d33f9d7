import type { DeliveryState, Lane } from '#exchange/delivery.ts';
import { type Centre, type Design, emptyCentre, type Input } from '#test/model/centre.ts';
import { keyOf, type Message } from '#test/model/message.ts';
import { react } from '#test/model/turn.ts';

/** What a centre's turn comes to, with everything in it known by its number. */
export interface KnownReaction {
  readonly centre: number;
  readonly sends: readonly { readonly lane: Lane; readonly message: number }[];
  readonly breach: string | undefined;
}

/**
 * Every centre, message and channel that was met, once each and known by a number: a state of the whole is a few numbers, and a turn
 * that was seen before is looked up. Owner of the numbers.
 */
export class Universe {
  readonly #design: Design;
  readonly #centres: Centre[] = [];
  readonly #centreByKey = new Map<string, number>();
  readonly #reactions: Map<string, KnownReaction>[] = [];
  readonly #messages: Message[] = [];
  readonly #messageByKey = new Map<string, number>();
  readonly #channels: (readonly number[])[] = [];
  readonly #channelByKey = new Map<string, number>();

  constructor(design: Design) {
    this.#design = design;
    this.numberOfCentre(emptyCentre);
    this.numberOfChannel([]);
  }

  get design(): Design {
    return this.#design;
  }

  centre(number: number): Centre {
    return at(this.#centres, number);
  }

  message(number: number): Message {
    return at(this.#messages, number);
  }

  /** The messages that are on their way, in no order. */
  channel(number: number): readonly number[] {
    return at(this.#channels, number);
  }

  numberOfCentre(centre: Centre): number {
    const key = keyOfCentre(centre);
    const known = this.#centreByKey.get(key);
    if (known !== undefined) return known;
    this.#centreByKey.set(key, this.#centres.length);
    this.#reactions.push(new Map());
    return this.#centres.push(centre) - 1;
  }

  numberOfChannel(messages: readonly number[]): number {
    const key = messages.join(',');
    const known = this.#channelByKey.get(key);
    if (known !== undefined) return known;
    this.#channelByKey.set(key, this.#channels.length);
    return this.#channels.push(messages) - 1;
  }

  react(centre: number, input: Input): KnownReaction {
    const reactions = at(this.#reactions, centre);
    const key = this.#keyOfInput(input);
    const known = reactions.get(key);
    if (known !== undefined) return known;
    const reaction = react(this.centre(centre), input, this.#design);
    const found: KnownReaction = {
      centre: this.numberOfCentre(reaction.centre),
      sends: reaction.sends.map(({ lane, message }) => ({ lane, message: this.#numberOfMessage(message) })),
      breach: reaction.breach,
    };
    reactions.set(key, found);
    return found;
  }

  #numberOfMessage(message: Message): number {
    const key = keyOf(message);
    const known = this.#messageByKey.get(key);
    if (known !== undefined) return known;
    this.#messageByKey.set(key, this.#messages.length);
    return this.#messages.push(message) - 1;
  }

  #keyOfInput(input: Input): string {
    switch (input.kind) {
      case 'file':
        return `f${input.filing}`;
      case 'connect':
      case 'lose':
        return `${input.kind}${input.lane}`;
      case 'deliver':
        return `d${this.#numberOfMessage(input.message)}${input.lane}`;
      case 'read':
        return `r${input.to}`;
      case 'stored-urgent':
      case 'failed-urgent':
        return `${input.kind}${input.index}`;
      case 'kill':
        return `k${input.stored}${input.urgent}${input.filing}`;
      case 'restore':
        return `b${input.anchorToo}`;
      case 'recover':
        return `R${input.from}`;
      case 'defer':
      case 'stored':
      case 'failed':
      case 'overdue':
      case 'resume':
      case 'confirm':
      case 'backup':
      case 'start':
        return input.kind;
    }
  }
}

function at<T>(list: readonly T[], number: number): T {
  const found = list[number];
  if (found === undefined) throw new Error(`nothing has the number ${number}`);
  return found;
}

function keyOfCentre({ disk, anchor, signed, receipted, process, filed, backup, life }: Centre): string {
  const rest = process === null ? '' : keyOfProcess(process);
  const kept = backup === null ? '' : `${keyOfDisk(backup.disk)}/${backup.anchor}`;
  return `${keyOfDisk(disk)}#${anchor}#${signed}#${receipted}#${filed}#${life}#${kept}#${rest}`;
}

function keyOfDisk({ own, held, urgentHeld, receiptedTo, receipts }: Centre['disk']): string {
  return `${own}/${held}/${urgentHeld.map(({ index, leaf }) => `${index}${leaf}`).join('')}/${receiptedTo}/${receipts}`;
}

function keyOfProcess(process: NonNullable<Centre['process']>): string {
  const { delivery, line, urgentMissed, lanes, arrivals, storing, storingUrgent, reading, entered } = process;
  const urgent = storingUrgent.map(({ index, leaf }) => `${index}${leaf}`).join('');
  return `${keyOfDelivery(delivery)};${line};${urgentMissed};${lanes.next}${lanes.urgent};${arrivals.join('|')};${storing};${urgent};${reading};${entered}`;
}

function keyOfDelivery({ outbound, inbound }: DeliveryState): string {
  const { logged, peerHeld, sent, inFlight, reading, deferred, urgentOpen, urgent, flash, urgentSent, urgentAhead } = outbound;
  const out = `${logged},${peerHeld},${sent},${inFlight.join('.')},${reading},${deferred},${urgentOpen},${urgent.join('.')},${flash.join('.')},${urgentSent.join('.')},${urgentAhead.join('.')}`;
  const { held, arrived, storing, urgentHeld, urgentStoring } = inbound;
  return `${out};${held},${arrived.join('.')},${storing},${urgentHeld.join('.')},${urgentStoring.join('.')}`;
}
