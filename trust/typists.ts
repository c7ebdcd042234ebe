/** People who type without pause, and what each of them was promised: told saved, or seen by somebody else. */
import type * as Y from 'yjs'
import type { Client } from '../web/client/index.ts'

/** A slow disk holds typists up rather than growing a queue that a kill would cut anywhere. */
const MAX_UNSAVED = 20

/** Types 0, 1, 2 … into an array of its own name, so that a missing, doubled or reordered edit shows. */
export class Typist {
  readonly client: Client
  readonly name: string
  readonly #target: Y.Array<number>
  #timer: NodeJS.Timeout | null = null

  constructor(client: Client, name: string) {
    this.client = client
    this.name = name
    this.#target = client.doc.getArray(name)
  }

  get typed(): number {
    return this.#target.length
  }

  /** How many of its edits it was told are saved. */
  get saved(): number {
    return this.typed - this.client.unsaved
  }

  /** Types every `pauseMs` until `stop`. */
  start(pauseMs: number): void {
    this.stop()
    this.#timer = setInterval(() => this.type(), pauseMs)
  }

  /** Makes one edit, unless too many wait to be saved. */
  type(): void {
    if (this.client.unsaved < MAX_UNSAVED) this.#target.push([this.#target.length])
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }
}

/** By typist, how many edits have to be there: those it was told are saved, and those another one of `typists` saw. */
export function promisedTo(typists: readonly Typist[]): ReadonlyMap<string, number> {
  return new Map(
    typists.map((typist) => {
      const seen = typists
        .filter((other) => other !== typist)
        .map(({ client }) => client.doc.getArray(typist.name).length)
      return [typist.name, Math.max(typist.saved, ...seen)]
    }),
  )
}

/** How many promised edits `doc` does not hold, or holds in the wrong place. */
export function lostIn(doc: Y.Doc, promised: ReadonlyMap<string, number>): number {
  let lost = 0
  for (const [name, count] of promised) {
    const kept = doc.getArray<number>(name).toArray()
    lost += Math.max(0, count - kept.length) + kept.filter((value, index) => value !== index).length
  }
  return lost
}

/** How many of the typists' documents are not the same as the first one's. */
export function differing(typists: readonly Typist[]): number {
  const contents = typists.map(({ client }) => {
    return JSON.stringify(typists.map(({ name }) => client.doc.getArray(name).toJSON()))
  })
  return contents.filter((content) => content !== contents[0]).length
}
