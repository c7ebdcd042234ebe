/**
 * How many clocks of each client a log holds, and the same as a state vector in Yjs' encoding.
 *
 * Everybody who joins is sent the state vector, and a document that many people opened for years names a hundred thousand
 * clients. So it is kept in encoded pages: what changed since it was asked for last costs the page it is in.
 */
import { createEncoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding'

/** Clients in a page before it is halved; encoding one takes some twenty microseconds. */
const MAX_PAGE_CLIENTS = 512

/** Of fewer clients the state vector is written anew whenever it is asked for: to keep it would cost each open document a kilobyte. */
const FEW_CLIENTS = 64

interface Page {
  /** Highest first, as Yjs writes them; never empty. */
  readonly clients: number[]
  /** Their entries; null when a clock changed. */
  bytes: Uint8Array | null
}

/** Clocks as they were when the state vector was last asked for. */
interface Encoded {
  /** Higher clients first. */
  readonly pages: Page[]
  /** Clients whose clock the pages do not have yet. */
  readonly changed: Set<number>
  stateVector: Uint8Array | null
}

export class ClientClocks implements Iterable<readonly [client: number, clock: number]> {
  readonly #clocks: Map<number, number>
  /** Null until the state vector of many clients is asked for. */
  #encoded: Encoded | null = null

  /** `clocks` are its own from now on. */
  constructor(clocks: Map<number, number>) {
    this.#clocks = clocks
  }

  /** The first clock of `client` that the log does not hold. */
  of(client: number): number {
    return this.#clocks.get(client) ?? 0
  }

  set(client: number, clock: number): void {
    this.#clocks.set(client, clock)
    this.#encoded?.changed.add(client)
  }

  [Symbol.iterator](): Iterator<[client: number, clock: number]> {
    return this.#clocks.entries()
  }

  /** Whether `bytes` are the state vector; false, too, when that would take long to tell. */
  isLatestStateVector(bytes: Uint8Array): boolean {
    const isAtHand = this.#encoded === null ? this.#clocks.size <= FEW_CLIENTS : this.#encoded.changed.size === 0
    if (!isAtHand) return false
    const stateVector = this.stateVector()
    if (stateVector.length !== bytes.length) return false
    for (let at = 0; at < bytes.length; at++) if (bytes[at] !== stateVector[at]) return false
    return true
  }

  /** Higher client ids first, as Yjs writes them, so that equal vectors are equal bytes. */
  stateVector(): Uint8Array {
    if (this.#encoded === null && this.#clocks.size <= FEW_CLIENTS) {
      return this.#write(pagesOf([...this.#clocks.keys()]))
    }
    this.#encoded ??= { pages: pagesOf([...this.#clocks.keys()]), changed: new Set(), stateVector: null }
    const { pages, changed } = this.#encoded
    if (changed.size === 0 && this.#encoded.stateVector !== null) return this.#encoded.stateVector
    for (const client of changed) touch(pages, client)
    changed.clear()
    return (this.#encoded.stateVector = this.#write(pages))
  }

  #write(pages: readonly Page[]): Uint8Array {
    const encoder = createEncoder()
    writeVarUint(encoder, this.#clocks.size)
    for (const page of pages) writeUint8Array(encoder, (page.bytes ??= this.#entriesOf(page)))
    return toUint8Array(encoder)
  }

  #entriesOf({ clients }: Page): Uint8Array {
    const encoder = createEncoder()
    for (const client of clients) {
      writeVarUint(encoder, client)
      writeVarUint(encoder, this.of(client))
    }
    return toUint8Array(encoder)
  }
}

function pagesOf(clients: number[]): Page[] {
  // As they are stored; what is new since stands at the end.
  if (clients.some((client, at) => client > (clients[at - 1] ?? client))) clients.sort((a, b) => b - a)
  const pages: Page[] = []
  for (let at = 0; at < clients.length; at += MAX_PAGE_CLIENTS / 2) {
    pages.push({ clients: clients.slice(at, at + MAX_PAGE_CLIENTS / 2), bytes: null })
  }
  return pages
}

/** Notes that the clock of `client` changed, and makes a place for it when it is new. */
function touch(pages: Page[], client: number): void {
  const pageAt = Math.max(0, firstBelow(pages.length, client, (at) => pages[at]?.clients[0] ?? 0) - 1)
  const page = pages[pageAt]
  if (page === undefined) {
    pages.push({ clients: [client], bytes: null })
    return
  }
  page.bytes = null
  const { clients } = page
  const after = firstBelow(clients.length, client, (at) => clients[at] ?? 0)
  if (clients[after - 1] === client) return
  clients.splice(after, 0, client)
  if (clients.length > MAX_PAGE_CLIENTS) {
    pages.splice(pageAt + 1, 0, { clients: clients.splice(MAX_PAGE_CLIENTS / 2), bytes: null })
  }
}

/** The first of `count` places, of clients in descending order, whose client is below `client`. */
function firstBelow(count: number, client: number, clientAt: (place: number) => number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (clientAt(middle) < client) high = middle
    else low = middle + 1
  }
  return low
}
