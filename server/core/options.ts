/** The limits and timings the core works by; config.ts holds their defaults and what they are for. */
export interface CoreOptions {
  readonly awarenessWindowMs: number
  readonly awarenessBytesPerWindow: number
  readonly maxAwarenessStateBytes: number
  readonly maxAwarenessDepth: number
  readonly maxAwarenessStatesPerConnection: number
  readonly maxAwarenessStatesPerMessage: number
  readonly behindBytes: number
  readonly inlineDiffBytes: number
  readonly sharedContentBytes: number
  readonly maxStateVectorEntries: number
  readonly maxHeldBytes: number
  readonly maxPendingBytes: number
  readonly maxDocumentBytes: number
  readonly maxUnwrittenBytes: number
  readonly commentsRoot: string
  readonly allowForeignClientIds: boolean
  readonly largeStep1Bytes: number
  readonly largeStep1PauseMs: number
  readonly inlineWalkBytes: number
  readonly verifyOverBytes: number
  readonly verifyOverStructs: number
  readonly roomIdleMs: number
  readonly compactAfterUpdates: number
  readonly compactAfterBytes: number
  readonly commitGapMs: number
  readonly maxCommitUpdatesPerRoom: number
  readonly maxCommitBytesPerRoom: number
  readonly partBytes: number
  readonly gatherMs: number
  readonly retryCommitMinMs: number
  readonly retryCommitMaxMs: number
}
