/**
 * Parcels as they cross threads: a port in which every piece waits as a message of its own.
 *
 * Messages wait outside of every heap. A thread that passes the port on never has the pieces, so its garbage collector
 * does not either: 50 MB that pass through a thread as byte arrays make it stop several times. Pieces of snapshots travel
 * compressed, as they are stored: threads that do other work than serving people compress and decompress them.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import type { Parcel } from '../ports/parcel.ts'
import { release } from './release.ts'
import { inOwnBuffer } from './transfer.ts'

/** A third of the size for some milliseconds per 100 kB, and a millisecond per 300 kB when it is read. */
const BROTLI_QUALITY = 4

/** A parcel in a message; `port` has to be among what the message transfers. */
export interface SentParcel {
  readonly port: MessagePort
  readonly pieces: number
  /** Of all pieces together, decompressed. */
  readonly bytes: number
  /** Every piece is compressed by `compress`. */
  readonly isCompressed: boolean
}

/** A parcel that another thread filled. */
export class ReceivedParcel implements Parcel {
  readonly sent: SentParcel

  constructor(sent: SentParcel) {
    this.sent = sent
  }

  get pieces(): number {
    return this.sent.pieces
  }

  get bytes(): number {
    return this.sent.bytes
  }

  discard(): void {
    this.sent.port.close()
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    const { isCompressed } = this.sent
    for (const piece of this.#contents()) yield isCompressed ? decompress(piece) : piece
  }

  *passing(): Generator<Uint8Array> {
    for (const piece of this) {
      yield piece
      release(piece)
    }
  }

  /** Goes through it as well: its pieces compressed. */
  *compressed(): Generator<Uint8Array> {
    const { isCompressed } = this.sent
    for (const piece of this.#contents()) yield isCompressed ? piece : compress(piece)
  }

  *#contents(): Generator<Uint8Array> {
    const { port } = this.sent
    try {
      for (;;) {
        const received: { readonly message: Uint8Array } | undefined = receiveMessageOnPort(port)
        if (received === undefined) return
        yield received.message
      }
    } finally {
      port.close()
    }
  }
}

/** Fills a parcel, piece by piece. */
export class ParcelWriter {
  readonly #inside: MessagePort
  readonly #outside: MessagePort
  #pieces = 0
  #bytes = 0

  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.#inside = port1
    this.#outside = port2
  }

  /** Moves `piece` into the parcel, or a copy of it when it is a view on something larger. */
  add(piece: Uint8Array): void {
    const own = inOwnBuffer(piece)
    this.#pieces++
    this.#bytes += own.length
    this.#inside.postMessage(own, [own.buffer])
  }

  /** The parcel; nothing can be added any more. */
  finish(): SentParcel {
    return { port: this.#outside, pieces: this.#pieces, bytes: this.#bytes, isCompressed: false }
  }

  /** The same when every piece was compressed, `bytes` in all before. */
  finishCompressed(bytes: number): SentParcel {
    return { ...this.finish(), bytes, isCompressed: true }
  }

  /** Gives up what was added. */
  discard(): void {
    this.#outside.close()
  }
}

/** The same of pieces that come one after the other. */
export async function sendPieces(pieces: AsyncIterable<Uint8Array>): Promise<SentParcel> {
  const writer = new ParcelWriter()
  try {
    for await (const piece of pieces) writer.add(piece)
    return writer.finish()
  } catch (thrown) {
    writer.discard()
    throw thrown
  }
}

/** `parcel` for a message. It cannot be opened here any more. */
export function sendParcel(parcel: Parcel): SentParcel {
  return parcel instanceof ReceivedParcel ? parcel.sent : sendAll(parcel)
}

/** All of `pieces` as a parcel for a message. */
export function sendAll(pieces: Iterable<Uint8Array>): SentParcel {
  const writer = new ParcelWriter()
  for (const piece of pieces) writer.add(piece)
  return writer.finish()
}

/** All of `pieces`, compressed here. */
export function sendCompressed(pieces: Iterable<Uint8Array>): SentParcel {
  const writer = new ParcelWriter()
  let bytes = 0
  for (const piece of pieces) {
    bytes += piece.length
    writer.add(compress(piece))
  }
  return writer.finishCompressed(bytes)
}

function compress(piece: Uint8Array): Uint8Array {
  return brotliCompressSync(piece, {
    // In one go, not in steps of 16 KiB.
    chunkSize: Math.max(constants.Z_MIN_CHUNK, piece.length),
    params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: piece.length },
  })
}

/** What `compress` made, in a buffer of its own. Throws what zlib throws when it is not. */
export function decompress(piece: Uint8Array): Uint8Array<ArrayBuffer> {
  return inOwnBuffer(brotliDecompressSync(piece))
}
