/** Byte arrays across threads: moved, not copied by the thread boundary, and never taken from someone else. */

/** `value` with every byte array copied into a buffer of its own, and those buffers. */
export function copyForTransfer<T>(value: T): { readonly copy: T; readonly buffers: ArrayBuffer[] } {
  const buffers: ArrayBuffer[] = []
  // A view may lie on a buffer that others read, such as Node's pool; moving that would empty them all.
  return { copy: mapBytes(value, (bytes) => ownBytes(bytes, buffers)) as T, buffers }
}

function ownBytes(bytes: Uint8Array, buffers: ArrayBuffer[]): Uint8Array {
  const own = new Uint8Array(bytes)
  buffers.push(own.buffer)
  return own
}

function mapBytes(value: unknown, map: (bytes: Uint8Array) => Uint8Array): unknown {
  if (value instanceof Uint8Array) return map(value)
  if (ArrayBuffer.isView(value)) return value
  if (Array.isArray(value)) return value.map((inner) => mapBytes(inner, map))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapBytes(inner, map)]))
}
