/** Byte arrays across threads: handed over, since copying a whole document would hold up everybody else. */
import { MessagePort, type Transferable } from 'node:worker_threads'

/** A message, and what in it the other thread takes over. */
export interface Message {
  readonly body: unknown
  readonly transfer: readonly Transferable[]
}

/** `value` as a message. Its byte arrays are gone afterwards; those that are views on something larger are copied. */
export function forTransfer(value: unknown): Message {
  const transfer = new Set<Transferable>()
  const body = mapTransferable(value, transfer)
  return { body, transfer: [...transfer] }
}

/** Gives up a message that nobody gets. */
export function discard({ transfer }: Message): void {
  for (const item of transfer) if (item instanceof MessagePort) item.close()
}

/** `bytes` in a buffer of its own, which can be transferred to another thread; the same when it already is. */
export function inOwnBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  // A view may lie on a buffer that others read, such as Node's pool; moving that would empty them all.
  const { buffer, byteLength } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes)
}

function mapTransferable(value: unknown, transfer: Set<Transferable>): unknown {
  if (value instanceof Uint8Array) {
    const own = inOwnBuffer(value)
    transfer.add(own.buffer)
    return own
  }
  if (value instanceof MessagePort) {
    transfer.add(value)
    return value
  }
  if (ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return value.map((inner) => mapTransferable(inner, transfer))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapTransferable(inner, transfer)]))
}
