/**
 * How many clocks of each client a log holds, and the same as a state vector in Yjs' encoding.
 *
 * Everybody who joins is sent the state vector, and a document that many people opened for years names a hundred thousand
 * clients. So it is kept in encoded pages: what changed since it was asked for last costs the page it is in.
 */
import { createEncoder, toUint8Array, writeUint8Array, writeVarUint } from 'lib0/encoding'

/** Clients in a page before it is halved; encoding one takes some twenty microseconds. */
const MAX_PAGE_CLIENTS = 512

interface Page {
  /** Highest first, as Yjs writes them; never empty. */
  readonly clients: number[]
  /** Their entries; null when a clock changed. */
  bytes: Uint8Array | null
}

export class ClientClocks implements Iterable<readonly [client: number, clock: number]> {
  readonly #clocks: Map<number, number>
  /** Higher clients first; null until the state vector is asked for. */
  #pages: Page[] | null = null
  /** Clients whose clock the pages do not have yet. */
  readonly #changed = new Set<number>()
  #stateVector: Uint8Array | null = null

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
    if (this.#pages !== null) this.#changed.add(client)
  }

  [Symbol.iterator](): Iterator<[client: number, clock: number]> {
    return this.#clocks.entries()
  }

  /** Whether `bytes` are the state vector; false, too, when that changed since it was asked for last. */
  isLatestStateVector(bytes: Uint8Array): boolean {
    const latest = this.#changed.size === 0 ? this.#stateVector : null
    if (latest === null || latest.length !== bytes.length) return false
    for (let at = 0; at < bytes.length; at++) if (bytes[at] !== latest[at]) return false
    return true
  }

  /** Higher client ids first, as Yjs writes them, so that equal vectors are equal bytes. */
  stateVector(): Uint8Array {
    if (this.#stateVector !== null && this.#changed.size === 0) return this.#stateVector
    this.#pages ??= pagesOf([...this.#clocks.keys()])
    for (const client of this.#changed) touch(this.#pages, client)
    this.#changed.clear()
    const encoder = createEncoder()
    writeVarUint(encoder, this.#clocks.size)
    for (const page of this.#pages) writeUint8Array(encoder, (page.bytes ??= this.#entriesOf(page)))
    this.#stateVector = toUint8Array(encoder)
    return this.#stateVector
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
