/**
 * How far the frames of one session are on disk.
 *
 * Frames are counted from 1. A frame waits for a position: the number of updates its room must have committed
 * before everything the frame holds is on disk. A frame that cannot be taken yet (a gap) has no position and
 * holds back the mark, so the mark always means "all frames up to here".
 */
export class SavedMark {
  /** Oldest first; neighbours that wait for the same position are one entry. */
  readonly #waiting: { frame: number; position: number | null }[] = []
  #frames = 0
  #saved = 0

  /** How many frames were counted. */
  get frames(): number {
    return this.#frames
  }

  /** All frames up to this one are on disk. */
  get saved(): number {
    return this.#saved
  }

  /** Whether frames are held back. */
  get hasUnsettled(): boolean {
    return this.#waiting.some(({ position }) => position === null)
  }

  /** Counts a frame; `position` is null while it cannot be taken. Returns the frame's number. */
  add(position: number | null): number {
    const frame = ++this.#frames
    const last = this.#waiting.at(-1)
    if (last !== undefined && position !== null && last.position === position) last.frame = frame
    else this.#waiting.push({ frame, position })
    return frame
  }

  /** Gives a frame that was held back its position. */
  settle(frame: number, position: number): void {
    const entry = this.#waiting.find((waiting) => waiting.frame === frame)
    if (entry !== undefined) entry.position = position
  }

  /** Moves the mark after the room has committed `committed` updates; true when it moved. */
  advance(committed: number): boolean {
    let done = 0
    for (const { frame, position } of this.#waiting) {
      if (position === null || position > committed) break
      this.#saved = frame
      done++
    }
    if (done > 0) this.#waiting.splice(0, done)
    return done > 0
  }
}
