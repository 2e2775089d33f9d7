import type { ConcernKind, ConcernWords } from '#centre/concern/concern-words.ts';

export const zh: Readonly<Record<ConcernKind, ConcernWords>> = {
  'store-behind': {
    what: '本机存储不是我方日志的最新状态：{reason}。',
    proved: '我方密钥签署过的内容多于此处所存。缺失的记录取回之前，不报送也不签署任何新内容，以免签出第二份历史。',
    notProved: '存储落后的原因：恢复了备份、快照，或换了磁盘，表现相同。',
    next: '切勿确认此存储。停止本中心，执行 anshin recover，再启动，并查明何人恢复了什么。',
  },
  'two-histories': {
    what: '{peer}的日志出现两份历史，均由其密钥签署，并在此相遇：首次为 {first}；所存证据 {count} 件。',
    proved: '对任何持有{peer}密钥清单者：其日志密钥签署了两份历史。',
    notProved: '原因：机器被恢复等故障、故意，或密钥被盗，表现相同。也不能证明两份之中何者为真。',
    next: '以话音联系{peer}。保留全部文件，并导出证据（anshin evidence）。查明之前，只依据经话音确认的内容。继续跟随先到的历史，线路保持开通，任一历史中的特急电文均照样显示。',
  },
  accused: {
    what: '{peer}出示：我方日志密钥签署了两份历史，一份 {smaller} 条，另一份 {larger} 条。首次为 {first}。',
    proved: '对任何持有我方密钥清单者：我方日志密钥签署了两份历史。',
    notProved: '原因：本方机器被恢复、内部人员，或密钥被盗，表现相同。',
    next: '立即报告主管。暂停报送可以等待的内容，以话音联系{peer}，查找是否另有机器使用我方密钥，并执行 anshin check。若密钥可能落入他人之手，须予更换。',
  },
  'flash-apart': {
    what: '{peer}日志另一份历史中的加急电文已到达并单独存放：{count} 条，首次为 {first}。任何列表中均无。',
    proved: '每一条均由{peer}的日志密钥签署。',
    notProved: '{peer}说过或承认这些内容：它们与其先前所示相矛盾。',
    next: '立即阅读（anshin evidence），并以话音联系{peer}：特急电文仍可能属实。',
  },
  'receipt-withheld': {
    what: '{peer}于 {cosigned} 联署了包含 {number}（第 {index} 条）的我方日志，此后既未记录回执，也未记录未送达。二者之一应于 {due} 之前作出。处于此状态的记录：{count} 条。',
    proved: '按{peer}自己的时钟，它在 {cosigned} 之前已持有涵盖该记录的检查点：其两把见证密钥的联署存于此处。',
    notProved: '该记录本身已经到达或已被阅读。也不能证明缺少回执的原因：其机器或磁盘故障与故意，表现相同。',
    next: '经其他渠道询问{peer}是否有此记录。不要重复报送。查明之前，期限显示为有争议，绝不显示为逾期。以 anshin export own {index} 导出附联署的证明。',
  },
  'deadline-disputed': {
    what: '{number} 的一项期限有争议：{margins}。',
    proved: '双方各自签署了什么、按各自时钟为何时：各读数并列显示。',
    notProved: '哪个时间正确，因而是否如期。故障、故意与时钟错误，表现相同。',
    next: '既不称其逾期，也不称其如期。以话音与{peer}核对时钟，并询问记录何时到达；可用业务联络将答复记录在案。',
  },
  'own-clock': {
    what: '本机时钟倒退（{detail}），按该时钟首次为 {first}。',
    proved: '两个时间必有一误：我方此前签署的内容带有较晚的时间，双方均持有。',
    notProved: '二者何者正确，或何人拨动了时钟。',
    next: '与已知准确的时钟核对并校正，查明何人更改。告知{peer}：在我方时钟超过最近一次联署时间之前，它收不到我方联署。其他均不受影响。',
  },
  'cosignature-withheld': {
    what: '{peer}称持有我方日志 {held} 条，已联署 {cosigned} 条。第 {cosigned} 条于 {filed} 报送，已超过一分钟，而线路是连通的。',
    proved: '按我方时钟，这些记录由我方签署；已有回执者，{peer}自称已收到。',
    notProved: '{peer}见过我方最新的检查点：其证明不带有它的签名。也不能证明原因：时钟被拨回会使中心停止联署，故障或故意亦然。',
    next: '询问{peer}其时钟是否被拨回，或签署器是否停止。投递与回执照常进行。此刻导出的证明会写明：除我方外无人签署。',
  },
  'holds-less': {
    what: '{peer}称持有我方日志 {held} 条，而其已联署 {cosigned} 条；所缺者于 {filed} 报送。',
    proved: '{peer}曾知悉 {cosigned} 条：其联署存于此处。持有多少是其目前自称。',
    notProved: '持有较少的原因：存储倒退、损坏与故意，表现相同。',
    next: '以话音告知{peer}。若其存储倒退，则不得在该处确认：anshin recover 可从此处取回其自身记录，我方记录在其线路开通后重新发送。',
  },
  'path-unproved': {
    what: '线路已连通（{paths}），但没有由{peer}签署的有效心跳；最近一次：{heard}。',
    proved: '仅能证明：占用线路者持有{peer}的链路密钥，且此后未出示其日志密钥。',
    notProved:
      '线路另一端是{peer}本身：其机器故障、时钟问题，与他人持有其链路密钥，表现相同。无论是谁，都能占用线路，但不能以{peer}的名义说任何话。',
    next: '以话音联系{peer}，询问它是否已连接。若未连接，则其链路密钥已落入他人之手：停止本中心直至更换密钥，其间以话音联络。',
  },
  'path-silent': {
    what: '通往{peer}的线路未连通（{paths}）；最近一次有效心跳：{heard}。',
    proved: '仅能证明此处未收到任何信号。我方报送的内容照样记入日志并签署，线路恢复后即发出。',
    notProved: '原因是网络、{peer}的机器、其人员，还是其意愿；也不能证明{peer}一切正常。',
    next: '查看本机网络是否正常，两条线路中是否有一条正常。以话音联系{peer}；不能等待的内容，以话音告知，并同时报送。',
  },
  'clocks-apart': {
    what: '按 {heard} 的心跳，{peer}的时钟与我方相差 {offset}（正号表示快于我方）。超过 2 分钟即属异常。',
    proved: '两个时钟相差如此之多。',
    notProved: '何者正确。收到与签署的时间是书写者自己的说法；没有任何规则以比较两个时钟来认定发文方逾期。',
    next: '将本机与已知准确的时钟核对。若我方有误，先校正再报送；若无误，告知{peer}。受影响的余量以两种读数显示。',
  },
  'deferred-by-them': {
    what: '{peer}要求我方等待至 {until}：{reason}。等待中的我方记录：{waiting} 条。',
    proved: '我方记录了什么、何时记录。没有丢失：到时即发出。',
    notProved: '如{peer}所说，我方配额已用尽或其磁盘已满：可核对的只有我方发出的数量，此处亦有。',
    next: '暂缓不急的内容。特急和加急电文仍经加急线路发出。',
  },
  'deferred-by-us': {
    what: '我方要求{peer}等待至 {until}：{reason}。',
    proved: '按我方计数，今日收到多少；{peer}可在其日志中作同样计数。没有丢失：其余稍后到达。',
    notProved: '数量如此之多的原因：中断后的积压、故障与蓄意泛滥，表现相同。',
    next: '查看来文（anshin list theirs）。特急和加急电文照收。若持续不止，以话音询问{peer}。',
  },
  'flash-without-alarm': {
    what: '{peer}的特急电文超出每小时配额，已收到但未响警报。待确认：{numbers}。',
    proved: '它们与其他记录一样是{peer}的记录：已存，已回执。',
    notProved: '其中任何一条比已响警报者较不紧急。',
    next: '现在逐条阅读并确认。以话音询问{peer}为何如此之多。',
  },
  'store-unconfirmed': {
    what: '自本次启动以来对方没有应答，因此除我方外无人能说明此存储为最新。目前不报送任何内容。',
    proved: '此存储与我方签署器所记相接续。',
    notProved: '整台机器（签署器与存储一并）未被恢复过。',
    next: '能等则等。知道本机从未被恢复过的主管可以作出说明：anshin confirm-store。',
  },
  alarm: {
    what: '警报：{detail}（{code}）。启动以来 {count} 次；首次 {first}，最近 {last}。',
    proved: '依 spec/ {clause}，此内容在此被拒收。被拒收者不改变任何状态。',
    notProved: '其出于何方过失或何种意图。',
    next: '代码含义见 spec/refusals.md。若再次出现，以话音询问{peer}。',
  },
};
