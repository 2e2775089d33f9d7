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
/** Values in a record's JSON, objects and lists among them: each takes far more memory than the bytes that say it. */
export const recordValuesMax = 2_048;
/** References that a record may carry. */
export const referencesMax = 16;
/** Parties that a circle may have. */
export const partiesMax = 16;

/** Signature lines that a note may carry; the public specification asks for at least 16. */
export const noteSignaturesMax = 32;
/** Bytes of a signed note. */
export const noteBytesMax = 131_072;
/** Bytes of a key name or origin: what the one-byte length inside an ML-DSA cosignature counts. */
export const keyNameBytesMax = 255;
/** Bytes of a proof file: a note and the key lists that it carries. */
export const proofBytesMax = 1_048_576;
/** Bytes of a policy file. */
export const policyBytesMax = 262_144;
/** Logs, witnesses and groups that a policy may define; the public specification asks for at least 32 of each. */
export const policyNamesMax = 128;
/** Hashes in an inclusion or consistency proof: two for each level of the largest tree. */
export const proofHashesMax = 104;
/** The last second that a time of four digits for the year can write, in POSIX seconds: 9999-12-31T23:59:59Z. */
export const timeSMax = 253_402_300_799;
/** Leaves of a log: what a safe integer counts. */
export const treeSizeMax = Number.MAX_SAFE_INTEGER;
/** Bytes of a leaf: what the two-byte length of an entry bundle counts. */
export const leafBytesMax = 65_535;

/** Bytes of one frame on the link. */
export const frameBytesMax = 4_194_304;
/** Leaves in one delivery. */
export const deliveryLeavesMax = 256;
/** Bytes of leaves in one delivery. */
export const deliveryBytesMax = 1_048_576;
/** Milliseconds that one delivery may keep the line, by what its sender has seen of it. */
export const deliveryWireMs = 250;
/** Deliveries stored in one transaction. */
export const deliveriesTogetherMax = 2;
/** Bytes of a checkpoint's note, or of cosignature lines, on the link: two signatures take some 4,000. */
export const peerNoteBytesMax = 16_384;
/** Bytes of deliveries that wait for the disk of whoever receives them: as much as two times what may be under way. */
export const deliveriesWaitingBytesMax = 16_777_216;
/** Deliveries sent and not yet answered. */
export const deliveriesInFlightMax = 8;

/** What is kept of the disk for our own log, at the least. */
export const diskReserveBytesMin = 1_073_741_824;
/** Urgent leaves that may wait for those before them. */
export const urgentAheadMax = 256;
/** Of these, the places that a sender keeps free for FLASH. */
export const flashPlaces = 64;
/** Verified checkpoints of a peer's log that are kept beyond what is held; the newest. */
export const headsAheadMax = 512;

/** Nodes that one evaluation of an expression may visit. */
export const expressionNodesMax = 1_000;
/** How far two statements of one time may lie apart before both margins are shown. */
export const clockToleranceMs = 120_000;
/** How long after its cosignature a centre may take to log its receipt. */
export const receiptWithinMs = 60_000;
/** Refusals of one peer's records answered in full each day; the rest are counted. */
export const refusalsPerDayMax = 100;
/** UTF-16 code units of a refusal's detail, which may quote what was refused and is logged in full. */
export const refusalDetailMax = 400;

/** Records of one matter. */
export const matterRecordsMax = 256;
/** Of these, the last places, kept for what cancels the matter or reports on it. */
export const matterRecordsKept = 16;

/** Vertices of one polygon. */
export const areaVerticesMax = 64;
/** Metres from the middle of an area to its farthest point: an eighth of a great circle. */
export const areaExtentMaxM = 5_000_000;
/** Bytes of one file of an agreement's folder, and how many files there may be. */
export const agreementFileBytesMax = 262_144;
export const agreementFilesMax = 128;
/** Entries of any list in a format of an agreement; with it the cost of an expression has a bound before it is evaluated. */
export const agreementListMax = 64;

/** Bytes of one request by an officer's tool. */
export const requestBytesMax = 65_536;
/** Entries in one answer to an officer's tool, and in a list within one. */
export const pageMax = 200;
/** Events kept at least for a reader who comes back after an interruption; never twice as many. */
export const eventBacklogMax = 1_024;
/** Readers of events at one time. */
export const eventReadersMax = 64;
/** Of these, readers of one officer. */
export const eventReadersPerOfficerMax = 4;
/** Bytes that may wait for one reader of events before it is let go. */
export const eventWaitingBytesMax = 262_144;
/** Officers of one centre. */
export const officersMax = 256;
/** Bytes of the file of officers. */
export const peopleFileBytesMax = 262_144;
/** Failed sign-ins that the journal takes one by one in a minute; the rest are counted. */
export const signInFailuresPerMinuteMax = 20;
/** Milliseconds by which a draft's scenario time may lie behind the scenario clock when it is released: what its approval may take. */
export const scenarioAgeMaxMs = 3_600_000;
