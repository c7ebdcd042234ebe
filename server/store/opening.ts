/** What opening a document reads: where it stands, and what its log covers. */
import type { DocumentId, Seq } from '../../shared/ids.ts'
import { collectUpdate } from '../../shared/update/collect.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import type { OpenedDocument } from '../ports/store.ts'
import { inOwnBuffer } from '../threads/transfer.ts'
import { damaged, reasonOf } from './damage.ts'
import type { SeqRange } from './served.ts'
import type { Storage } from './storage.ts'

/** What `Store.open` promises. */
export async function openDocument(storage: Storage, document: DocumentId): Promise<OpenedDocument> {
  const handle = storage.documents.handleOf(document)
  const isSnapshotDamaged = !(await storage.snapshots.isSound(handle))
  const quarantine = storage.quarantines.of(handle)
  const isKept = storage.quarantines.isKept(handle)
  const head = quarantine?.goodSeq ?? storage.log.headOf(handle)
  const snapshot = storage.snapshots.header(handle)
  if (snapshot !== null && snapshot.seq > head) {
    throw damaged(storage.documents.describe(handle), `head ${head}`, `its snapshot is of seq ${snapshot.seq}`)
  }
  const tailUpdates = head - (snapshot?.seq ?? 0)
  const clientOwners = storage.clientOwners.of(handle)
  const snapshotBytes = snapshot?.bytes ?? 0
  const standing = { handle, head: head as Seq, snapshotBytes, tailUpdates }
  const opened = { ...standing, isSnapshotDamaged, quarantine, isKept, clientOwners }
  if (snapshot !== null && tailUpdates === 0) {
    return { ...opened, coverage: inOwnBuffer(snapshot.coverage), tailBytes: 0 }
  }
  const coverage = snapshot === null ? Coverage.empty() : Coverage.decode(snapshot.coverage)
  const tail = { fromSeq: head - tailUpdates + 1, toSeq: head }
  const tailBytes = await cover(storage, handle, coverage, tail)
  return { ...opened, coverage: coverage.encode(), tailBytes }
}

/** Adds what the log holds between two seqs; returns its bytes. */
async function cover(storage: Storage, handle: number, coverage: Coverage, range: SeqRange): Promise<number> {
  const { fromSeq, toSeq } = range
  const shape = new UpdateShape()
  const dropped = storage.quarantines.dropped(handle, fromSeq, toSeq)
  let tailBytes = 0
  for await (const { firstSeq, updates } of storage.log.runs(handle, fromSeq, toSeq)) {
    for (const [index, update] of updates.entries()) {
      const bytes = dropped.has(firstSeq + index) ? collectUpdate(update.bytes) : update.bytes
      try {
        walkUpdate(bytes, shape)
      } catch (thrown) {
        throw damaged(storage.documents.describe(handle), `seq ${firstSeq + index}`, reasonOf(thrown), thrown)
      }
      coverage.add(shape)
      tailBytes += bytes.length
    }
  }
  return tailBytes
}
