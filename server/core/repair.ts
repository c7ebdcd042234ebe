/** An operator's look at a document that cannot be folded, and what they decide about it. */
import { SyncError } from '../../shared/errors.ts'
import type { DocumentId, Seq } from '../../shared/ids.ts'
import type { RepairReport } from '../../shared/rest.ts'
import { collectUpdate } from '../../shared/update/collect.ts'
import { packUpdates, unpackUpdates } from '../../shared/update/pack.ts'
import type { Compute, Content } from '../ports/compute.ts'
import type { Log } from '../ports/log.ts'
import type { RepairRequest } from '../ports/operator.ts'
import type { Store, StoredContent } from '../ports/store.ts'
import { parcelOf } from './pieces.ts'
import type { Rooms } from './rooms.ts'

export interface RepairDependencies {
  readonly store: Store
  readonly compute: Compute
  readonly rooms: Rooms
  readonly log: Log
}

/** Everything stored of a document, and whether its snapshot could be read. */
interface Whole {
  readonly content: StoredContent
  readonly isSnapshotDamaged: boolean
}

export class Repair {
  readonly #dependencies: RepairDependencies

  constructor(dependencies: RepairDependencies) {
    this.#dependencies = dependencies
  }

  async repair(document: DocumentId, { action, seqs, by }: RepairRequest): Promise<RepairReport> {
    const { store, rooms, log } = this.#dependencies
    const { handle, content, isSnapshotDamaged } = await this.#read(document)
    const badSeqs = seqs ?? (await this.#badSeqs(content))
    if (action === 'drop') {
      if (badSeqs.length === 0)
        throw new SyncError('invalid-request', 'No update is at fault, so there is none to drop.')
      await this.#checkWithout(handle, content, badSeqs)
      await store.dropUpdates(handle, badSeqs, by)
    } else if (action === 'keep') await store.liftQuarantine(handle, badSeqs.length > 0)
    if (isSnapshotDamaged && action !== 'look') await store.forgetSnapshot(handle)
    const quarantine = action === 'look' ? await this.#quarantineOf(document) : null
    if (action !== 'look') {
      log.warn('document repaired', { document, action, seqs: action === 'drop' ? badSeqs : [], by, isSnapshotDamaged })
      await rooms.reopen(document)
    }
    return {
      document,
      action,
      head: content.seq,
      servedSeq: quarantine?.goodSeq ?? content.seq,
      isSnapshotDamaged,
      updates: await this.#describe(handle, badSeqs, content.seq),
    }
  }

  async #read(document: DocumentId): Promise<Whole & { readonly handle: number }> {
    const { store } = this.#dependencies
    const handle = await store.handle(document)
    const { isSnapshotDamaged } = await store.open(document)
    return { handle, content: await store.content(handle, 'all'), isSnapshotDamaged }
  }

  async #fromLog(handle: number): Promise<StoredContent> {
    const log = await this.#dependencies.store.log(handle, 1 as Seq, Number.MAX_SAFE_INTEGER as Seq, 'all')
    return { seq: log.toSeq, snapshot: [], tail: log.updates }
  }

  async #badSeqs(content: StoredContent): Promise<readonly number[]> {
    const load = () => Promise.resolve(copyOf(content))
    const { bad } = await this.#dependencies.compute.inspect(load)
    const first = firstTailSeq(content)
    return bad.map((at) => first + at)
  }

  /** Rejects as folding does when dropping `seqs` would not be enough. */
  async #checkWithout(handle: number, content: StoredContent, seqs: readonly number[]): Promise<void> {
    const isInTail = seqs.every((seq) => seq >= firstTailSeq(content) && seq <= content.seq)
    const { snapshot, tail, seq } = isInTail ? content : await this.#fromLog(handle)
    const updates = unpackUpdates(tail)
    const first = seq - updates.length + 1
    for (const bad of seqs) {
      const update = updates[bad - first]
      if (update === undefined) throw new SyncError('invalid-request', `There is no seq ${bad}; the last is ${seq}.`)
      updates[bad - first] = collectUpdate(update)
    }
    const load = () => Promise.resolve(copyOf({ snapshot, tail: packUpdates(updates) }))
    const { chunks } = await this.#dependencies.compute.compact(load)
    chunks.discard()
  }

  async #quarantineOf(document: DocumentId) {
    const all = await this.#dependencies.store.quarantined()
    return all.find((entry) => entry.document === document)?.quarantine ?? null
  }

  async #describe(handle: number, seqs: readonly number[], head: number): Promise<RepairReport['updates']> {
    const [first] = seqs
    if (first === undefined) return []
    const wanted = new Set(seqs)
    // A pause of no length gives each update an entry of its own.
    const entries = await this.#dependencies.store.timeline(handle, { pauseMs: 0, limit: head - first + 1 })
    return entries
      .filter(({ fromSeq }) => wanted.has(fromSeq))
      .map(({ fromSeq, toMs, user, name, bytes }) => ({ seq: fromSeq, atMs: toMs, user, name, bytes }))
      .toReversed()
  }
}

/** A copy to give away: the content is looked at again afterwards. */
function copyOf({ snapshot, tail }: Pick<StoredContent, 'snapshot' | 'tail'>): Content {
  return { snapshot: parcelOf(structuredClone(snapshot)), tail: parcelOf([tail.slice()]) }
}

function firstTailSeq({ seq, tail }: StoredContent): number {
  return seq - unpackUpdates(tail).length + 1
}
