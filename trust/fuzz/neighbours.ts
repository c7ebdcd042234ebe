/** Whether what an update puts between two neighbours could have been typed there by somebody with the document. */
import * as Y from 'yjs'

/**
 * False when a struct of `update` does not belong between the two it names: whoever types has them side by side.
 * `document` has everything the update builds on, and gets it.
 */
export function hasPossibleNeighbours(document: Y.Doc, update: Uint8Array): boolean {
  const prototype: Y.Item = Y.Item.prototype
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its struct
  const original = prototype.integrate
  const named = new Map(Y.decodeUpdate(update).structs.map((struct) => [nameOf(struct.id), originOf(struct)]))
  let isPossible = true
  prototype.integrate = function integrate(this: Y.Item, transaction, offset) {
    if (this.parent instanceof Y.AbstractType && !areNeighbours(this.parent, this)) isPossible = false
    // Yjs cuts the left neighbour where the right one begins, when that is inside it.
    const origin = named.get(nameOf(this.id)) ?? null
    if (origin !== null && this.left !== null && nameOf(this.left.lastId) !== nameOf(origin)) isPossible = false
    original.call(this, transaction, offset)
  }
  try {
    Y.applyUpdate(document, update)
  } finally {
    prototype.integrate = original
  }
  return isPossible
}

function areNeighbours(parent: Y.AbstractType<unknown>, { left, right, parentSub }: Y.Item): boolean {
  if (left !== null) return left.right === right
  if (right !== null) return right.left === null && right.parentSub === null
  return parentSub === null ? parent._start === null : !parent._map.has(parentSub)
}

function originOf(struct: Y.Item | Y.GC | Y.Skip): Y.ID | null {
  return struct instanceof Y.Item ? struct.origin : null
}

function nameOf({ client, clock }: Y.ID): string {
  return `${client} ${clock}`
}
