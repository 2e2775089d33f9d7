import type { ConcernKind, ConcernWords } from '#centre/concern/concern-words.ts';

export const en: Readonly<Record<ConcernKind, ConcernWords>> = {
  'store-behind': {
    what: 'This store is not the newest of our log: {reason}.',
    proved:
      'That our own keys signed more than is here. Nothing new is filed or signed until the missing leaves are back, so that we sign no second history.',
    notProved: 'Why the store is behind: a restored backup, a snapshot or another disk look alike.',
    next: 'Do not confirm this store. Stop the centre, run anshin recover, start it again, and find out who restored what.',
  },
  'two-histories': {
    what: 'Two histories of the log of {peer}, each signed by its keys, have met here: first at {first}; pieces of evidence kept: {count}.',
    proved: 'To anyone who has the key list of {peer}: that its log keys signed two histories.',
    notProved:
      'Why: a fault such as a restored machine, an intent, or a thief of the keys look alike. Nor which of the two histories is the right one.',
    next: 'Call {peer} by voice. Keep every file and write the evidence out (anshin evidence). Rely on what is acknowledged by voice alone until it is explained. The history that came first is followed, the line stays open, and a FLASH of either is shown.',
  },
  accused: {
    what: '{peer} shows that our own log keys signed two histories, one of {smaller} leaves and another of {larger}. First at {first}.',
    proved: 'To anyone who has our key list: that our log keys signed two histories.',
    notProved: 'Why: a restored machine here, an insider, or a thief of our keys look alike.',
    next: 'Tell the supervisor now. Stop filing what can wait, call {peer} by voice, look for a second machine that runs with our keys, and run anshin check. If the keys may be in other hands, they have to be replaced.',
  },
  'flash-apart': {
    what: 'Urgent records of another history of the log of {peer} came, and are kept apart: {count}, first at {first}. They are in no list.',
    proved: 'That the log keys of {peer} signed each of them.',
    notProved: 'That {peer} says them, or stands by them: they contradict what it had shown before.',
    next: 'Read them now (anshin evidence), and call {peer} by voice: a FLASH may be true all the same.',
  },
  'receipt-withheld': {
    what: '{peer} cosigned our log over {number} (leaf {index}) at {cosigned}, and has since logged neither a receipt of it nor that it was not delivered. One of the two was due by {due}. Records in this state: {count}.',
    proved:
      'That {peer} had a checkpoint that covers the record by {cosigned}, by its own clock: its cosignature, under both of its witness keys, is kept here.',
    notProved:
      'That the record itself arrived, or was read. Nor why the receipt is missing: a fault of its machine or its disk, and an intent, look alike.',
    next: 'Ask {peer} by another channel whether it has the record. Do not file it again. Until this is settled the deadline is shown as disputed, never as late. The proof with the cosignature is written out by anshin export own {index}.',
  },
  'deadline-disputed': {
    what: 'A deadline of {number} is disputed: {margins}.',
    proved: 'What each side signed, and when by its own clock: the readings stand beside each other.',
    notProved: 'Which of the times is right, and so whether it was in time. A fault, an intent and a wrong clock look alike.',
    next: 'Call it neither late nor in time. Compare clocks with {peer} by voice, and ask when the record came; an orderwire puts the answer on record.',
  },
  'own-clock': {
    what: 'The clock of this machine went back ({detail}), first at {first} by that clock.',
    proved: 'That one of the two times is wrong: what we signed before bears the later one, and both sides hold it.',
    notProved: 'Which of the two is right, or who set the clock.',
    next: 'Compare with a clock that is known to be right, set this one, and find out who changed it. Tell {peer}: it misses our cosignatures until our clock has passed the last of them. Nothing else is held up.',
  },
  'cosignature-withheld': {
    what: 'Of {held} leaves of our log that {peer} says it holds, it has cosigned {cosigned}. Leaf {cosigned} was filed at {filed}, more than a minute ago, and the line is connected.',
    proved: 'That we signed these leaves, by our own clock; and, where a receipt came, that {peer} said it had them.',
    notProved:
      'That {peer} has seen our newest checkpoint: no proof of it carries its signature. Nor why: a clock that was set back keeps a centre from cosigning, as a fault or an intent does.',
    next: 'Ask {peer} whether its clock was set back or its signer stopped. Delivery and receipts go on without it. A proof that is written out now says that nobody but us has signed.',
  },
  'holds-less': {
    what: '{peer} says that it holds {held} leaves of our log, and has cosigned {cosigned} of them; what is missing there was filed at {filed}.',
    proved: 'That {peer} once knew of {cosigned} leaves: its cosignature is kept here. How many it holds is what it says now.',
    notProved: 'Why it holds less: a store that went back, one that was damaged, and an intent look alike.',
    next: 'Tell {peer} by voice. If its store went back, it must not be confirmed there: anshin recover brings back its own leaves from here, and ours are sent again once its line is open.',
  },
  'path-unproved': {
    what: 'The line is connected ({paths}), and no heartbeat signed by {peer} comes on it; the last: {heard}.',
    proved: 'Nothing, but that whoever holds the line has the link key of {peer} and has not shown its log key since.',
    notProved:
      'That {peer} itself is on the line: a fault of its machine, a clock, and somebody else with its link key look alike. Whoever it is can hold the line, and can say nothing in the name of {peer}.',
    next: 'Call {peer} by voice and ask whether it is connected. If it is not, its link key is in other hands: stop the centre until the keys are replaced, and go on by voice.',
  },
  'path-silent': {
    what: 'The line to {peer} is not connected ({paths}); last heartbeat: {heard}.',
    proved:
      'Nothing, but that nothing was heard here. What we file is logged and signed all the same, and is sent when the line is back.',
    notProved: 'Whether the network, the machine of {peer}, its staff or its will is the cause; nor that {peer} is well.',
    next: 'See whether this machine has a network, and whether either path is alive. Call {peer} by voice; what cannot wait is said by voice, and filed as well.',
  },
  'clocks-apart': {
    what: 'The clock of {peer} differs from ours by {offset} (plus: it is ahead of ours), by its heartbeat of {heard}. More than 2 minutes is not usual.',
    proved: 'That the two clocks differ by so much.',
    notProved:
      'Which of the two is right. Times of receipt and signature are the word of who wrote them; no rule makes a sender late by comparing two clocks.',
    next: 'Compare this machine with a clock that is known to be right. If ours is wrong, set it right before anything else is filed; if not, tell {peer}. Margins that depend on it are shown twice.',
  },
  'deferred-by-them': {
    what: '{peer} asks us to wait until {until}: {reason}. Leaves of ours that wait: {waiting}.',
    proved: 'What we logged, and when. Nothing is lost: it is sent when the time has come.',
    notProved: 'That our budget is spent, or their disk full, as {peer} says: only the count of what we sent, which is here too.',
    next: 'Hold back what is not urgent. A FLASH or IMMEDIATE goes by the urgent path all the same.',
  },
  'deferred-by-us': {
    what: 'We asked {peer} to wait until {until}: {reason}.',
    proved: 'How much came today, by our own count; {peer} can count the same in its log. Nothing is lost: the rest comes later.',
    notProved: 'Why so much came: a backlog after a silence, a fault, and a flood look alike.',
    next: 'Look at what comes (anshin list theirs). A FLASH or IMMEDIATE is still taken. If it goes on, ask {peer} by voice.',
  },
  'flash-without-alarm': {
    what: 'FLASH records of {peer} beyond the budget of their hour were received without an alarm. Waiting to be acknowledged: {numbers}.',
    proved: 'That they are records of {peer}, as any other: they are held, and receipted.',
    notProved: 'That any of them is less urgent than those that sounded.',
    next: 'Read each of them now, and acknowledge it. Ask {peer} by voice why there are so many.',
  },
  'store-unconfirmed': {
    what: 'The other side does not answer since this start, so nobody but us can say that this store is the newest. Nothing is filed yet.',
    proved: 'That the store continues what our signer remembers.',
    notProved: 'That the machine was not restored as a whole, signer and store together.',
    next: 'Wait, if you can. A supervisor who knows that this machine was never restored says so: anshin confirm-store.',
  },
  alarm: {
    what: 'Alarm: {detail} ({code}). Times since the start: {count}; first {first}, last {last}.',
    proved: 'That this was refused here, by spec/ {clause}. What is refused changes nothing.',
    notProved: 'By whose fault, or with what intent, it came.',
    next: 'The code is explained in spec/refusals.md. If it comes again, ask {peer} by voice.',
  },
};
