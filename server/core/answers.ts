/**
 * Answers to sync step 1: what a peer with some state vector lacks, as updates to apply in order.
 *
 * Answers come from stored bytes. Small documents are folded here; large ones in a compute thread, or sent as
 * the stored pieces where the peer has nothing yet. Nothing is decoded on the event loop.
 */
import type { DocumentId, Seq } from '../../shared/ids.ts'
import { foldUpdates } from '../../shared/update/fold.ts'
import { unpackUpdates } from '../../shared/update/pack.ts'
import { decodeStateVector } from '../../shared/update/state-vector.ts'
import type { Compute } from '../ports/compute.ts'
import type { Store, StoredContent } from '../ports/store.ts'

export interface Answer {
  /** The answer holds everything up to here. */
  readonly seq: Seq
  /** Self-contained, in causal order; empty when the peer lacks nothing. */
  readonly updates: readonly Uint8Array[]
}

export interface AnswersOptions {
  readonly inlineDiffBytes: number
  readonly maxStateVectorEntries: number
}

/** The document an answer is about. */
export interface AnswerSource {
  readonly document: DocumentId
  readonly handle: number
  readonly head: Seq
  /** The answer to a peer that has every struct, as most have that come back; null when this one lacks some. */
  answerWithoutStructs(known: ReadonlyMap<number, number>): readonly Uint8Array[] | null
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
  /** Documents found too large to be diffed here, so that they are not read in vain. */
  readonly #large = new WeakSet<AnswerSource>()

  constructor(store: Store, compute: Compute, options: AnswersOptions) {
    this.#store = store
    this.#compute = compute
    this.#options = options
  }

  /** What a peer with `stateVector` (Yjs encoding) lacks. Rejects `malformed-update` when it cannot be read. */
  async answer(source: AnswerSource, stateVector: Uint8Array): Promise<Answer> {
    const known = decodeStateVector(stateVector, this.#options.maxStateVectorEntries)
    const deletesOnly = source.answerWithoutStructs(known)
    if (deletesOnly !== null) return { seq: source.head, updates: deletesOnly }
    if (this.#large.has(source) && known.size > 0) return this.#diff(source, stateVector)
    const { seq, snapshot, tail } = await this.#content(source)
    const snapshotBytes = snapshot.reduce((sum, chunk) => sum + chunk.length, 0)
    if (snapshotBytes + tail.length <= this.#options.inlineDiffBytes) {
      return { seq, updates: foldUpdates([...snapshot, ...unpackUpdates(tail)], known) }
    }
    if (known.size === 0 && tail.length <= this.#options.inlineDiffBytes) {
      return { seq, updates: [...snapshot, ...foldUpdates(unpackUpdates(tail), null)] }
    }
    this.#large.add(source)
    return this.#diff(source, stateVector)
  }

  /** The whole document as one update. */
  async whole(source: AnswerSource): Promise<Uint8Array> {
    if (source.head === 0) return EMPTY_UPDATE
    return this.#compute.merge(() => this.unshared(source))
  }

  /** Everything committed after `seq`, or the beginning of it. */
  async since(source: AnswerSource, seq: Seq): Promise<Answer> {
    const to = Math.min(source.head, seq + UPDATES_A_STEP) as Seq
    const log = await this.#store.log(source.handle, (seq + 1) as Seq, to)
    return { seq: log.toSeq, updates: foldUpdates(unpackUpdates(log.updates), null) }
  }

  /** Forgets content kept for `source`. */
  forget(source: AnswerSource): void {
    this.#contents.delete(source)
  }

  /** Everything committed, as stored, read for the caller alone. */
  unshared(source: AnswerSource): Promise<StoredContent> {
    return this.#store.content(source.handle)
  }

  async #diff(source: AnswerSource, stateVector: Uint8Array): Promise<Answer> {
    let seq = 0 as Seq
    const load = async (): Promise<StoredContent> => {
      const content = await this.unshared(source)
      seq = content.seq
      return content
    }
    const updates = await this.#compute.diff(load, stateVector)
    return { seq, updates }
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
