/**
 * Who is here and where their carets are: the y-protocols awareness states of one room.
 *
 * Presence is never stored. The last state of each client id within a short window is sent to everybody in one
 * message, its author included, since stock clients take silence for a dead connection.
 */
import { type AwarenessEntry, AwarenessReader, encodeAwareness, GONE } from '../../shared/awareness.ts'
import type { ShownUser } from '../ports/authorizer.ts'

/** Whose states are shown. */
export interface PresenceOwner {
  /** Who it is, whatever its states say; null where nobody vouches for anybody. */
  readonly shownAs: ShownUser | null
}

interface State<Owner> {
  readonly clock: number
  readonly json: string
  readonly owner: Owner
}

export interface PresenceOptions {
  readonly awarenessWindowMs: number
  readonly maxAwarenessStateBytes: number
  readonly maxAwarenessDepth: number
  readonly maxAwarenessStatesPerConnection: number
  readonly maxAwarenessStatesPerMessage: number
  readonly awarenessBytesPerWindow: number
}

// Enough for everybody who left a busy room lately; forgetting one costs a returning client up to 30 s of invisibility.
const MAX_REMEMBERED_GONE = 1_000

export class Presence<Owner extends PresenceOwner> {
  readonly #options: PresenceOptions
  readonly #deliver: (payload: Uint8Array) => void
  readonly #states = new Map<number, State<Owner>>()
  /** The clock at which each client id was last declared gone, oldest first. */
  readonly #gone = new Map<number, number>()
  readonly #changed = new Set<number>()
  /** How many states each owner has here. */
  readonly #owned = new Map<Owner, number>()
  #timer: ReturnType<typeof setTimeout> | null = null

  /** `deliver` gets an awareness update for everybody in the room. */
  constructor(options: PresenceOptions, deliver: (payload: Uint8Array) => void) {
    this.#options = options
    this.#deliver = deliver
  }

  /** How many client ids are here. */
  get size(): number {
    return this.#states.size
  }

