/**
 * Applies updates to a throw-away copy of their document before anybody else has to.
 *
 * What the bytes alone cannot tell shows here: an update that takes for ever, that brings Yjs down, or that leaves
 * something waiting. It may do so here, in a thread that is given up when it does not come back.
 */
import * as Y from 'yjs'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { outlineOf } from '../../shared/update/outline.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import type { Verdict } from '../ports/compute.ts'
import { changedRoots } from './changed-roots.ts'
import { Gas } from './gas.ts'
import { applyUpdates, type Content, updatesOf } from './throw-away-document.ts'

export interface VerificationLimits {
  /** Siblings that one update may make Yjs walk past, besides as many as the document has structs. */
  readonly maxSiblingsWalked: number
  /** Clients and deleted ranges that one update may name. */
  readonly maxUpdateParts: number
}

/**
 * A verdict on each of `updates`, to be applied in order; after one that could not be applied there are no further
 * ones, since the document is spoilt. Throws `storage-corrupt` when `content` itself cannot be applied.
 */
export function verify(
  content: Content,
  updates: readonly Uint8Array[],
  limits: VerificationLimits,
): readonly Verdict[] {
  const document = new Y.Doc({ gc: false })
  applyUpdates(document, updatesOf(content))
  const verdicts: Verdict[] = []
  for (const update of updates) {
    const verdict = verdictOn(update, document, limits)
    verdicts.push(verdict)
    if (verdict.name === 'refused') break
  }
  return verdicts
}

function verdictOn(update: Uint8Array, document: Y.Doc, limits: VerificationLimits): Verdict {
  const shape = new UpdateShape()
  try {
    walkUpdate(update, shape)
    const parts = shape.blockCount + shape.deleteCount
    if (parts > limits.maxUpdateParts) {
      const message = `The update names ${parts} clients and deleted ranges; the limit is ${limits.maxUpdateParts}.`
      throw new SyncError('update-too-costly', message)
    }
    if (coverageOf(document).relation(shape) === 'gap') return { name: 'waits' }
    const roots = apply(update, document, { shape, limits })
    return { name: 'passed', outline: outlineOf(shape), changedRoots: roots }
  } catch (thrown) {
    // Yjs overflows the stack on what is nested too deep; whatever else it throws, others would meet it as well.
    const { code, message } = asSyncError(thrown, 'update-too-costly')
    return { name: 'refused', code, message }
  }
}

function apply(
  update: Uint8Array,
  document: Y.Doc,
  { shape, limits }: { shape: UpdateShape; limits: VerificationLimits },
): readonly string[] {
  let roots: readonly string[] = []
  document.once('afterTransaction', (transaction) => {
    roots = changedRoots(transaction)
  })
  const known = [...document.store.clients.values()].reduce((sum, structs) => sum + structs.length, 0)
  const gas = new Gas({ siblings: limits.maxSiblingsWalked + known, structs: known + shape.structs })
  gas.run(() => Y.applyUpdate(document, update))
  if (document.store.pendingStructs !== null || document.store.pendingDs !== null) {
    throw new SyncError('malformed-update', 'The update waits for something that it holds itself.')
  }
  return roots
}

/** What the document holds, without its deletes: enough to tell a gap. */
function coverageOf(document: Y.Doc): Coverage {
  const stateVector = Y.encodeStateVector(document)
  const bytes = new Uint8Array(stateVector.length + 1)
  bytes.set(stateVector, 1)
  return Coverage.decode(bytes)
}
