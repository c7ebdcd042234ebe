/**
 * Total, bounds-checked reading of lib0's encodings.
 *
 * Every method either consumes exactly one value or throws `malformed-update`; none trusts a length and none
 * recurses further than `MAX_NESTING`. It knows lib0's encodings, not what an update is made of.
 */
import { decodeUtf8 } from 'lib0/string'
import { SyncError } from '../errors.ts'

/** Nesting of values and JSON. Yjs encodes by recursion: what is deeper decodes once and can never be sent again. */
const MAX_NESTING = 64

/** lib0's numbers are doubles; above this they are no longer whole. */
const MAX_UINT = Number.MAX_SAFE_INTEGER

/** Eight groups of seven bits hold every safe integer; a longer varUint is padding. */
const MAX_VAR_UINT_FACTOR = 2 ** 49

/** First bytes of lib0's `any` values. */
const Any = {
  bytes: 116,
  array: 117,
  object: 118,
  string: 119,
  true: 120,
  false: 121,
  bigint: 122,
  float64: 123,
  float32: 124,
  integer: 125,
  null: 126,
  undefined: 127,
} as const

export class ByteReader {
  /** Where the next value starts. */
  position = 0
  #bytes: Uint8Array = new Uint8Array(0)

  open(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.position = 0
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  get isAtEnd(): boolean {
    return this.position === this.#bytes.length
  }

  fail(problem: string): never {
    throw new SyncError('malformed-update', `The update ${problem} near byte ${this.position}.`)
  }

  byte(): number {
    const value = this.#bytes[this.position]
    if (value === undefined) return this.fail('ends early')
    this.position++
    return value
  }

  varUint(): number {
    const first = this.byte()
    if (first < 128) return first
    let value = first & 127
    let factor = 128
    for (;;) {
      const next = this.byte()
      value += (next & 127) * factor
      if (next < 128) break
      if (factor === MAX_VAR_UINT_FACTOR) return this.fail('holds an overlong number')
      factor *= 128
    }
    if (value > MAX_UINT) return this.fail('holds a number over 2^53')
    return value
  }

  /** Skips `length` bytes. */
  skip(length: number): void {
    if (length > this.#bytes.length - this.position) this.fail('ends early')
    this.position += length
  }

  /** Skips a varUint length and that many bytes; returns the length. */
  skipBytes(): number {
    const length = this.varUint()
    this.skip(length)
    return length
  }

  /**
   * Skips a string and returns its length in UTF-16 units, which is what Yjs' clocks count.
   * Only what a fatal UTF-8 decoder takes is taken: no overlong forms, no surrogates, nothing cut.
   */
  skipString(maxBytes: number): number {
    const byteLength = this.varUint()
    if (byteLength > maxBytes) this.fail(`holds a name of ${byteLength} bytes; the limit is ${maxBytes}`)
    const end = this.position + byteLength
    if (end > this.#bytes.length) this.fail('ends early')
    const bytes = this.#bytes
    let units = byteLength
    for (let at = this.position; at < end; at++) {
      const lead = bytes[at] ?? 0
      if (lead < 0x80) continue
      const extra = this.#continuationBytes(lead, bytes[at + 1] ?? 0)
      if (at + extra >= end) this.fail('holds text that is not UTF-8')
      for (let i = 1; i <= extra; i++) {
        if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) this.fail('holds text that is not UTF-8')
      }
      // Two and three bytes are one unit, four are a surrogate pair.
      units -= extra === 3 ? 2 : extra
      at += extra
    }
    this.position = end
    return units
  }

  /** Skips one JSON string as `JSON.parse` takes it, nested at most `MAX_NESTING` deep. */
  skipJson(): void {
    const length = this.varUint()
    const start = this.position
    this.skip(length)
    if (this.#isLiteral(start, length)) return
    this.#checkJsonNesting(start)
    try {
      JSON.parse(decodeUtf8(this.#bytes.subarray(start, this.position)))
    } catch {
      // The parser's message quotes content, which does not belong in an error.
      this.fail('holds invalid JSON')
    }
  }

  /** Skips one element of a legacy JSON array, where the bare word `undefined` stands for itself. */
  skipJsonOrUndefined(): void {
    const start = this.position
    const length = this.varUint()
    if (length === UNDEFINED.length && this.#matches(this.position, UNDEFINED)) {
      this.position += length
      return
    }
    this.position = start
    this.skipJson()
  }

  /** Skips one lib0 `any` value. */
  skipAny(depth = 0): void {
    if (depth > MAX_NESTING) this.fail(`nests values deeper than ${MAX_NESTING}`)
    switch (this.byte()) {
      case Any.undefined:
      case Any.null:
      case Any.true:
      case Any.false:
        return
      case Any.integer:
        return this.#skipVarInt()
      case Any.float32:
        return this.skip(4)
      case Any.float64:
      case Any.bigint:
        return this.skip(8)
      case Any.string:
        this.skipString(MAX_UINT)
        return
      case Any.bytes:
        this.skipBytes()
        return
      case Any.array:
        for (let left = this.varUint(); left > 0; left--) this.skipAny(depth + 1)
        return
      case Any.object:
        for (let left = this.varUint(); left > 0; left--) {
          this.skipString(MAX_UINT)
          this.skipAny(depth + 1)
        }
        return
      default:
        this.fail('holds a value of unknown kind')
    }
  }

  /** Skips one lib0 `any` value that has to be an object. */
  skipAnyObject(): void {
    if (this.#bytes[this.position] !== Any.object) this.fail('lacks an object')
    this.skipAny()
  }

  #skipVarInt(): void {
    const first = this.byte()
    if (first < 128) return
    let value = first & 63
    let factor = 64
    for (;;) {
      const next = this.byte()
      value += (next & 127) * factor
      if (next < 128) break
      if (factor === MAX_VAR_UINT_FACTOR / 2) this.fail('holds an overlong number')
      factor *= 128
    }
    if (value > MAX_UINT) this.fail('holds a number over 2^53')
  }

  /** How many bytes follow `lead`; the second byte tells overlong forms and surrogates apart. */
  #continuationBytes(lead: number, second: number): number {
    if (lead >= 0xc2 && lead <= 0xdf) return 1
    if (lead === 0xe0) return second >= 0xa0 ? 2 : this.fail('holds text that is not UTF-8')
    if (lead === 0xed) return second < 0xa0 ? 2 : this.fail('holds text that is not UTF-8')
    if (lead >= 0xe1 && lead <= 0xef) return 2
    if (lead === 0xf0) return second >= 0x90 ? 3 : this.fail('holds text that is not UTF-8')
    if (lead === 0xf4) return second < 0x90 ? 3 : this.fail('holds text that is not UTF-8')
    if (lead >= 0xf1 && lead <= 0xf3) return 3
    return this.fail('holds text that is not UTF-8')
  }

  /** `true` and `null` make up nearly all format values; they need no parser. */
  #isLiteral(start: number, length: number): boolean {
    return length === 4 && (this.#matches(start, TRUE) || this.#matches(start, NULL))
  }

  #matches(start: number, word: readonly number[]): boolean {
    for (let i = 0; i < word.length; i++) if (this.#bytes[start + i] !== word[i]) return false
    return true
  }

  #checkJsonNesting(start: number): void {
    const bytes = this.#bytes
    let depth = 0
    let inString = false
    for (let at = start; at < this.position; at++) {
      const byte = bytes[at]
      if (inString) {
        if (byte === BACKSLASH) at++
        else if (byte === QUOTE) inString = false
      } else if (byte === QUOTE) inString = true
      else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
        if (++depth > MAX_NESTING) this.fail(`nests JSON deeper than ${MAX_NESTING}`)
      } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--
    }
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const TRUE = [0x74, 0x72, 0x75, 0x65]
const NULL = [0x6e, 0x75, 0x6c, 0x6c]
const UNDEFINED = [0x75, 0x6e, 0x64, 0x65, 0x66, 0x69, 0x6e, 0x65, 0x64]
