/**
 * Finds the updates that keep a document from being folded: those that Yjs throws on, of those that are slow together
 * the slowest, and those that are not the same to everybody.
 */
import * as Y from 'yjs'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import { collectUpdate } from '../../shared/update/collect.ts'
import { unpackUpdates } from '../../shared/update/pack.ts'
import type { Inspection } from '../ports/compute.ts'
import { changedRoots } from './changed-roots.ts'
import { divergingUpdates, diverges } from './diverging-updates.ts'
import { Gas, MAX_SIBLINGS_OF_DOCUMENT } from './gas.ts'
import { applyUpdates, type Content } from './throw-away-document.ts'

/**
 * The places in the tail of updates that are at fault; with these collected the rest can be folded.
 * `maxSiblings` is what all of the document may walk past. Throws `storage-corrupt` when the snapshot cannot be applied.
 */
export function inspect(content: Content, maxSiblings = MAX_SIBLINGS_OF_DOCUMENT): Inspection {
  return new Suspects(content.snapshot, unpackUpdates(content.tail), maxSiblings).inspect()
}

class Suspects {
  readonly #snapshot: readonly Uint8Array[]
  /** Updates at fault are replaced by what is left of them. */
  readonly #tail: Uint8Array[]
  readonly #maxSiblings: number
  readonly #bad = new Set<number>()
  /** What each update burnt, by its place. */
  readonly #costs: number[] = []
  readonly #misplaced: Y.ID[] = []
  #document: Y.Doc
  #fault: SyncError | null = null

  constructor(snapshot: readonly Uint8Array[], tail: Uint8Array[], maxSiblings: number) {
    this.#maxSiblings = maxSiblings
    this.#snapshot = snapshot
    this.#tail = tail
    this.#document = this.#documentUpTo(0)
  }

  inspect(): Inspection {
    const enough = new Gas({ siblings: this.#maxSiblings, structs: 0 }).left
    let burnt = 0
    for (const at of this.#tail.keys()) {
      burnt += this.#apply(at)
      // Well below what a fold may burn, or the next edits would be at fault.
      if (burnt > enough) burnt = this.#takeOutSlowest(at, { burnt, leave: enough / 2 })
    }
    const diverging = divergingUpdates(this.#snapshot, this.#tail, this.#misplaced)
    for (const at of diverging) if (!this.#bad.has(at)) this.#condemn(at, diverges())
    const bad = [...this.#bad].sort((a, b) => a - b)
    return { bad, code: this.#fault?.code ?? '', message: this.#fault?.message ?? '' }
  }

  /** What it burnt. */
  #apply(at: number): number {
    const update = this.#tail[at] ?? new Uint8Array()
    const gas = new Gas({ siblings: this.#maxSiblings, structs: update.length })
    const before = gas.left
    try {
      this.#document.once('afterTransaction', changedRoots)
      gas.run(() => applyUpdates(this.#document, [update]))
    } catch (thrown) {
      this.#condemn(at, asSyncError(thrown, 'job-failed'))
      // Some of the update may have been applied.
      this.#document = this.#documentUpTo(at + 1)
      this.#costs[at] = 0
      return 0
    }
    this.#misplaced.push(...gas.misplaced)
    return (this.#costs[at] = before - gas.left)
  }

  /** Takes out the fewest updates up to `last`, so that what is left burns little; returns how much. */
  #takeOutSlowest(last: number, { burnt, leave }: { readonly burnt: number; readonly leave: number }): number {
    const message = `Together with others it walks past more than ${this.#maxSiblings} siblings.`
    const fault = new SyncError('update-too-costly', message)
    let left = burnt
    for (const at of [...this.#costs.keys()].sort((a, b) => (this.#costs[b] ?? 0) - (this.#costs[a] ?? 0))) {
      if (left <= leave) break
      left -= this.#costs[at] ?? 0
      this.#condemn(at, fault)
      this.#costs[at] = 0
    }
    this.#document = this.#documentUpTo(last + 1)
    return left
  }

  #condemn(at: number, fault: SyncError): void {
    this.#fault ??= fault
    this.#bad.add(at)
    this.#tail[at] = collectUpdate(this.#tail[at] ?? new Uint8Array([0, 0]))
  }

  #documentUpTo(count: number): Y.Doc {
    const document = new Y.Doc({ gc: false })
    applyUpdates(document, [...this.#snapshot, ...this.#tail.slice(0, count)])
    return document
  }
}
