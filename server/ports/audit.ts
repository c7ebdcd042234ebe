/** The audit log: who was let in, who changed what people may do, who did an operator's work. Never content or tokens. */
import type { AuditAction, AuditEntry, AuditQuery } from '../../shared/rest.ts'

/** Something to be kept in the audit log. */
export interface AuditEvent {
  readonly action: AuditAction
  /** Milliseconds since 1970. */
  readonly atMs: number
  /** The document's name; empty when it is about none. */
  readonly document: string
  /** Who did it: the user of a token; empty when not known. */
  readonly user: string
  /** Their display name then. */
  readonly name: string
  /** Where from: an address, `cli`, or empty when not known. */
  readonly address: string
  readonly detail: AuditEntry['detail']
}

/** Where the audit log is kept. Append-only: nothing in it is ever changed or removed. */
export interface AuditStore {
  /** Adds the events in order and resolves when they are on disk. All or nothing. */
  append(events: readonly AuditEvent[]): Promise<void>
  /** Newest first. */
  read(query: AuditQuery): Promise<readonly AuditEntry[]>
  /** The latest entry of `action` about `document` for each user, newest first, at most `limit`. */
  latestOfEachUser(document: string, action: AuditAction, limit: number): Promise<readonly AuditEntry[]>
}

/** An event as whoever it happens to tells it. */
export type NewAuditEvent = Omit<AuditEvent, 'atMs'>

export interface Audit {
  /** Keeps it, whatever else happens; resolves when it is on disk. For what people do by hand. */
  record(event: NewAuditEvent): Promise<void>
  /**
   * Keeps it soon. What comes again and again is kept as a number, and of very many different ones only how many there were:
   * for what anybody can make happen as often as they like.
   */
  note(event: NewAuditEvent): void
}
