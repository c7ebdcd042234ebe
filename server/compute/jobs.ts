/** The jobs a compute thread can do: plain data in, plain data out, so that both can cross a thread boundary. */
import type {
  AdoptedDocument,
  DocumentView,
  ForeignCopy,
  Inspection,
  RestoringEdit,
  Verdict,
} from '../ports/compute.ts'
import type { PackedUpdates } from '../ports/store.ts'
import { adopt } from './adopt.ts'
import { type Compaction, compact } from './compact.ts'
import { diff, merge } from './diff.ts'
import { inspect } from './inspect.ts'
import { restore } from './restore.ts'
import type { Content } from './throw-away-document.ts'
import { verify, type VerificationLimits } from './verify.ts'
import { view } from './view.ts'

export type Job =
  | { readonly name: 'compact'; readonly content: Content; readonly chunkBytes: number }
  | { readonly name: 'merge'; readonly content: Content }
  | {
      readonly name: 'diff'
      readonly content: Content
      readonly stateVector: Uint8Array
      readonly chunkBytes: number
    }
  | { readonly name: 'restore'; readonly before: PackedUpdates; readonly after: PackedUpdates }
  | { readonly name: 'view'; readonly log: PackedUpdates }
  | { readonly name: 'inspect'; readonly content: Content }
  | {
      readonly name: 'verify'
      readonly content: Content
      readonly updates: readonly Uint8Array[]
      readonly limits: VerificationLimits
    }
  | { readonly name: 'adopt'; readonly copy: ForeignCopy; readonly chunkBytes: number }

/** What each job answers. */
export interface JobResults {
  readonly compact: Compaction
  readonly merge: Uint8Array
  readonly diff: readonly Uint8Array[]
  readonly restore: RestoringEdit
  readonly view: DocumentView
  readonly inspect: Inspection
  readonly verify: readonly Verdict[]
  readonly adopt: AdoptedDocument
}

export function runJob(job: Job): JobResults[Job['name']] {
  switch (job.name) {
    case 'compact':
      return compact(job.content, job.chunkBytes)
    case 'merge':
      return merge(job.content)
    case 'diff':
      return diff(job.content, job.stateVector, job.chunkBytes)
    case 'restore':
      return restore(job)
    case 'view':
      return view(job.log)
    case 'inspect':
      return inspect(job.content)
    case 'verify':
      return verify(job.content, job.updates, job.limits)
    case 'adopt':
      return adopt(job.copy, job.chunkBytes)
  }
}
