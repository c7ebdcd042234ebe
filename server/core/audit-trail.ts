/**
 * What goes into the audit log, and how much of it: nobody may fill the disk by being refused.
 *
 * Of what is noted each kind (same action, document, user, address and detail) is written when it first happens, and how often
 * it happened again at the end of a minute. Who was let in is written once an hour.
 */
import type { Audit, AuditEvent, AuditStore, NewAuditEvent } from '../ports/audit.ts'
import type { Log } from '../ports/log.ts'

const GATHER_MS = 500
const REFUSALS_WINDOW_MS = 60_000
const GRANTS_WINDOW_MS = 3_600_000

// About 10 MB a day at the very worst, 300 bytes each.
const MAX_REFUSALS_PER_WINDOW = 20

// A thousand who come back at once, and then some.
const MAX_GRANTS_PER_WINDOW = 10_000

/** While the store cannot write. */
const MAX_PENDING = 20_000

/** A name in a token can be as long as the token. */
const MAX_CHARACTERS = 512

interface Noted {
  readonly event: NewAuditEvent
  repeats: number
}

export class AuditTrail implements Audit {
  readonly #store: AuditStore
  readonly #log: Log
  readonly #refusals = new Map<string, Noted>()
  readonly #grants = new Set<string>()
  readonly #windows: readonly ReturnType<typeof setInterval>[]
  #pending: AuditEvent[] = []
  #gathering: ReturnType<typeof setTimeout> | null = null
  /** How many were not listed, since too many kinds came within a window. */
  #unlisted = 0

  constructor(store: AuditStore, log: Log) {
    this.#store = store
    this.#log = log
    this.#windows = [
      setInterval(() => this.#tellRepeats(), REFUSALS_WINDOW_MS),
      setInterval(() => this.#grants.clear(), GRANTS_WINDOW_MS),
    ]
  }

  record(event: NewAuditEvent): Promise<void> {
    return this.#store.append([stamped(event)])
  }

  note(event: NewAuditEvent): void {
    const { action, document, user, address, detail } = event
    const key = JSON.stringify([action, document, user, address, detail])
    if (action === 'access-granted') this.#noteGrant(key, event)
    else this.#noteRefusal(key, event)
  }

  /** Writes what is left to be written. */
  async close(): Promise<void> {
    for (const window of this.#windows) clearInterval(window)
    this.#tellRepeats()
    await this.#write()
  }

  #noteGrant(key: string, event: NewAuditEvent): void {
    if (this.#grants.has(key)) return
    if (this.#grants.size >= MAX_GRANTS_PER_WINDOW) {
      this.#unlisted++
      return
    }
    this.#grants.add(key)
    this.#add(event)
  }

  #noteRefusal(key: string, event: NewAuditEvent): void {
    const known = this.#refusals.get(key)
    if (known !== undefined) {
      known.repeats++
      return
    }
    if (this.#refusals.size >= MAX_REFUSALS_PER_WINDOW) {
      this.#unlisted++
      return
    }
    this.#refusals.set(key, { event, repeats: 0 })
    this.#add(event)
  }

  #tellRepeats(): void {
    for (const { event, repeats } of this.#refusals.values()) {
      if (repeats > 0) this.#add({ ...event, detail: { ...event.detail, again: repeats } })
    }
    this.#refusals.clear()
    if (this.#unlisted === 0) return
    const detail = { unlisted: this.#unlisted }
    this.#unlisted = 0
    this.#add({ action: 'limit-reached', document: '', user: '', name: '', address: '', detail })
  }

  #add(event: NewAuditEvent): void {
    if (this.#pending.length < MAX_PENDING) this.#pending.push(stamped(event))
    else this.#unlisted++
    this.#gathering ??= setTimeout(() => void this.#write(), GATHER_MS)
  }

  async #write(): Promise<void> {
    if (this.#gathering !== null) clearTimeout(this.#gathering)
    this.#gathering = null
    const events = this.#pending
    if (events.length === 0) return
    this.#pending = []
    try {
      await this.#store.append(events)
    } catch (thrown) {
      // Kept for the next time something is noted: what fails here fails for commits too, which go on trying.
      this.#pending = [...events, ...this.#pending]
      this.#log.warn('audit log not written', { entries: events.length, reason: String(thrown) })
    }
  }
}

function stamped({ user, name, ...event }: NewAuditEvent): AuditEvent {
  return { ...event, user: short(user), name: short(name), atMs: Date.now() }
}

function short(text: string): string {
  return text.slice(0, MAX_CHARACTERS).toWellFormed()
}
