/**
 * Whose client ids are: the first user whose update used one owns it in that document.
 *
 * Otherwise somebody could write structs under another person's id; what that person typed offline would then be taken
 * for known, and lost. Only users that somebody vouches for own ids.
 */
import { SyncError } from '../../shared/errors.ts'
import type { Coverage } from '../../shared/update/coverage.ts'
import type { UpdateShape } from '../../shared/update/walk.ts'
import type { ClientOwner } from '../ports/store.ts'

export class ClientOwners {
  readonly #owners: Map<number, string>
  readonly #claimed: (owners: readonly ClientOwner[]) => void

  /** `claimed` is told of ids that have got an owner, to be remembered. */
  constructor(known: readonly ClientOwner[], claimed: (owners: readonly ClientOwner[]) => void) {
    this.#owners = new Map(known.map(({ client, user }) => [client, user]))
    this.#claimed = claimed
  }

  /**
   * Gives `user` the ids of an update, with the shape `shape`, that brings something new to what `coverage` holds.
   * Throws `permission-denied` when it goes on where another user's id stopped; what is known may be sent by anybody.
   */
  claim(user: string, shape: UpdateShape, coverage: Coverage): void {
    const claimed: ClientOwner[] = []
    for (let at = 0; at < shape.blockCount * 3; at += 3) {
      const client = shape.blocks[at] ?? 0
      if ((shape.blocks[at + 2] ?? 0) <= coverage.clockOf(client)) continue
      const owner = this.#owners.get(client)
      if (owner === undefined) claimed.push({ client, user })
      else if (owner !== user) {
        throw new SyncError('permission-denied', `Client id ${client} is another user's in this document.`)
      }
    }
    if (claimed.length === 0) return
    for (const { client } of claimed) this.#owners.set(client, user)
    this.#claimed(claimed)
  }
}
