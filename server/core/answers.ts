/**
 * Answers to sync step 1: what a peer with some state vector lacks, as updates to apply in order.
 *
 * Answers come from stored bytes. Small documents are folded here; large ones in a compute thread, or sent as
 * the stored pieces where the peer has nothing yet. Nothing is decoded on the event loop, and nothing large is in memory
 * there: it is sent piece by piece as the peer takes it. A large state vector is read in the thread as well.
 */
import type { DocumentId, Seq } from '../../shared/ids.ts'
import { foldUpdates } from '../../shared/update/fold.ts'
import { unpackUpdates } from '../../shared/update/pack.ts'
import { checkStateVectorSize, decodeStateVector } from '../../shared/update/state-vector.ts'
import type { Compute } from '../ports/compute.ts'
import type { Parcel } from '../ports/parcel.ts'
import type { ContentReading, SentContent, Store, StoredContent } from '../ports/store.ts'
import { parcelOf } from './pieces.ts'

export interface Answer {
  /** The answer holds everything up to here. */
  readonly seq: Seq
  /**
   * Self-contained, in causal order. To be gone through at once, even if not to the end; each update is gone when the next
   * is asked for.
   */
  readonly updates: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  /** What follows them; null when there is nothing more. */
  readonly last: Uint8Array | null
}

export interface AnswersOptions {
  readonly inlineDiffBytes: number
  readonly sharedContentBytes: number
  readonly maxStateVectorEntries: number
  readonly largeStep1Bytes: number
}

/** The document an answer is about. */
export interface AnswerSource {
  readonly document: DocumentId
  readonly handle: number
  readonly head: Seq
  readonly size: { readonly snapshotBytes: number; readonly tail: { readonly bytes: number } }
  /**
   * The answer to a peer that has every struct, as most have that come back; null when this one lacks some. Of an encoded state
   * vector it is only seen whether it is the same as here; null when it is not.
   */
  answerWithoutStructs(known: ReadonlyMap<number, number> | Uint8Array): readonly Uint8Array[] | null
}

/** An update without structs and deletes: all there is of a document that was never written. */
const EMPTY_UPDATE = new Uint8Array([0, 0])

/** What one that was behind is sent at a time: some milliseconds' work when the updates are keystrokes. */
const UPDATES_A_STEP = 4_096

export class Answers {
  readonly #store: Store
  readonly #compute: Compute
  readonly #options: AnswersOptions
  /** Content read lately, for the many who join at once; an entry older than its room's head is never used. */
  readonly #contents = new Map<AnswerSource, Promise<StoredContent>>()

  constructor(store: Store, compute: Compute, options: AnswersOptions) {
    this.#store = store
    this.#compute = compute
    this.#options = options
  }

  /** What a peer with `stateVector` (Yjs encoding) lacks. Rejects `malformed-update` when it cannot be read. */
  async answer(source: AnswerSource, stateVector: Uint8Array): Promise<Answer> {
    const { maxStateVectorEntries, largeStep1Bytes } = this.#options
    checkStateVectorSize(stateVector, maxStateVectorEntries)
    if (stateVector.length > largeStep1Bytes) {
      const deletes = source.answerWithoutStructs(stateVector)
      return deletes === null ? this.#diff(source, stateVector) : answerOf(source.head, deletes)
    }
    const known = decodeStateVector(stateVector, maxStateVectorEntries)
    const deletesOnly = source.answerWithoutStructs(known)
    if (deletesOnly !== null) return answerOf(source.head, deletesOnly)
    const { inlineDiffBytes, sharedContentBytes } = this.#options
    const { snapshotBytes, tail } = source.size
    const isSentAsStored = known.size === 0 && tail.bytes <= inlineDiffBytes
    if (isSentAsStored && snapshotBytes > sharedContentBytes) {
      const reading = await this.#store.read(source.handle)
      return { seq: reading.seq, updates: updatesIn(reading), last: null }
    }
    if (isSentAsStored || snapshotBytes + tail.bytes <= inlineDiffBytes) {
      const content = await this.#content(source)
      const updates = this.#fold(content, known)
      if (updates !== null) return answerOf(content.seq, updates)
    }
    return this.#diff(source, stateVector)
  }

  /** The whole document as one update, cut in pieces anywhere. */
  async whole(source: AnswerSource): Promise<Parcel> {
    if (source.head === 0) return parcelOf([EMPTY_UPDATE.slice()])
    return this.#compute.merge(() => this.sent(source))
  }

  /** Everything committed after `seq`, or the beginning of it. */
  async since(source: AnswerSource, seq: Seq): Promise<Answer> {
    const to = Math.min(source.head, seq + UPDATES_A_STEP) as Seq
    const log = await this.#store.log(source.handle, (seq + 1) as Seq, to)
    return answerOf(log.toSeq, foldUpdates(unpackUpdates(log.updates), null))
  }

  /** Forgets content kept for `source`. */
  forget(source: AnswerSource): void {
    this.#contents.delete(source)
  }

  /** Everything committed, as stored, on its way to another thread. */
  sent(source: AnswerSource): Promise<SentContent> {
    return this.#store.send(source.handle)
  }

  async #diff(source: AnswerSource, stateVector: Uint8Array): Promise<Answer> {
    let seq = 0 as Seq
    const load = async (): Promise<SentContent> => {
      const content = await this.sent(source)
      seq = content.seq
      return content
    }
    const updates = await this.#compute.diff(load, stateVector)
    return { seq, updates: updates.passing(), last: null }
  }

  /** What `content` has that is not `known`; null when it is too large to tell here, as it may be when a commit is under way. */
  #fold({ snapshot, tail }: StoredContent, known: ReadonlyMap<number, number>): readonly Uint8Array[] | null {
    const { inlineDiffBytes } = this.#options
    if (tail.length > inlineDiffBytes) return null
    const bytes = snapshot.reduce((sum, chunk) => sum + chunk.length, tail.length)
    if (bytes <= inlineDiffBytes) return foldUpdates([...snapshot, ...unpackUpdates(tail)], known)
    return known.size === 0 ? [...snapshot, ...foldUpdates(unpackUpdates(tail), null)] : null
  }

  async #content(source: AnswerSource): Promise<StoredContent> {
    const kept = this.#contents.get(source)
    if (kept !== undefined) {
      const content = await kept
      if (content.seq >= source.head) return content
    }
    const loading = this.#store.content(source.handle)
    this.#contents.set(source, loading)
    loading.catch(() => this.#contents.delete(source))
    return loading
  }
}

async function* updatesIn({ snapshot, tail }: ContentReading): AsyncGenerator<Uint8Array> {
  yield* snapshot
  yield* foldUpdates(unpackUpdates(tail), null)
}

function answerOf(seq: Seq, updates: readonly Uint8Array[]): Answer {
  return { seq, updates: updates.slice(0, -1), last: updates.at(-1) ?? null }
}
