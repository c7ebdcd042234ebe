/** Who writes into a room, and what they may change. */
import { SyncError } from '../../shared/errors.ts'
import type { Author } from '../ports/store.ts'

export interface Writer {
  readonly author: Author
  /** The user in whose name client ids are used; null: nobody vouches for who it is. */
  readonly owner: string | null
  /** The root types it may change as of now; null: all of them, empty: none. */
  readonly writableRoots: readonly string[] | null
}

/** Throws `comments-only` or `read-only` when `writer` may not change all of `roots`. */
export function checkRoots(roots: readonly string[], { writableRoots }: Writer): void {
  if (writableRoots === null) return
  if (writableRoots.length === 0) throw new SyncError('read-only', 'The client may not write any more.')
  const foreign = roots.find((root) => !writableRoots.includes(root))
  if (foreign === undefined) return
  const allowed = writableRoots.join(', ')
  throw new SyncError('comments-only', `The update changes ${JSON.stringify(foreign)}, and not ${allowed} alone.`)
}
