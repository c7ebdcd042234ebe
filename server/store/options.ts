/** What can be set about the SQLite store, with its defaults. */

export interface SqliteStoreOptions {
  /** Holds the database and nothing else; created, for its owner only, when it is missing. */
  readonly folder: string
  /** How long opening waits for the process that has the folder to end. */
  readonly lockWaitMs?: number
  /** How long a statement waits while another process reads or copies the database. */
  readonly busyWaitMs?: number
  /** Upper limit of the database file; commits beyond it fail. 0 is no limit. */
  readonly maxDatabaseBytes?: number
  /** Size the write-ahead log reaches before its pages are moved into the database file. */
  readonly checkpointAfterBytes?: number
  /** The journal is distributed to the documents when it holds this much … */
  readonly maxJournalBytes?: number
  /** … or so many commits: what a start after a crash has to read. */
  readonly maxJournalRows?: number
  /** How long nothing is committed before idle time is used for packing and giving back space. */
  readonly idleAfterMs?: number
  /** A larger update, committed alone, is written in parts of this size, between which others commit. */
  readonly partBytes?: number
  /** How many updates of a document wait for packing before idle time is spent on it. */
  readonly packAfterUpdates?: number
  /** A packed segment holds so many updates … */
  readonly maxSegmentUpdates?: number
  /** … or this much of them: what reading one update at least decompresses. */
  readonly maxSegmentBytes?: number
  /** So many deaths of the storage thread within a minute, and calls are refused until the minute is over. */
  readonly maxThreadDeathsPerMinute?: number
}

const MIB = 2 ** 20

export const defaultOptions = {
  // A process that was told to stop still drains and closes.
  lockWaitMs: 1_000,
  busyWaitMs: 5_000,
  maxDatabaseBytes: 0,
  checkpointAfterBytes: 8 * MIB,
  // The more, the less is written in all: a document's updates go to its segments together. This much is held in memory.
  maxJournalBytes: 4 * MIB,
  maxJournalRows: 10_000,
  idleAfterMs: 5_000,
  // Two milliseconds' work, for which commits wait.
  partBytes: MIB / 4,
  packAfterUpdates: 1_000,
  maxSegmentUpdates: 4_096,
  maxSegmentBytes: MIB / 4,
  maxThreadDeathsPerMinute: 5,
} as const
