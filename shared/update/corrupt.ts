/** Tells a stored value that cannot be read from one a client sent. */
import { SyncError } from '../errors.ts'

/** `thrown` as `storage-corrupt`: bytes of our own making that do not read are damage, nobody's fault on the wire. */
export function asStorageCorrupt(thrown: unknown, what: string): SyncError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new SyncError('storage-corrupt', `${what}: ${reason}`, { cause: thrown })
}
