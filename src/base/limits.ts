// Every limit on what a peer, an officer or a file may hand us. `spec/limits.md` lists them; a test holds the two together.

/** A record's bytes, canonical. */
export const recordBytesMax = 16_384;
/** A FLASH record's bytes, canonical. */
export const flashBytesMax = 4_096;
/** Bytes of narrative in a record of FLASH precedence. */
export const flashTextBytesMax = 1_200;
/** Runs of non-space characters in a narrative of FLASH or IMMEDIATE precedence. */
export const flashTextRunsMax = 200;
/** Nesting of a record's JSON. */
export const recordDepthMax = 16;
/** References that a record may carry. */
export const referencesMax = 16;
/** Parties that a circle may have. */
export const partiesMax = 16;

/** Signature lines that a note may carry; the public specification asks for at least 16. */
export const noteSignaturesMax = 32;
/** Bytes of a signed note. */
export const noteBytesMax = 131_072;
/** Hashes in an inclusion or consistency proof: two for each level of the largest tree. */
export const proofHashesMax = 104;
/** Leaves of a log: what a safe integer counts. */
export const treeSizeMax = Number.MAX_SAFE_INTEGER;

/** Bytes of one frame on the link. */
export const frameBytesMax = 4_194_304;
/** Leaves in one delivery. */
export const deliveryLeavesMax = 4_096;
/** Bytes of leaves in one delivery. */
export const deliveryBytesMax = 1_048_576;
/** Deliveries sent and not yet answered. */
export const deliveriesInFlightMax = 8;

/** Nodes that one evaluation of an expression may visit. */
export const expressionNodesMax = 1_000;
/** How far two statements of one time may lie apart before both margins are shown. */
export const clockToleranceMs = 120_000;
/** How long after its cosignature a centre may take to log its receipt. */
export const receiptWithinMs = 60_000;
/** Refusals of one peer's records answered in full each day; the rest are counted. */
export const refusalsPerDayMax = 100;
