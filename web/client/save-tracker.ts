/**
 * Counts the changes made here that the server has not said are on disk. Pure arithmetic: it knows no Yjs and no socket.
 *
 * A change starts uncovered. An update frame covers the one change it was made for; a sync step 2 covers every
 * uncovered change, since it holds all that the server lacks. A frame that the server reports saved takes the changes
 * it covers with it. A lost connection takes its frames along, so their changes are uncovered again.
 */

interface FrameInFlight {
  /** 1 for the first sync step 2 or update of the connection. */
  readonly frame: number
  readonly changes: number
}

/** How many changes are not known to be on the server's disk. Never says 0 too early. */
export class SaveTracker {
  #uncovered = 0
  #covered = 0
  #sentFrames = 0
  #inFlight: FrameInFlight[] = []

  get unsaved(): number {
    return this.#uncovered + this.#covered
  }

  /** Call before the change is sent. */
  changed(count = 1): void {
    this.#uncovered += count
  }

  /** An update frame left, made for the last change reported. */
  sentUpdate(): void {
    this.#sent(Math.min(1, this.#uncovered))
  }

  /** A sync step 2 left. */
  sentStep2(): void {
    this.#sent(this.#uncovered)
  }

  /** The server has the first `frames` frames of this connection on disk. */
  saved(frames: number): void {
    const firstUnsaved = this.#inFlight.findIndex(({ frame }) => frame > frames)
    const done = this.#inFlight.splice(0, firstUnsaved === -1 ? this.#inFlight.length : firstUnsaved)
    for (const { changes } of done) this.#covered -= changes
  }

  /** The server did not take frame number `frame` of this connection; what it covered is here only. */
  refused(frame: number): void {
    const index = this.#inFlight.findIndex((sent) => sent.frame === frame)
    for (const { changes } of index === -1 ? [] : this.#inFlight.splice(index, 1)) {
      this.#covered -= changes
      this.#uncovered += changes
    }
  }

  /** The connection is gone; what it had in flight may or may not have arrived. */
  restart(): void {
    this.#uncovered += this.#covered
    this.#covered = 0
    this.#sentFrames = 0
    this.#inFlight = []
  }

  #sent(changes: number): void {
    this.#sentFrames++
    this.#uncovered -= changes
    this.#covered += changes
    this.#inFlight.push({ frame: this.#sentFrames, changes })
  }
}
