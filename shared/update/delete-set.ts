/** Which clocks of which clients are deleted, in the encoding of Yjs' delete sets. */
import { writeVarUint, type Encoder } from 'lib0/encoding'
import { ClockRanges } from './clock-ranges.ts'
import type { DeleteSink } from './update-reader.ts'

export class DeleteSet implements DeleteSink {
  readonly #rangesByClient = new Map<number, ClockRanges>()

  get isEmpty(): boolean {
    return this.#rangesByClient.size === 0
  }

  /** Whether `length` clocks from `clock` on are all deleted. */
  covers(client: number, clock: number, length: number): boolean {
    return this.#rangesByClient.get(client)?.covers(clock, clock + length) ?? false
  }

  addDelete(client: number, clock: number, length: number): void {
    let ranges = this.#rangesByClient.get(client)
    if (ranges === undefined) {
      ranges = new ClockRanges()
      this.#rangesByClient.set(client, ranges)
    }
    ranges.add(clock, clock + length)
  }

  /** Writes as Yjs does, higher client ids first, so that equal sets are equal bytes. */
  write(encoder: Encoder): void {
    writeVarUint(encoder, this.#rangesByClient.size)
    for (const [client, ranges] of [...this.#rangesByClient].sort((a, b) => b[0] - a[0])) {
      writeVarUint(encoder, client)
      writeVarUint(encoder, ranges.count)
      ranges.forEach((start, end) => {
        writeVarUint(encoder, start)
        writeVarUint(encoder, end - start)
      })
    }
  }
}
