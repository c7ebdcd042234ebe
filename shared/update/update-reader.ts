/**
 * Reads a Yjs V1 update struct by struct, building nothing.
 *
 * Strict: what Yjs would not write itself, or would choke on, throws `malformed-update`. It knows the format of
 * one update, not what anybody has seen before.
 */
import { MAX_CLOCK, MAX_NAME_BYTES } from './limits.ts'
import { ByteReader } from './reader.ts'
import { HAS_ORIGIN, HAS_PARENT_KEY, HAS_RIGHT_ORIGIN, Kind, KIND_BITS } from './struct-format.ts'

/** Where a reference would be, but the struct has none. No client id is negative. */
export const NO_CLIENT = -1

/** Shared types: array, map, text, element, fragment, hook, XML text. Elements and hooks carry their name. */
const LAST_TYPE = 6
const ELEMENT_TYPE = 3
const HOOK_TYPE = 5

export interface DeleteSink {
  addDelete(client: number, clock: number, length: number): void
}

export class UpdateReader {
  /** The client of the present block. */
  client = 0
  /** The present struct covers `clock ≤ c < endClock`. Between blocks both are where the block stands. */
  clock = 0
  endClock = 0
  /** Byte offset of the present struct. */
  start = 0

  /** What the present struct refers to; a client of `NO_CLIENT` means it does not. */
  originClient = NO_CLIENT
  originClock = 0
  rightOriginClient = NO_CLIENT
  rightOriginClock = 0
  parentClient = NO_CLIENT
  parentClock = 0

  readonly #input = new ByteReader()
  #blocksLeft = 0
  #structsLeft = 0
  #seen: Set<number> | null = null

  open(update: Uint8Array): void {
    this.#input.open(update)
    this.#structsLeft = 0
    this.#blocksLeft = this.#input.varUint()
    // One block cannot repeat a client, and nearly every update has just one.
    this.#seen = this.#blocksLeft > 1 ? new Set() : null
  }

  /** Byte offset after the present struct. */
  get end(): number {
    return this.#input.position
  }

