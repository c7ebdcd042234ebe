/**
 * The wire format of @y-sweet/client: y-websocket's, and a message that asks whether everything is saved.
 *
 * The client sends it after each change, with the number of its last change, and now and then as a heartbeat. It
 * compares the number that comes back with its own; when nothing at all comes back within 3 s it reconnects.
 */
import * as decoding from 'lib0/decoding'
import { SyncError } from '../../shared/errors.ts'
import type { Acknowledgements, Dialect, Frame } from '../ports/dialect.ts'
import { readLastBytes, readMessage, writeMessage } from './y-protocols.ts'
import { yWebsocket } from './y-websocket.ts'

/** First varUint of the message, both ways; y-sweet calls it sync status. */
const SYNC_STATUS = 102

const HEAD = new Uint8Array([SYNC_STATUS])

// The client sends a varUint. Whatever is longer would be kept until a commit, in any number.
const MAX_PAYLOAD_BYTES = 64

export const ySweet: Dialect = {
  ...yWebsocket,
  decode,
  acknowledgements: () => new SavedAnswers(),
}

function decode(bytes: Uint8Array): Frame {
  if (bytes[0] !== SYNC_STATUS) return yWebsocket.decode(bytes)
  return readMessage(bytes, (decoder) => {
    decoding.readVarUint(decoder)
    const payload = readLastBytes(decoder)
    if (payload.length <= MAX_PAYLOAD_BYTES) return { type: 'query-saved', payload }
    throw new SyncError('malformed-frame', `A sync status holds ${payload.length} bytes; at most ${MAX_PAYLOAD_BYTES}.`)
  })
}

/** Gives each question back when everything sent before it is on disk; none while something was refused. */
class SavedAnswers implements Acknowledgements {
  readonly #questions: { readonly frames: number; readonly answer: Uint8Array }[] = []
  #saved = 0
  /** A client that was offline asks about changes that it sends only with its step 2. */
  #step2: number | null = null
  /** Until a step 2 is taken, which holds everything the client made, it has something that is not saved. */
  #isRefused = false

  received(frame: Frame, frames: number): readonly Uint8Array[] {
    if (frame.type === 'step2') {
      this.#step2 ??= frames
      this.#isRefused = false
    }
    if (frame.type !== 'query-saved') return []
    const answer = writeMessage(HEAD, frame.payload)
    const last = this.#questions.at(-1)
    // A question that is repeated is a heartbeat, which wants to hear anything within 3 s, however long the commit takes.
    if (last !== undefined && areEqual(last.answer, answer)) return [yWebsocket.keepAlive()]
    if (last !== undefined && last.frames === frames) this.#questions.pop()
    this.#questions.push({ frames, answer })
    const answers = this.#takeAnswers()
    return answers.length === 0 && this.#isRefused ? [yWebsocket.keepAlive()] : answers
  }

  refused(): readonly Uint8Array[] {
    this.#isRefused = true
    return []
  }

  saved(frames: number): readonly Uint8Array[] {
    this.#saved = frames
    return this.#takeAnswers()
  }

  /** Its clients have no word for it; their questions stay unanswered. */
  storageChanged(): readonly Uint8Array[] {
    return []
  }

  #takeAnswers(): readonly Uint8Array[] {
    if (this.#isRefused || this.#step2 === null || this.#saved < this.#step2) return []
    const open = this.#questions.findIndex(({ frames }) => frames > this.#saved)
    return this.#questions.splice(0, open === -1 ? this.#questions.length : open).map(({ answer }) => answer)
  }
}

function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at])
}
