/** What a hostile case is, and what has to become of whoever sends it. */
import type { RawSocket } from './raw-socket.ts'
import type { Id } from './structs.ts'
import type { Wire, WireName } from './wires.ts'

/**
 * What an attacker sees:
 *
 * - `refused`: an update was not taken. The connection closes with 4400; on Hocuspocus its document is denied.
 * - `forbidden`: the same for who may not do that, 4403.
 * - `held`: the update waits for what it builds on; the connection goes on, nothing is acknowledged.
 * - `taken`: the update is in the document and acknowledged.
 * - `open`: the connection goes on and nothing was changed.
 * - `closed N`, `denied`, `status N`: the connection ended with close code N, the document was denied, the request was
 *   answered with HTTP status N.
 * - `ended`: the connection ended without a word.
 */
export type Outcome =
  | 'refused'
  | 'forbidden'
  | 'held'
  | 'taken'
  | 'open'
  | 'denied'
  | 'ended'
  | `closed ${number}`
  | `status ${number}`

/** Where an attack takes place. Everybody of a scene is in one document. */
export interface Scene {
  readonly port: number
  /** How long to wait for what may never come. */
  readonly patienceMs: number
  readonly wire: Wire
  readonly document: string
  /** The attacker's Yjs client id; not used before. */
  readonly attacker: number
  /** An honest writer: its Yjs client id and how many letters of `content` it has written. */
  readonly victim: { readonly client: number; readonly clock: number }
}

interface Base {
  readonly name: string
  /** Any of these is right. */
  readonly outcome: Outcome | readonly Outcome[]
}

/** Updates sent over every dialect. */
export interface UpdateCase extends Base {
  readonly kind: 'update'
  updates(scene: Scene): readonly Uint8Array[]
}

/** Messages, or bytes below them, from an attacker that is in step like everybody else. */
export interface SocketCase extends Base {
  readonly kind: 'socket'
  readonly wires: readonly WireName[]
  attack(socket: RawSocket, scene: Scene): void | Promise<void>
}

/** Bytes on a fresh TCP connection. */
export interface RequestCase extends Base {
  readonly kind: 'request'
  attack(socket: RawSocket, scene: Scene): void | Promise<void>
}

export type HostileCase = UpdateCase | SocketCase | RequestCase

/** The first letter that the victim wrote. */
export function firstLetter({ victim }: Scene): Id {
  return [victim.client, 0]
}
