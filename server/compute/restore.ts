/**
 * Finds the edit that leads a document from now back to an earlier moment.
 *
 * It undoes everything since that moment in a document that has kept what was deleted. The result is an ordinary
 * edit by a new client: open tabs and offline copies merge it, and what they typed meanwhile stays. An old state
 * put in place of the new one would do neither.
 */
import * as Y from 'yjs'
import { SyncError } from '../../shared/errors.ts'
import { unpackUpdates } from '../../shared/update/pack.ts'
import type { RestoringEdit } from '../ports/compute.ts'
import type { PackedUpdates } from '../ports/store.ts'
import { mendPairs } from './mend-pairs.ts'
import { applyUpdates } from './throw-away-document.ts'
import { equal, isEmpty, rootsOf, type TypeContent } from './type-content.ts'

/** Origin of what came after the moment: the undo manager takes back just that. */
const TAIL = 'tail'

/**
 * The edit that restores the moment between `before` and `after`; a root that did not exist then is emptied.
 * Throws `storage-corrupt`, or `job-failed` when undoing does not lead back.
 */
export function restore(log: { readonly before: PackedUpdates; readonly after: PackedUpdates }): RestoringEdit {
  const before = unpackUpdates(log.before)
  const after = unpackUpdates(log.after)
  const document = new Y.Doc({ gc: false })
  applyUpdates(document, before)
  const past = rootsOf(document)
  // The scope has to be the document: its roots have no type yet, and an array of untyped roots undoes nothing.
  const history = new Y.UndoManager(document, {
    trackedOrigins: new Set([TAIL]),
    captureTimeout: Number.MAX_SAFE_INTEGER,
  })
  applyUpdates(document, after, TAIL)
  const changedRoots = differingRoots(past, rootsOf(document))
  if (changedRoots.length === 0) return { update: null, changedRoots }
  const update = updateBy(document, () => {
    history.undo()
    const wrong = differingRoots(past, rootsOf(document))
    if (wrong.length > 0) mendPairs(document, past, wrong)
  })
  verify([...before, ...after], update, past)
  return { update, changedRoots }
}

/** What `change` changes, as one update, without what was deleted in `document` before. */
function updateBy(document: Y.Doc, change: () => void): Uint8Array {
  const updates: Uint8Array[] = []
  const collect = (update: Uint8Array) => void updates.push(update)
  document.on('update', collect)
  change()
  document.off('update', collect)
  return Y.mergeUpdates(updates)
}

/** An edit that restores something else would be worse than none. */
function verify(log: readonly Uint8Array[], update: Uint8Array, past: ReadonlyMap<string, TypeContent>): void {
  const present = new Y.Doc({ gc: true })
  applyUpdates(present, log)
  applyUpdates(present, [update])
  const wrong = differingRoots(past, rootsOf(present))
  if (wrong.length > 0) {
    throw new SyncError('job-failed', `Undoing the edits since then does not restore ${wrong.join(', ')}.`)
  }
}

function differingRoots(
  one: ReadonlyMap<string, TypeContent>,
  other: ReadonlyMap<string, TypeContent>,
): readonly string[] {
  const names = [...new Set([...one.keys(), ...other.keys()])].sort()
  return names.filter((name) => !equal(shown(one.get(name)), shown(other.get(name))))
}

/** A root that shows nothing is as good as none. */
function shown(content: TypeContent | undefined): TypeContent | null {
  return content === undefined || isEmpty(content) ? null : content
}
