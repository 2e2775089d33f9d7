import type { Language } from '#agreement/instrument-schema.ts';
import type { Judgement } from '#exchange/log-view.ts';

/** How a record stands, line by line, with places for values. */
export interface StandingWords {
  readonly title: string;
  readonly judgement: Readonly<Record<Judgement['kind'], string>>;
  readonly filed: string;
  readonly received: string;
  readonly unproved: string;
  readonly notDelivered: string;
  readonly withheld: string;
  readonly noReceipt: string;
  readonly cosigned: string;
  readonly rung: string;
  readonly refused: string;
  readonly deadline: string;
}

export const standingWords: Readonly<Record<Language, StandingWords>> = {
  en: {
    title: 'How it stands here',
    judgement: {
      accepted: 'By the rules of both sides: accepted.',
      void: 'By the rules of both sides: void, it has no effect. {detail} ({code}).',
      pending: 'Pending: something that it rests on is not here yet. It is not refused for that.',
      'not-understood': 'Not understood here, and without effect until it is: {detail} ({code}).',
    },
    filed: '{party} filed it at {time}, by its own clock.',
    received: '{party} says that it received it at {time}, by its own clock (leaf {at} of its log).',
    unproved: 'Its receipt names a tree that is not all here yet, so that it is not yet compared.',
    notDelivered: '{party} says that it was not delivered.',
    withheld: '{party} cosigned it at {time} and owed a receipt by {due}: neither a receipt nor “not delivered” is here.',
    noReceipt: 'No receipt of {party} is here.',
    cosigned: '{party} first cosigned it at {time}, by its own clock.',
    rung: '{party}: {rung}, {outcome}, at {time}.',
    refused: '{party} refused it ({code}).',
    deadline: 'Deadline toward {party}: {state}. {margin}.',
  },
  zh: {
    title: '此处所见状态',
    judgement: {
      accepted: '依双方规则：有效。',
      void: '依双方规则：无效，不产生效果。{detail}（{code}）。',
      pending: '待定：其所依据者尚未到达，不因此拒收。',
      'not-understood': '此处尚不能理解，在此之前不产生效果：{detail}（{code}）。',
    },
    filed: '{party}于 {time} 报送，按其自己的时钟。',
    received: '{party}称于 {time} 收到，按其自己的时钟（其日志第 {at} 条）。',
    unproved: '其回执所称的树尚未全部到达，故尚未核对。',
    notDelivered: '{party}称未送达。',
    withheld: '{party}于 {time} 联署，应于 {due} 之前出具回执：此处既无回执，也无未送达通知。',
    noReceipt: '此处没有{party}的回执。',
    cosigned: '{party}最早于 {time} 联署，按其自己的时钟。',
    rung: '{party}：{rung}，{outcome}，{time}。',
    refused: '{party}拒收（{code}）。',
    deadline: '对{party}的期限：{state}。{margin}。',
  },
  ja: {
    title: 'ここでの状態',
    judgement: {
      accepted: '双方の規則により：有効。',
      void: '双方の規則により：無効であり、効果を持たない。{detail}（{code}）。',
      pending: '保留：依拠するものがまだ届いていない。それを理由に不受理とはしない。',
      'not-understood': 'ここではまだ理解されず、それまで効果を持たない：{detail}（{code}）。',
    },
    filed: '{party}は、自らの時計で {time} に発信した。',
    received: '{party}は、自らの時計で {time} に受領したと述べている（その記録簿の {at} 番）。',
    unproved: 'その受領証が挙げる木はまだすべて届いておらず、照合されていない。',
    notDelivered: '{party}は届かなかったと述べている。',
    withheld: '{party}は {time} に連署し、受領証の期限は {due} であった：受領証も不達通知もここにない。',
    noReceipt: '{party}の受領証はここにない。',
    cosigned: '{party}は、自らの時計で {time} に初めて連署した。',
    rung: '{party}：{rung}、{outcome}、{time}。',
    refused: '{party}は受け付けなかった（{code}）。',
    deadline: '{party}に対する期限：{state}。{margin}。',
  },
};
