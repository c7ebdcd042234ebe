/** Byte arrays across threads: handed over, since copying a whole document would hold up everybody else. */

/** A message, and the buffers in it that the other thread takes over. */
export interface Message {
  readonly body: unknown
  readonly transfer: readonly ArrayBuffer[]
}

/** `value` as a message. Its byte arrays are gone afterwards; those that are views on something larger are copied. */
export function forTransfer(value: unknown): Message {
  const buffers = new Set<ArrayBuffer>()
  const body = mapBytes(value, (bytes) => {
    // A view may lie on a buffer that others read, such as Node's pool; moving that would empty them all.
    const { buffer, byteLength } = bytes
    const own =
      buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : new Uint8Array(bytes).buffer
    buffers.add(own)
    return new Uint8Array(own)
  })
  return { body, transfer: [...buffers] }
}

function mapBytes(value: unknown, map: (bytes: Uint8Array) => Uint8Array): unknown {
  if (value instanceof Uint8Array) return map(value)
  if (ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return value.map((inner) => mapBytes(inner, map))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapBytes(inner, map)]))
}
