/** A growing buffer with lib0's encodings: what updates and messages are written with, a million at a time. */

export class Bytes {
  #buffer: Buffer
  #length = 0

  constructor(capacity = 1024) {
    this.#buffer = Buffer.allocUnsafe(capacity)
  }

  get length(): number {
    return this.#length
  }

  clear(): this {
    this.#length = 0
    return this
  }

  byte(value: number): this {
    this.#reserve(1)
    this.#buffer[this.#length++] = value
    return this
  }

  varUint(value: number): this {
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest & 0x7f) | 0x80)
    return this.byte(rest)
  }

  varString(text: string): this {
    return this.varBytes(Buffer.from(text))
  }

  /** A varUint length and the bytes. */
  varBytes(bytes: Uint8Array): this {
    return this.varUint(bytes.length).bytes(bytes)
  }

  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  uint16BE(value: number): this {
    return this.byte(value >>> 8).byte(value & 0xff)
  }

  /** What was written; valid until the next write. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  copy(): Buffer {
    return Buffer.from(this.view())
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + size))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}

/** Reads lib0's encodings at a place that moves on. Trusts what it reads: it comes from servers we started. */
export class Cursor {
  data: Uint8Array = new Uint8Array(0)
  at = 0

  open(data: Uint8Array, at: number): this {
    this.data = data
    this.at = at
    return this
  }

  varUint(): number {
    let value = 0
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.data[this.at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  /** Skips a varUint length and that many bytes; returns how many. */
  skipVarBytes(): number {
    const length = this.varUint()
    this.at += length
    return length
  }
}
