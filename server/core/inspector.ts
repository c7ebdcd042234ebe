/**
 * What becomes of a document that could not be folded: it is served read-only as it was before the updates at fault,
 * until an operator has decided about them. All other documents go on.
 */
import { asSyncError, type ErrorCode, type SyncError } from '../../shared/errors.ts'
import type { Seq } from '../../shared/ids.ts'
import type { Compute, Inspection } from '../ports/compute.ts'
import type { Log } from '../ports/log.ts'
import type { SentContent, Store } from '../ports/store.ts'
import type { Room } from './room.ts'

/** Of more bad updates than this only the first are remembered by number. */
const MAX_LISTED_SEQS = 1_000

/** A job that fails with one of these may have met a document it could not take; the others are about something else. */
const FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'storage-corrupt',
  'malformed-update',
  'update-too-costly',
  'job-failed',
  'job-timed-out',
])

export interface InspectorDependencies {
  readonly store: Store
  readonly compute: Compute
  readonly log: Log
  /** Ends the sessions in a room, so that everybody comes back to the document as it is served now. */
  readonly reopen: (room: Room) => void
}

export class Inspector {
  readonly #dependencies: InspectorDependencies

  constructor(dependencies: InspectorDependencies) {
    this.#dependencies = dependencies
  }

  /** Looks into why the document could not be folded; rejects when that cannot be told now. */
  async inspect(room: Room, failure: SyncError): Promise<void> {
    if (!FAULTS.has(failure.code) || room.isKept || room.quarantine !== null) return
    const { store, log, reopen } = this.#dependencies
    const { inspection, snapshotSeq } = await this.#inspection(room)
    if (inspection?.bad.length === 0) {
      log.warn('nothing was found that keeps a document from being folded', { document: room.document })
      return
    }
    const badSeqs = (inspection?.bad ?? []).map((at) => snapshotSeq + at + 1)
    const goodSeq = (badSeqs[0] === undefined ? snapshotSeq : badSeqs[0] - 1) as Seq
    const code = inspection?.code || failure.code
    const message = inspection?.message || failure.message
    const listed = badSeqs.slice(0, MAX_LISTED_SEQS)
    await store.quarantine(room.handle, { sinceMs: Date.now(), goodSeq, badSeqs: listed, code, message })
    log.error('document put in quarantine; see weft repair', {
      document: room.document,
      goodSeq,
      badSeqs: listed,
      code,
      message,
    })
    reopen(room)
  }

  /** The inspection is null when looking at the document ended as folding it did. */
  async #inspection(room: Room): Promise<{ readonly inspection: Inspection | null; readonly snapshotSeq: number }> {
    const { store, compute } = this.#dependencies
    let snapshotSeq = 0
    const load = async (): Promise<SentContent> => {
      const content = await store.send(room.handle)
      snapshotSeq = content.snapshotSeq
      return content
    }
    try {
      const inspection = await compute.inspect(load)
      return { inspection, snapshotSeq }
    } catch (thrown) {
      const { code } = asSyncError(thrown, 'job-failed')
      if (code === 'job-timed-out' || code === 'job-failed') return { inspection: null, snapshotSeq }
      throw thrown
    }
  }
}
