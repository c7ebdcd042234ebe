/**
 * Puts an update together from struct bytes of other updates, without looking into them.
 *
 * It knows the frame of a V1 update only: who calls it sees to clocks that follow each other and to causality.
 */
import { createEncoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding'
import { DeleteSet } from './delete-set.ts'

/** Bytes at most for the counts of clients with structs and with deletes. */
const FRAME_BYTES = 16
/** Bytes at most for a client's id (8), first clock (6) and count (8). */
const CLIENT_BYTES = 22
/** Bytes at most for a deleted range: two numbers up to 2^40. */
const RANGE_BYTES = 12

/** Below this many bytes a loop copies faster than making the view that `set` needs. */
const COPY_BY_LOOP_BYTES = 48

/**
 * Bytes a client's first struct reserves: no more than V8 keeps on its own heap, since fifty thousand clients who typed a
 * letter each would leave the C library's in pieces.
 */
const FIRST_CAPACITY = 64

/** One client's structs, their clocks following each other. */
interface ClientStructs {
  readonly firstClock: number
  count: number
  /** Valid up to `length`; doubled when full. */
  bytes: Uint8Array
  length: number
}

export class UpdateWriter {
  /** The update that the structs added next lie in. */
  source: Uint8Array = new Uint8Array(0)

  readonly #clients = new Map<number, ClientStructs>()
  readonly #deleted = new DeleteSet()
  #deletedClient = -1
  #maxByteLength = FRAME_BYTES

  get isEmpty(): boolean {
    return this.#clients.size === 0 && this.#deleted.isEmpty
  }

  hasStructsOf(client: number): boolean {
    return this.#clients.has(client)
  }

  /** At most this many bytes come out once a struct of `bytes` bytes by `client` is added. */
  maxByteLengthWith(client: number, bytes: number): number {
    return this.#maxByteLength + bytes + (this.#clients.has(client) ? 0 : CLIENT_BYTES)
  }

  /** At most this many bytes come out once another deleted range of `client` is added. */
  maxByteLengthWithDelete(client: number): number {
    return this.#maxByteLength + RANGE_BYTES + (client === this.#deletedClient ? 0 : CLIENT_BYTES)
  }

  /** Adds the struct in `source` from byte `start` to `end`; `clock` continues the client's last struct, if any. */
  addStruct(client: number, clock: number, start: number, end: number): void {
    this.#maxByteLength += end - start
    let structs = this.#clients.get(client)
    if (structs === undefined) {
      this.#maxByteLength += CLIENT_BYTES
      structs = { firstClock: clock, count: 0, bytes: new Uint8Array(FIRST_CAPACITY), length: 0 }
      this.#clients.set(client, structs)
    }
    structs.count++
    append(structs, this.source, start, end)
  }

  addDelete(client: number, clock: number, length: number): void {
    this.#maxByteLength = this.maxByteLengthWithDelete(client)
    this.#deletedClient = client
    this.#deleted.addDelete(client, clock, length)
  }

  /** The update, higher client ids first as in Yjs: it applies faster that way. */
  finish(): Uint8Array {
    const encoder = createEncoder()
    writeVarUint(encoder, this.#clients.size)
    for (const [client, structs] of [...this.#clients].sort((a, b) => b[0] - a[0])) {
      writeVarUint(encoder, structs.count)
      writeVarUint(encoder, client)
      writeVarUint(encoder, structs.firstClock)
      writeUint8Array(encoder, structs.bytes.subarray(0, structs.length))
    }
    this.#deleted.write(encoder)
    return toUint8Array(encoder)
  }
}

function append(structs: ClientStructs, source: Uint8Array, start: number, end: number): void {
  let at = structs.length
  structs.length = at + end - start
  if (structs.length > structs.bytes.length) {
    const grown = new Uint8Array(structs.length * 2)
    grown.set(structs.bytes)
    structs.bytes = grown
  }
  const { bytes } = structs
  if (end - start > COPY_BY_LOOP_BYTES) bytes.set(source.subarray(start, end), at)
  else for (let from = start; from < end; from++) bytes[at++] = source[from] ?? 0
}
