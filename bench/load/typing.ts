/**
 * People who type: every update inserts one letter behind the letter before, as an editor sends it.
 *
 * Encoded by hand in Yjs' V1 format: a hundred thousand of them must be ready before a measurement begins.
 */
import { Bytes } from '../wire/bytes.ts'
import type { ScriptedUpdate } from './script.ts'

/** The id of the first typist; the others follow. Five bytes when written, as most of Yjs' random ids are. */
export const FIRST_TYPIST = 2 ** 31

export interface ItemId {
  readonly client: number
  readonly clock: number
}

/** What an item begins with; see Yjs' Item.write. */
const STRING = 4
const HAS_ORIGIN = 0x80
const PARENT_IS_ROOT = 1
export const ROOT = 'text'

/** `count` letters of one typist, the first one behind `after`. Yields the same array again and again. */
export function* typing(client: number, count: number, after: ItemId | null): Generator<ScriptedUpdate> {
  const out = new Bytes(64)
  for (let clock = 0; clock < count; clock++) {
    out.clear().varUint(1).varUint(1).varUint(client).varUint(clock)
    const origin = clock === 0 ? after : { client, clock: clock - 1 }
    if (origin === null) out.byte(STRING).varUint(PARENT_IS_ROOT).varString(ROOT)
    else
      out
        .byte(STRING | HAS_ORIGIN)
        .varUint(origin.client)
        .varUint(origin.clock)
    out
      .varUint(1)
      .byte(0x61 + (clock % 26))
      .varUint(0)
    yield { update: out.view(), clock: clock + 1 }
  }
}

/**
 * One update by many clients, each of which once typed a letter at the end: what a document looks like that
 * many page loads have touched. Ends with the returned item.
 */
export function touchedBy(clients: number): { readonly update: Uint8Array; readonly last: ItemId } {
  const first = FIRST_TYPIST - 1_000_000
  const out = new Bytes(clients * 24).varUint(clients)
  // Yjs writes higher clients first, and so each must lean on the next lower one.
  for (let at = clients - 1; at >= 0; at--) {
    out
      .varUint(1)
      .varUint(first + at)
      .varUint(0)
    if (at === 0) out.byte(STRING).varUint(PARENT_IS_ROOT).varString(ROOT)
    else
      out
        .byte(STRING | HAS_ORIGIN)
        .varUint(first + at - 1)
        .varUint(0)
    out.varUint(1).byte(0x61 + (at % 26))
  }
  return { update: out.varUint(0).copy(), last: { client: first + clients - 1, clock: 0 } }
}