  /** Goes to the next client's structs; false when there are no more. */
  nextBlock(): boolean {
    if (this.#blocksLeft === 0) return false
    this.#blocksLeft--
    const input = this.#input
    this.#structsLeft = input.varUint()
    if (this.#structsLeft === 0) input.fail('holds a client without structs')
    this.client = input.varUint()
    checkUnseen(input, this.#seen, this.client)
    this.clock = this.endClock = input.varUint()
    if (this.clock > MAX_CLOCK) input.fail(`holds clock ${this.clock}; the limit is ${MAX_CLOCK}`)
    return true
  }

  /** Goes to the next struct of the block; false when there are no more. */
  nextStruct(): boolean {
    if (this.#structsLeft === 0) return false
    this.#structsLeft--
    const input = this.#input
    this.start = input.position
    this.clock = this.endClock
    this.originClient = this.rightOriginClient = this.parentClient = NO_CLIENT
    const info = input.byte()
    const kind = info & KIND_BITS
    if (kind === Kind.gc && info !== Kind.gc) input.fail('holds a collected struct with references')
    // A range left out is what a client says that waits for it; what waits is of no use to others.
    if (kind === Kind.skip) input.fail('skips clocks')
    if (kind !== Kind.gc) this.#readReferences(info)
    const length = this.#skipContent(kind)
    if (length === 0) input.fail('holds a struct of no length')
    this.endClock = this.clock + length
    if (this.endClock > MAX_CLOCK) input.fail(`holds clock ${this.endClock}; the limit is ${MAX_CLOCK}`)
    return true
  }

  /** Reads what follows the last struct, up to the end of the update. */
  readDeletes(sink: DeleteSink): void {
    readDeleteSet(this.#input, sink)
    if (!this.#input.isAtEnd) this.#input.fail('has bytes after its end')
  }

  #readReferences(info: number): void {
    const input = this.#input
    if ((info & HAS_ORIGIN) !== 0) {
      this.originClient = input.varUint()
      this.originClock = this.#readReferenceClock(this.originClient)
    }
    if ((info & HAS_RIGHT_ORIGIN) !== 0) {
      this.rightOriginClient = input.varUint()
      this.rightOriginClock = this.#readReferenceClock(this.rightOriginClient)
    }
    if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
      this.#readParent((info & HAS_PARENT_KEY) !== 0)
      return
    }
    // Replicas would order such a struct differently for ever, with equal state vectors.
    if (this.originClient === this.rightOriginClient && this.originClock === this.rightOriginClock) {
      input.fail('holds a struct to the left and right of the same one')
    }
  }

  /** A neighbour's parent and key are the struct's own, so only a struct without neighbours says them. */
  #readParent(hasKey: boolean): void {
    const input = this.#input
    const parentKind = input.varUint()
    if (parentKind > 1) input.fail('holds a parent of unknown kind')
    if (parentKind === 1) input.skipString(MAX_NAME_BYTES)
    else {
      this.parentClient = input.varUint()
      this.parentClock = this.#readReferenceClock(this.parentClient)
    }
    if (hasKey) input.skipString(MAX_NAME_BYTES)
  }

  #readReferenceClock(client: number): number {
    const clock = this.#input.varUint()
    if (client === this.client && clock >= this.clock) this.#input.fail('holds a struct that refers to itself or later')
    return clock
  }

  /** The struct's length in clocks. */
  #skipContent(kind: number): number {
    const input = this.#input
    switch (kind) {
      case Kind.gc:
      case Kind.deleted:
        return input.varUint()
      case Kind.json:
        return this.#skipEach(skipJsonOrUndefined)
      case Kind.binary:
        input.skipBytes()
        return 1
      case Kind.string:
        return input.skipString(Number.MAX_SAFE_INTEGER)
      case Kind.embed:
        input.skipJson()
        return 1
      case Kind.format:
        input.skipString(MAX_NAME_BYTES)
        input.skipJson()
        return 1
      case Kind.type:
        this.#skipType()
        return 1
      case Kind.any:
        return this.#skipEach(skipAny)
      case Kind.document:
        input.skipString(MAX_NAME_BYTES)
        input.skipAnyObject()
        return 1
      default:
        return input.fail(`holds a struct of unknown kind ${kind}`)
    }
  }

  #skipEach(skip: (input: ByteReader) => void): number {
    const length = this.#input.varUint()
    for (let i = 0; i < length; i++) skip(this.#input)
    return length
  }

  #skipType(): void {
    const type = this.#input.varUint()
    if (type > LAST_TYPE) this.#input.fail(`holds a shared type of unknown kind ${type}`)
    if (type === ELEMENT_TYPE || type === HOOK_TYPE) this.#input.skipString(MAX_NAME_BYTES)
  }
}

/** Reads a delete set where `input` stands: per client ascending ranges that do not overlap. */
export function readDeleteSet(input: ByteReader, sink: DeleteSink): void {
  const clients = input.varUint()
  const seen = clients > 1 ? new Set<number>() : null
  for (let i = 0; i < clients; i++) {
    const client = input.varUint()
    checkUnseen(input, seen, client)
    let end = 0
    for (let left = input.varUint(); left > 0; left--) {
      const clock = input.varUint()
      if (clock < end) input.fail('deletes overlapping ranges')
      const length = input.varUint()
      if (length === 0) input.fail('deletes a range of no length')
      end = clock + length
      if (end > MAX_CLOCK) input.fail(`deletes up to clock ${end}; the limit is ${MAX_CLOCK}`)
      sink.addDelete(client, clock, length)
    }
  }
}

function checkUnseen(input: ByteReader, seen: Set<number> | null, client: number): void {
  if (seen === null) return
  if (seen.has(client)) input.fail(`names client ${client} twice`)
  seen.add(client)
}

function skipAny(input: ByteReader): void {
  input.skipAny()
}

function skipJsonOrUndefined(input: ByteReader): void {
  input.skipJsonOrUndefined()
}
