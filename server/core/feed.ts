/**
 * Brings one client in step with its room: answers to its step 1, and what it missed while its socket was behind.
 *
 * A client is out of step until its first step 1 was answered; from then on it is live and gets every update as it is
 * committed, from its room and not from here.
 */
import type { Seq } from '../../shared/ids.ts'
import type { Answer, Answers } from './answers.ts'
import { type Reader, writeMessages } from './fan-out.ts'
import type { Room } from './room.ts'

/** An update without structs and deletes: the answer to a peer that lacks nothing. */
const EMPTY_UPDATE = new Uint8Array([0, 0])

export interface FeedOptions {
  /** Bytes written and not yet taken by the socket above which we wait. */
  readonly behindBytes: number
  /** After a step 1 above this size the next one waits. */
  readonly largeStep1Bytes: number
  readonly largeStep1PauseMs: number
}

export interface FeedDependencies {
  readonly reader: Reader
  readonly room: Room
  readonly answers: Answers
  readonly options: FeedOptions
  /** Called after each answer. */
  readonly answered: () => void
  /** What was asked for cannot be sent. */
  readonly failed: (thrown: unknown) => void
}

export class Feed {
  readonly #dependencies: FeedDependencies
  #isLive = false
  #isStopped = false
  #isAnswering = false
  #nextStep1: Uint8Array | null = null

  constructor(dependencies: FeedDependencies) {
    this.#dependencies = dependencies
  }

  get isLive(): boolean {
    return this.#isLive
  }

  /** Sends what a peer with `stateVector` lacks. One answer at a time; of several requests that wait, the latest counts. */
  answer(stateVector: Uint8Array): void {
    if (this.#isAnswering) {
      this.#nextStep1 = stateVector
      return
    }
    this.#isAnswering = true
    this.#background(this.#answerAll(stateVector))
  }

  /** The socket is behind; `seq` is the last update it was sent. Once it drained it is sent the rest; then `drained`. */
  fallBehind(seq: Seq, drained: () => void): void {
    this.#isLive = false
    this.#dependencies.reader.connection.whenDrained(() => {
      this.#background(this.#catchUp(seq))
      drained()
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#isLive = false
  }

  async #answerAll(first: Uint8Array): Promise<void> {
    const { reader, room, answers, answered, options } = this.#dependencies
    for (let stateVector: Uint8Array | null = first; stateVector !== null;) {
      if (this.#isBehind) await this.#drained()
      if (this.#isStopped) return
      const { seq, updates, last } = await answers.answer(room, stateVector)
      await this.#send(updates)
      if (this.#isStopped) return
      writeMessages(reader, reader.dialect.step2(last ?? EMPTY_UPDATE))
      answered()
      if (!this.#isLive) await this.#catchUp(seq)
      if (stateVector.length > options.largeStep1Bytes) {
        await new Promise((resolve) => setTimeout(resolve, options.largeStep1PauseMs))
      }
      if (this.#isStopped) return
      stateVector = this.#nextStep1
      this.#nextStep1 = null
    }
    this.#isAnswering = false
  }

  /**
   * Sends what was committed after `seq`, then goes live. The store answers in order, so when its answer is here
   * the room's head has not moved past it unless a commit came in between; then there is a little more to send.
   */
  async #catchUp(from: Seq): Promise<void> {
    const { reader, room, answers } = this.#dependencies
    for (let seq = from; seq < room.head;) {
      const { seq: upTo, updates, last } = await answers.since(room, seq)
      await this.#send(updates)
      // The step before may have been megabytes.
      if (this.#isBehind) await this.#drained()
      if (this.#isStopped) return
      if (last !== null) writeMessages(reader, reader.dialect.update(last))
      seq = upTo
    }
    this.#isLive = !this.#isStopped
  }

  async #send(updates: Answer['updates']): Promise<void> {
    const { dialect, connection } = this.#dependencies.reader
    for await (const update of updates) {
      if (this.#isStopped) return
      connection.writeOnce(dialect.update(update))
      // A large document has hundreds of pieces, and others are waiting.
      await nextTurn()
      if (this.#isBehind) await this.#drained()
    }
  }

  get #isBehind(): boolean {
    const { reader, options } = this.#dependencies
    return reader.connection.bufferedBytes > options.behindBytes
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => this.#dependencies.reader.connection.whenDrained(resolve))
  }

  #background(work: Promise<void>): void {
    work.catch((thrown: unknown) => this.#dependencies.failed(thrown))
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
