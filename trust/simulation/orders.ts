/** What a simulating process is told, and what it tells. Types, and nothing that reads the clock. */

export interface Orders {
  readonly scenario: 'trouble' | 'visits'
  /** Seeds from the first to before the last. */
  readonly from: number
  readonly to: number
}

/** Added to the command line, when the first violation is enough. */
export const STOP_AT_VIOLATION = '--stop'

/** What came of a seed. */
export interface Outcome {
  readonly seed: number
  /** What was not as it has to be, the first time; null when nothing was. */
  readonly violation: string | null
  /** Of everything that happened: the same for the same seed. */
  readonly hash: number
  readonly changes: number
  readonly visits: number
}
