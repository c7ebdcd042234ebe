/** A session as its room sees it. */
import type { Seq } from '../../shared/ids.ts'
import type { StorageTrouble } from '../../shared/protocol.ts'
import type { Reader } from './fan-out.ts'
import type { PresenceOwner } from './presence.ts'
import type { Writer } from './writer.ts'

export interface Member extends Reader, Writer, PresenceOwner {
  /** In step with the room: it gets every update as it is committed. */
  readonly isLive: boolean
  /** The socket is behind: no more updates until it drained; `seq` is the last one it was sent. */
  fallBehind(seq: Seq): void
  /** The room has committed `committed` updates since it opened. */
  committed(committed: number): void
  /** An update that was held back was taken, at `position`. */
  heldTaken(frame: number, position: number): void
  /** The store cannot write, for this reason; or, null, it can again. */
  storageChanged(trouble: StorageTrouble | null): void
  /** An update that was held back can be taken once it is verified. */
  heldUnverified(frame: number, update: Uint8Array): void
  /** The document has become too full for an update that was held back. */
  heldRefused(frame: number, reason: 'document-full'): void
  /** The document was full, and has room again. */
  hasRoomAgain(): void
  /** Ends the session with a WebSocket close code. */
  close(code: number, reason: string): void
}
