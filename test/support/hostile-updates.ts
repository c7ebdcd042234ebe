/** Updates that no honest client makes, for what only trying them out can tell. */
import { createEncoder, type Encoder, toUint8Array, writeUint8, writeVarString, writeVarUint } from 'lib0/encoding'

const TEXT = 4
const HAS_RIGHT_ORIGIN = 0x40
const HAS_ORIGIN = 0x80

/** The client whose text the updates refer to. */
const VICTIM = 5

/** `length` letters by `VICTIM` in the root text `t`. */
export function victimsText(length: number): Uint8Array {
  return encoded((encoder) => {
    writeAll(encoder, 1, 1, VICTIM, 0)
    writeUint8(encoder, TEXT)
    writeVarUint(encoder, 1)
    writeVarString(encoder, 't')
    writeVarString(encoder, 'x'.repeat(length))
    writeVarUint(encoder, 0)
  })
}

/** A letter each of `count` clients from `firstClient` on, each with another right neighbour: each walks past all before it. */
export function slowInserts(firstClient: number, count: number, textLength: number): Uint8Array {
  return encoded((encoder) => {
    writeVarUint(encoder, count)
    for (let at = count - 1; at >= 0; at--) {
      writeAll(encoder, 1, firstClient + at, 0)
      writeUint8(encoder, TEXT | HAS_RIGHT_ORIGIN)
      writeAll(encoder, VICTIM, ((firstClient + at) * 7919) % textLength)
      writeVarString(encoder, 'y')
    }
    writeVarUint(encoder, 0)
  })
}

/** A letter of `client` whose right neighbour lies inside its left one. */
export function insideLeft(client: number): Uint8Array {
  return encoded((encoder) => {
    writeAll(encoder, 1, 1, client, 0)
    writeUint8(encoder, TEXT | HAS_ORIGIN | HAS_RIGHT_ORIGIN)
    writeAll(encoder, VICTIM, 5, VICTIM, 2)
    writeVarString(encoder, 'y')
    writeVarUint(encoder, 0)
  })
}

function writeAll(encoder: Encoder, ...numbers: readonly number[]): void {
  for (const number of numbers) writeVarUint(encoder, number)
}

function encoded(write: (encoder: Encoder) => void): Uint8Array {
  const encoder = createEncoder()
  write(encoder)
  return toUint8Array(encoder)
}
