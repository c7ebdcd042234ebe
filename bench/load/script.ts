/** Updates prepared as bytes of one writer, each in its own WebSocket frame, one after the other in one buffer. */
import { Bytes } from '../wire/bytes.ts'
import { Opcode, writeFrame } from '../wire/frames.ts'
import type { Protocol } from '../wire/protocol.ts'

export interface Script {
  readonly count: number
  /** Masked WebSocket frames. */
  readonly frames: Buffer
  /** Per update where its frame ends. */
  readonly ends: Uint32Array
  /** Per update the writer's clock after it: how far it is from a reader's point of view. */
  readonly clocks: Uint32Array
  /** Bytes of the Yjs updates alone, per update from the start. */
  readonly updateBytes: Uint32Array
}

export interface ScriptedUpdate {
  readonly update: Uint8Array
  /** The writer's clock after it. */
  readonly clock: number
}

/** Frames updates for a server. `updates` may yield the same array again and again. */
export function prepareScript(
  count: number,
  updates: Iterable<ScriptedUpdate>,
  { protocol, document }: { readonly protocol: Protocol; readonly document: string },
): Script {
  const frames = new Bytes(count * 48)
  const ends = new Uint32Array(count)
  const clocks = new Uint32Array(count)
  const updateBytes = new Uint32Array(count)
  let at = 0
  let bytes = 0
  for (const { update, clock } of updates) {
    writeFrame(frames, Opcode.binary, protocol.update(document, update))
    bytes += update.length
    ends[at] = frames.length
    clocks[at] = clock
    updateBytes[at] = bytes
    at++
  }
  return { count: at, frames: frames.view(), ends, clocks, updateBytes }
}