  /**
   * Takes what `owner` says. Entries about ids that belong to somebody else are ignored silently: stock clients
   * repeat other people's states. So are those of a message which come after more than anybody has of their own. With
   * `claims` an id that belonged to another connection passes to this one, as when a person is back before the server
   * noticed that their old connection died. What a state says of its `user` gives way to who the owner is known to be.
   *
   * Returns a message for `owner` alone, or null: a client that comes back with the clock it left with would stay
   * invisible, since its peers remember a higher one; told that it is gone, it speaks up with a higher clock.
   * Throws `malformed-frame`.
   */
  receive(owner: Owner, payload: Uint8Array, claims: boolean): Uint8Array | null {
    const { maxAwarenessStatesPerMessage, maxAwarenessStatesPerConnection, maxAwarenessStateBytes } = this.#options
    const outdated: AwarenessEntry[] = []
    const reader = new AwarenessReader(payload)
    // As much as a client can have of its own: what is read is parsed.
    let bytesLeft = maxAwarenessStatesPerConnection * maxAwarenessStateBytes
    for (let left = maxAwarenessStatesPerMessage; left > 0 && reader.next(); left--) {
      if (!this.#mayTell(owner, reader, claims)) continue
      bytesLeft -= reader.jsonBytes
      if (bytesLeft < 0) break
      const entry = reader.entry()
      const goneClock = this.#gone.get(entry.client)
      if (goneClock !== undefined && entry.clock <= goneClock) {
        if (entry.json !== GONE && claims) outdated.push({ client: entry.client, clock: goneClock, json: GONE })
      } else if (this.#accepts(owner, entry, claims)) {
        const json = presentable(entry.json, owner.shownAs)
        if (json !== null) this.#set(owner, { ...entry, json })
      }
    }
    return outdated.length === 0 ? null : encodeAwareness(outdated)
  }

  /** Removes what `owner` introduced, for everybody. */
  leave(owner: Owner): void {
    for (const [client, state] of this.#states) {
      if (state.owner === owner) this.#set(owner, { client, clock: state.clock + 1, json: GONE })
    }
  }

  /** Every state that is here, or null when nobody is. */
  snapshot(): Uint8Array | null {
    return this.#states.size === 0
      ? null
      : encodeAwareness(Array.from(this.#states.keys(), (client) => this.#entry(client)))
  }

  /** Forgets everything and sends nothing more. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#states.clear()
    this.#owned.clear()
    this.#gone.clear()
    this.#changed.clear()
  }

  /** Whether an entry is worth reading: it may be about `owner`, and shown. */
  #mayTell(owner: Owner, { client, jsonBytes }: AwarenessReader, claims: boolean): boolean {
    if (jsonBytes > this.#options.maxAwarenessStateBytes) return false
    const known = this.#states.get(client)
    if (known !== undefined) return claims || known.owner === owner
    const mayShowAnother = this.#ownedBy(owner) < this.#options.maxAwarenessStatesPerConnection
    return mayShowAnother || (claims && this.#gone.has(client))
  }

  #accepts(owner: Owner, { client, clock, json }: AwarenessEntry, claims: boolean): boolean {
    if (isDeeper(json, this.#options.maxAwarenessDepth)) return false
    const known = this.#states.get(client)
    if (known === undefined) {
      return json !== GONE && this.#ownedBy(owner) < this.#options.maxAwarenessStatesPerConnection
    }
    if (known.owner !== owner) {
      const isSameUser = known.owner.shownAs?.id === owner.shownAs?.id
      return claims && isSameUser && json !== GONE && clock >= known.clock
    }
    return clock > known.clock || (clock === known.clock && json === GONE)
  }

  #ownedBy(owner: Owner): number {
    return this.#owned.get(owner) ?? 0
  }

  #set(owner: Owner, { client, clock, json }: AwarenessEntry): void {
    const before = this.#states.get(client)
    if (before !== undefined) this.#count(before.owner, -1)
    if (json !== GONE) this.#count(owner, 1)
    if (json === GONE) {
      this.#states.delete(client)
      this.#remember(client, clock)
    } else {
      this.#states.set(client, { clock, json, owner })
      this.#gone.delete(client)
    }
    this.#changed.add(client)
    this.#timer ??= setTimeout(() => this.#flush(), this.#options.awarenessWindowMs)
  }

  #count(owner: Owner, change: 1 | -1): void {
    const count = this.#ownedBy(owner) + change
    if (count > 0) this.#owned.set(owner, count)
    else this.#owned.delete(owner)
  }

  #remember(client: number, clock: number): void {
    this.#gone.set(client, clock)
    for (const oldest of this.#gone.keys()) {
      if (this.#gone.size <= MAX_REMEMBERED_GONE) break
      this.#gone.delete(oldest)
    }
  }

  /** What is too much for one window goes with the next, oldest first. */
  #flush(): void {
    const { awarenessWindowMs, awarenessBytesPerWindow } = this.#options
    const entries: AwarenessEntry[] = []
    let left = awarenessBytesPerWindow
    for (const client of this.#changed) {
      const entry = this.#entry(client)
      left -= entry.json.length
      if (left < 0 && entries.length > 0) break
      entries.push(entry)
      this.#changed.delete(client)
    }
    this.#timer = this.#changed.size === 0 ? null : setTimeout(() => this.#flush(), awarenessWindowMs)
    this.#deliver(encodeAwareness(entries))
  }

  #entry(client: number): AwarenessEntry {
    const state = this.#states.get(client)
    if (state !== undefined) return { client, clock: state.clock, json: state.json }
    return { client, clock: this.#gone.get(client) ?? 0, json: GONE }
  }
}

/** Whether JSON nests deeper than `maxDepth`: clients compare states by recursion. */
function isDeeper(json: string, maxDepth: number): boolean {
  let depth = 0
  let isText = false
  for (let at = 0; at < json.length; at++) {
    const character = json[at]
    if (isText && character === '\\') at++
    else if (character === '"') isText = !isText
    else if (isText) continue
    else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    if (depth > maxDepth) return true
  }
  return false
}

/**
 * A state as it may be shown; null when it is no JSON, which stock clients parse without a guard. Its `user` is written
 * whole: a picture or a lighter colour of somebody else's would be taken for them just as well.
 */
function presentable(json: string, shownAs: ShownUser | null): string | null {
  try {
    const state: unknown = JSON.parse(json)
    if (shownAs === null || typeof state !== 'object' || state === null || Array.isArray(state)) return json
    return JSON.stringify({ ...state, user: shownAs })
  } catch {
    // Being no JSON, or nested too deep to be written again, is the answer, not a failure.
    return null
  }
}
