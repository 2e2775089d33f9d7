import { accept, type Result, refuse } from '#base/refusal.ts';

// C0 and C1 controls but line feed, noncharacters, and the characters that reorder text on screen.
const forbidden =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Noncharacter_Code_Point}/u;

/** Checks text for the record: well-formed, and free of control, noncharacter and bidirectional-control code points. */
export function checkText(text: string): Result<string> {
  if (!text.isWellFormed()) return refuse('text.ill-formed', 'the text holds half of a surrogate pair');
  const found = forbidden.exec(text);
  if (found !== null) {
    const codePoint = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return refuse('text.forbidden', `the text holds U+${codePoint}, which the record does not allow`, { position: found.index });
  }
  return accept(text);
}

/** Runs of characters other than white space: the measure of a message's length that is alike in each language. */
export function runsOf(text: string): number {
  return text.match(/\S+/gu)?.length ?? 0;
}
