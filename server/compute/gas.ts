/**
 * A meter on Yjs: how many siblings it walks past to put items in their place.
 *
 * Items may claim neighbours that make every later one walk past all before it: twenty thousand small inserts take
 * half a minute of everybody's processor, on every load. Yjs puts each sibling it passes into two sets and has no
 * other place to count at, so adding to a set is what costs gas while the meter runs.
 */
import * as Y from 'yjs'
import { SyncError } from '../../shared/errors.ts'
import { Neighbours } from './neighbours.ts'

/** Adds to sets for each sibling passed. */
const ADDS_PER_SIBLING = 2

/** Adds to sets that an item may cost besides; it takes one or two. */
const ADDS_PER_STRUCT = 4

/** What all of a document may cost: siblings that take a second or two to walk past, on every load. */
export const MAX_SIBLINGS_OF_DOCUMENT = 3_000_000

export interface GasLimit {
  /** Siblings that may be walked past in all. */
  readonly siblings: number
  /** Structs that are applied. */
  readonly structs: number
}

export class Gas {
  /** Where items begin that nobody can have typed between the neighbours they name. */
  readonly misplaced: Y.ID[] = []
  readonly #limit: GasLimit
  #left: number

  constructor(limit: GasLimit) {
    this.#limit = limit
    this.#left = limit.siblings * ADDS_PER_SIBLING + limit.structs * ADDS_PER_STRUCT
  }

  /** How much is left; what an amount is worth stays the same. */
  get left(): number {
    return this.#left
  }

  /**
   * What `work` returns. Throws `update-too-costly` when Yjs walks past more siblings in it than are left, and
   * `malformed-update` where replicas would differ: when an item's right neighbour lies inside its left one, or the
   * document has its beginning in another type. Yjs then links the rest there, but takes it for one of its own type.
   */
  run<Result>(work: () => Result): Result {
    const burn = (): void => {
      if (--this.#left >= 0) return
      const message = `Applying it walks past more than ${this.#limit.siblings} siblings.`
      throw new SyncError('update-too-costly', message)
    }
    // oxlint-disable-next-line typescript/unbound-method -- they are called with the object they were asked of
    const { add } = Set.prototype
    // oxlint-disable-next-line typescript/unbound-method -- likewise
    const { integrate } = Y.Item.prototype
    function meteredAdd(this: Set<unknown>, value: unknown): Set<unknown> {
      burn()
      return add.call(this, value)
    }
    let neighbours: Neighbours | null = null
    const { misplaced } = this
    function checkedIntegrate(this: Y.Item, transaction: Y.Transaction, offset: number): void {
      // Finding the right neighbour has cut the left one, so that it no longer ends where it should.
      if (offset === 0 && this.origin !== null && this.left instanceof Y.Item) {
        if (!Y.compareIDs(this.left.lastId, this.origin)) {
          throw new SyncError('malformed-update', 'The update holds a struct between parts of its left neighbour.')
        }
      }
      neighbours ??= new Neighbours(transaction.doc)
      if (!neighbours.beginsInItsType(this, offset)) {
        throw new SyncError('malformed-update', 'The update goes on with a struct that the document has elsewhere.')
      }
      if (!neighbours.arePossible(this, offset)) misplaced.push(new Y.ID(this.id.client, this.id.clock + offset))
      integrate.call(this, transaction, offset)
    }
    // The thread does one thing at a time, and nothing in it but Yjs runs meanwhile.
    // oxlint-disable-next-line no-extend-native -- for as long as the meter runs
    Set.prototype.add = meteredAdd
    Y.Item.prototype.integrate = checkedIntegrate
    try {
      return work()
    } finally {
      // oxlint-disable-next-line no-extend-native -- as it was
      Set.prototype.add = add
      Y.Item.prototype.integrate = integrate
    }
  }
}
