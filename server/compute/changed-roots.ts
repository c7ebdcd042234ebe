/** Which root types of a document a transaction has changed, or tried to. */
import * as Y from 'yjs'
import { SyncError } from '../../shared/errors.ts'

/** Types inside types. Yjs deletes by recursion: far deeper, and deleting the outermost one overflows the stack. */
const MAX_TYPE_NESTING = 256

/** As `Y.Doc.share` has it. */
type ParentType = Y.Doc['share'] extends Map<string, infer Type> ? Type : never

interface Place {
  readonly root: string
  readonly depth: number
}

/**
 * Names of the roots that what `transaction` added or deleted lies in, deleted parts of them included, sorted.
 * The document has to have kept what was deleted. Throws `update-too-costly` when it nests types too deep.
 */
export function changedRoots(transaction: Y.Transaction): readonly string[] {
  const { doc, beforeState, afterState, deleteSet } = transaction
  const places = new RootPlaces(doc)
  const roots = new Set<string>()
  const visit = (struct: Y.Item | Y.GC): void => {
    const parent = struct instanceof Y.Item ? struct.parent : null
    if (parent instanceof Y.AbstractType) roots.add(places.of(parent).root)
  }
  for (const [client, clock] of afterState) {
    const before = beforeState.get(client) ?? 0
    const structs = doc.store.clients.get(client)
    if (before === clock || structs === undefined) continue
    for (let at = Y.findIndexSS(structs, before); at < structs.length; at++) {
      const struct = structs[at]
      if (struct !== undefined) visit(struct)
    }
  }
  Y.iterateDeletedStructs(transaction, deleteSet, visit)
  return [...roots].sort()
}

/** Where types are; remembered, since structs of one parent come in their thousands. */
class RootPlaces {
  readonly #places = new Map<ParentType, Place>()

  constructor(document: Y.Doc) {
    for (const [root, type] of document.share) this.#places.set(type, { root, depth: 0 })
  }

  of(type: ParentType): Place {
    const path: ParentType[] = []
    let place = this.#places.get(type)
    for (let outer = type; place === undefined; place = this.#places.get(outer)) {
      path.push(outer)
      const parent: unknown = outer._item?.parent
      if (!(parent instanceof Y.AbstractType)) throw new SyncError('job-failed', 'A type lies in no root.')
      outer = parent
    }
    for (const inner of path.toReversed()) {
      place = { root: place.root, depth: place.depth + 1 }
      if (place.depth > MAX_TYPE_NESTING) {
        throw new SyncError('update-too-costly', `The update nests types deeper than ${MAX_TYPE_NESTING}.`)
      }
      this.#places.set(inner, place)
    }
    return place
  }
}
