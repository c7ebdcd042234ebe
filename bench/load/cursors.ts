/** People who move their carets: awareness messages as an editor with y-protocols sends them. */
import { Bytes, type Cursor } from '../wire/bytes.ts'
import { Opcode, writeFrame } from '../wire/frames.ts'
import type { Protocol } from '../wire/protocol.ts'
import { FIRST_TYPIST } from './typing.ts'
import type { Script } from './script.ts'

const COLORS = ['#b3261e', '#146c2e', '#0b57d0', '#7b4e00', '#8430ce']

/** `count` moves of one caret; clocks begin at 1. */
export function prepareMoves(person: number, count: number, protocol: Protocol, document: string): Script {
  const client = FIRST_TYPIST + person
  const out = new Bytes(count * 400)
  const ends = new Uint32Array(count)
  const clocks = new Uint32Array(count)
  const updateBytes = new Uint32Array(count)
  for (let move = 0; move < count; move++) {
    const payload = new Bytes(400)
      .varUint(1)
      .varUint(client)
      .varUint(move + 1)
      .varString(stateOf(person, move))
      .view()
    writeFrame(out, Opcode.binary, protocol.awareness(document, payload))
    ends[move] = out.length
    clocks[move] = move + 1
    updateBytes[move] = (updateBytes[move - 1] ?? 0) + payload.length
  }
  return { count, frames: out.view(), ends, clocks, updateBytes }
}

/** A relative position of the kind that y-prosemirror shares. */
function stateOf(person: number, move: number): string {
  const item = { type: null, tname: 'prosemirror', item: { client: FIRST_TYPIST + person, clock: move }, assoc: 0 }
  return JSON.stringify({
    user: { name: `Person ${person}`, color: COLORS[person % COLORS.length] },
    cursor: { anchor: item, head: item },
  })
}

/** Reads an awareness update: `onState` gets each person's number and clock. */
export function readMoves(cursor: Cursor, onState: (person: number, clock: number) => void): void {
  for (let states = cursor.varUint(); states > 0; states--) {
    const client = cursor.varUint()
    const clock = cursor.varUint()
    cursor.skipVarBytes()
    onState(client - FIRST_TYPIST, clock)
  }
}
