/**
 * What one client has got of what typists wrote: its clock per typist, read from the bytes of updates.
 *
 * Works whether a server passes updates on one by one, several in a message, or merged into one.
 */
import type { Cursor } from '../wire/bytes.ts'
import { FIRST_TYPIST } from './typing.ts'

const ORIGIN = 0x80
const RIGHT_ORIGIN = 0x40
const KIND = 0x1f
const STRING = 4
const PARENT_SUB = 0x20

export type OnProgress = (typist: number, from: number, to: number) => void

export class Receipts {
  readonly clocks: Int32Array
  /** Letters got in all. */
  total = 0
  readonly #onProgress: OnProgress | null

  /** `onProgress` is told of each typist's new letters: those with `from ≤ clock < to`. */
  constructor(typists: number, onProgress: OnProgress | null = null) {
    this.clocks = new Int32Array(typists)
    this.#onProgress = onProgress
  }

  /** Reads an update at the cursor. Only inserted text is expected in it, and deletes, which are not looked at. */
  read(cursor: Cursor): void {
    for (let blocks = cursor.varUint(); blocks > 0; blocks--) {
      let structs = cursor.varUint()
      const client = cursor.varUint()
      let clock = cursor.varUint()
      for (; structs > 0; structs--) clock += readText(cursor)
      this.#advance(client - FIRST_TYPIST, clock)
    }
  }

  #advance(typist: number, clock: number): void {
    const known = this.clocks[typist]
    if (known === undefined || clock <= known) return
    this.clocks[typist] = clock
    this.total += clock - known
    if (this.#onProgress !== null) this.#onProgress(typist, known, clock)
  }
}

/** Reads one struct; returns its length in clocks. */
function readText(cursor: Cursor): number {
  const info = cursor.data[cursor.at++] ?? 0
  if ((info & KIND) !== STRING) throw new Error(`The bench wrote no struct of kind ${info & KIND}.`)
  if ((info & ORIGIN) !== 0) {
    cursor.varUint()
    cursor.varUint()
  }
  if ((info & RIGHT_ORIGIN) !== 0) {
    cursor.varUint()
    cursor.varUint()
  }
  if ((info & (ORIGIN | RIGHT_ORIGIN)) === 0) {
    const isRoot = cursor.varUint() === 1
    if (isRoot) cursor.skipVarBytes()
    else {
      cursor.varUint()
      cursor.varUint()
    }
    if ((info & PARENT_SUB) !== 0) cursor.skipVarBytes()
  }
  return readLength(cursor)
}

/** Yjs counts UTF-16 units: one per UTF-8 sequence, two for sequences of four bytes. */
function readLength(cursor: Cursor): number {
  const bytes = cursor.varUint()
  const end = cursor.at + bytes
  let units = 0
  for (; cursor.at < end; cursor.at++) {
    const byte = cursor.data[cursor.at] ?? 0
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1
  }
  return units
}
