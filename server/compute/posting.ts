/** Jobs and results as they cross threads: what is as large as a document in parcels, all else as it is. */
import type { CompactedDocument, Content as LoadedContent } from '../ports/compute.ts'
import type { Parcel } from '../ports/parcel.ts'
import { ReceivedParcel, sendAll, sendCompressed, type SentParcel, sendParcel } from '../threads/parcel.ts'
import type { Job, JobResults } from './jobs.ts'
import type { Content } from './throw-away-document.ts'

/** Of an update that is cut in pieces. */
const PIECE_BYTES = 256 * 1024

interface PostedContent {
  readonly snapshot: SentParcel
  readonly tail: SentParcel
}

type Posted<AnyJob> = {
  readonly [Key in keyof AnyJob]: Key extends 'content'
    ? PostedContent
    : Key extends 'before' | 'after'
      ? SentParcel
      : AnyJob[Key]
}

type EachPosted<AnyJob> = AnyJob extends Job ? Posted<AnyJob> : never

/** What a thread is sent. */
export type PostedJob = EachPosted<Job>

/** What it answers. */
export interface PostedResults extends Omit<JobResults, 'compact' | 'merge' | 'diff'> {
  readonly compact: Omit<CompactedDocument, 'chunks'> & { readonly chunks: SentParcel }
  readonly merge: SentParcel
  readonly diff: SentParcel
}

/** What the main thread gets of it. */
export interface ReceivedResults extends Omit<JobResults, 'compact' | 'merge' | 'diff'> {
  readonly compact: CompactedDocument
  readonly merge: Parcel
  readonly diff: Parcel
}

export function postContent({ snapshot, tail }: LoadedContent): PostedContent {
  return { snapshot: sendParcel(snapshot), tail: sendParcel(tail) }
}

export function openJob(posted: PostedJob): Job {
  switch (posted.name) {
    case 'restore':
      return { ...posted, before: bytesIn(posted.before), after: bytesIn(posted.after) }
    case 'view':
    case 'adopt':
      return posted
    default:
      return { ...posted, content: openContent(posted.content) }
  }
}

/** `result`, what a job of this name answered, as it is posted. */
export function postResult(name: Job['name'], result: JobResults[Job['name']]): PostedResults[Job['name']] {
  // A job answers what its name says.
  switch (name) {
    case 'compact': {
      const { chunks, ...rest } = result as JobResults['compact']
      return { ...rest, chunks: sendCompressed(chunks) }
    }
    case 'diff':
      return sendAll(result as JobResults['diff'])
    case 'merge':
      return sendAll(piecesOf(result as JobResults['merge']))
    default:
      return result as Exclude<JobResults[Job['name']], JobResults['compact' | 'merge' | 'diff']>
  }
}

export function receiveResult(name: Job['name'], posted: PostedResults[Job['name']]): ReceivedResults[Job['name']] {
  switch (name) {
    case 'compact': {
      const { chunks, ...rest } = posted as PostedResults['compact']
      return { ...rest, chunks: new ReceivedParcel(chunks) }
    }
    case 'diff':
    case 'merge':
      return new ReceivedParcel(posted as SentParcel)
    default:
      return posted as Exclude<PostedResults[Job['name']], PostedResults['compact' | 'merge' | 'diff']>
  }
}

function openContent({ snapshot, tail }: PostedContent): Content {
  return { snapshot: [...new ReceivedParcel(snapshot)], tail: bytesIn(tail) }
}

/** All pieces of a parcel as one. */
function bytesIn(sent: SentParcel): Uint8Array {
  const bytes = new Uint8Array(sent.bytes)
  let at = 0
  for (const piece of new ReceivedParcel(sent)) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

function* piecesOf(update: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < update.length; at += PIECE_BYTES) yield update.subarray(at, at + PIECE_BYTES)
}
