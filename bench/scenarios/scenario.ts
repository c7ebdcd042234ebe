/** What a scenario is, and what it is given to work with. */
import type { Content, Paper } from '../load/paper.ts'
import type { Server } from '../targets/server.ts'
import type { Target, TargetName } from '../targets/targets.ts'

/** What one run measured, by name; 1 and 0 stand for yes and no. */
export type Measures = Readonly<Record<string, number>>

export interface Scenario {
  readonly id: string
  readonly title: string
  readonly targets: readonly TargetName[]
  run(lab: Lab): Promise<Measures>
}

/** One run of one scenario against one target. Everything started ends with the run. */
export interface Lab {
  readonly target: Target
  /** Shorter and smaller: to see that everything works, not to quote. */
  readonly isQuick: boolean
  /** The long trace, written by one person. */
  readonly paper: () => Promise<Paper>
  /** A document of `bytes`, from the beginning of the trace. */
  readonly document: (bytes: number) => Promise<Content>
  /** Starts the target; without `folder` in an empty one. */
  start(folder?: string): Promise<Server>
}

/** Most scenarios compare these. */
export const ALL: readonly TargetName[] = ['raw', 'y-websocket', 'hocuspocus', 'weft']
