/**
 * Whether somebody can have typed an item between the two neighbours that it names.
 *
 * Who types has both side by side. What else they had is not in the update, but all that the item builds on is: what its
 * author made before, its neighbours and its parent, what those build on, and so on. Where some of that lies between
 * the neighbours nobody can have typed it; replicas that get it at different times may then order it differently for ever.
 *
 * Of an item whose beginning the document has, the rest goes behind that beginning, whatever left neighbour it names.
 */
import * as Y from 'yjs'

/** Structs that are looked at in all, some seconds' work; then everything passes. */
const MAX_STRUCTS = 20_000_000

/** Authors whose knowledge is kept; of others it is found again. */
const MAX_AUTHORS = 100

export class Neighbours {
  readonly #store: Y.Doc['store']
  /** Per author and client the clock up to which the author is known to have had the client's structs. */
  readonly #knowledge = new Map<number, Map<number, number>>()
  #structsLeft = MAX_STRUCTS

  constructor({ store }: Y.Doc) {
    this.#store = store
  }

  /** Whether what the document has of the item, its first `offset` clocks, is where the item says that it is. */
  beginsInItsType(item: Y.Item, offset: number): boolean {
    if (offset === 0 || !(item.parent instanceof Y.AbstractType)) return true
    const beginning = this.#lastBefore(item, offset)
    return beginning instanceof Y.Item && beginning.parent === item.parent && beginning.parentSub === item.parentSub
  }

  /**
   * For an item that is about to be integrated but for its first `offset` clocks, its neighbours found; everything it
   * builds on is integrated.
   */
  arePossible(item: Y.Item, offset: number): boolean {
    const { right, parent, parentSub } = item
    if (!(parent instanceof Y.AbstractType)) return true
    const left = offset === 0 ? item.left : this.#lastBefore(item, offset)
    // As nearly all have them.
    if (left === null ? right !== null && right.left === null : left.right === right) return true
    const known = this.#knownTo(item, offset)
    let between = left === null ? firstOf(parent, parentSub) : left.right
    for (; between !== null && between !== right; between = between.right) {
      if (between.id.clock < (known.get(between.id.client) ?? 0)) return false
      if (--this.#structsLeft < 0) return true
    }
    return between === right
  }

  /** May be a collected struct, which Yjs' types do not say. */
  #lastBefore({ id: { client, clock } }: Y.Item, offset: number): Y.Item {
    return Y.getItem(this.#store, new Y.ID(client, clock + offset - 1))
  }

  /** What the author of `item` had, at least, when making what follows its first `offset` clocks. */
  #knownTo(item: Y.Item, offset: number): ReadonlyMap<number, number> {
    const { client, clock } = item.id
    const known = this.#knowledge.get(client) ?? new Map<number, number>()
    this.#knowledge.delete(client)
    this.#knowledge.set(client, known)
    for (const oldest of this.#knowledge.keys()) {
      if (this.#knowledge.size <= MAX_AUTHORS) break
      this.#knowledge.delete(oldest)
    }
    const needs = [...needsOf(item), new Y.ID(client, clock + offset - 1)]
    for (let need = needs.pop(); need !== undefined; need = needs.pop()) {
      const from = known.get(need.client) ?? 0
      if (need.clock < from) continue
      known.set(need.client, need.clock + 1)
      for (const struct of this.#structs(need.client, from, need.clock)) {
        if (struct instanceof Y.Item) needs.push(...needsOf(struct))
      }
    }
    return known
  }

  /** The structs of `client` that hold clocks from `from` to `to`, which is included. */
  *#structs(client: number, from: number, to: number): Iterable<Y.Item | Y.GC> {
    const structs = this.#store.clients.get(client) ?? []
    if (structs.length === 0) return
    for (let at = Y.findIndexSS(structs, from); at < structs.length; at++) {
      const struct = structs[at]
      if (struct === undefined || struct.id.clock > to || --this.#structsLeft < 0) return
      yield struct
    }
  }
}

function needsOf({ origin, rightOrigin, parent }: Y.Item): readonly Y.ID[] {
  const needs: Y.ID[] = []
  if (origin !== null) needs.push(origin)
  if (rightOrigin !== null) needs.push(rightOrigin)
  if (parent instanceof Y.AbstractType && parent._item !== null) needs.push(parent._item.id)
  return needs
}

function firstOf(parent: Y.AbstractType<unknown>, key: string | null): Y.Item | null {
  if (key === null) return parent._start
  let item = parent._map.get(key) ?? null
  while (item !== null && item.left !== null) item = item.left
  return item
}
