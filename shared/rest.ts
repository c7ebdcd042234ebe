/** Shapes of the REST API under /api/v1, used by the server, the pages and the command line. */
import type { Role } from './roles.ts'

/** One row of the document list. Times are milliseconds since 1970. */
export interface DocumentSummary {
  readonly document: string
  /** Empty until the document's `meta.title` was first read by the server. */
  readonly title: string
  readonly createdAtMs: number
  readonly updatedAtMs: number
  /** The last committed seq: how many updates the document ever took. */
  readonly seq: number
}

/** A stretch of editing by one author without a long pause. */
export interface TimelineEntry {
  readonly fromSeq: number
  readonly toSeq: number
  readonly fromMs: number
  readonly toMs: number
  /** Empty strings when the author is not known. */
  readonly user: string
  readonly name: string
  readonly updates: number
  readonly bytes: number
}

/** Where to restore to: a seq, or the last update at or before a time. */
export type Moment = { readonly seq: number } | { readonly timeMs: number }

export interface RestoreResult {
  readonly document: string
  /** The moment that was restored, as a seq. */
  readonly restoredSeq: number
  /** The seq of the edit that restores it; null when nothing had to change or on a dry run. */
  readonly newSeq: number | null
  /** Bytes of that edit; 0 when nothing had to change. */
  readonly bytes: number
  /** Root types whose content differs between now and then. */
  readonly changedRoots: readonly string[]
}

/** What `repair` found, and did. */
export interface RepairReport {
  readonly document: string
  readonly action: 'look' | 'drop' | 'keep'
  /** The last seq of the log. */
  readonly head: number
  /** The last seq that is served: before `head` while the document is in quarantine. */
  readonly servedSeq: number
  readonly isSnapshotDamaged: boolean
  /** The updates at fault, oldest first; after `drop` those that were dropped. */
  readonly updates: readonly {
    readonly seq: number
    readonly atMs: number
    readonly user: string
    readonly name: string
    readonly bytes: number
  }[]
}

/** What `verify` found. `problems` is empty when everything is sound. */
export interface VerifyReport {
  readonly documents: number
  readonly updates: number
  readonly bytes: number
  /** Entries of the audit log; a problem with one is reported without a document. */
  readonly auditEntries: number
  readonly problems: readonly { readonly document: string; readonly problem: string }[]
}

/**
 * A link that lets whoever holds it into one document. Only owners see and change links:
 * `GET POST /documents/<document>/links`, `PATCH DELETE /documents/<document>/links/<id>`.
 */
export interface ShareLink {
  readonly id: string
  readonly role: Role
  /** What its maker calls it; may be empty. */
  readonly label: string
  readonly createdAtMs: number
  /** Display name of who made it; empty when not known. */
  readonly createdBy: string
  /** From then on it lets nobody in; null when it does not expire. */
  readonly expiresAtMs: number | null
}

/** Body of the POST that makes a link. */
export interface NewShareLink {
  readonly role: Role
  /** At most 128 characters. */
  readonly label?: string
  readonly expiresAtMs?: number | null
}

/** Body of the PATCH that changes a link, which answers with the link: what is left out stays. Whoever came by it feels it at once. */
export type ShareLinkChange = Partial<NewShareLink>

/** Answer to the POST that makes a link. The secret is not stored and shown this once. */
export interface MadeShareLink {
  readonly link: ShareLink
  readonly token: string
  /** The page that opens the document; the token is in its fragment, which browsers send to nobody. */
  readonly url: string
}

/** Answer to `GET /documents/<document>/links`: newest first, expired ones too, revoked ones not. */
export interface ShareLinks {
  readonly links: readonly ShareLink[]
}

/** Somebody who is in a document or was let in before, and still would be. */
export interface Person {
  readonly user: string
  readonly name: string
  /** What they have now, or had when they last came with a token. */
  readonly role: Role
  /** How they were let in: everybody is, by a token of the embedder's, or by one of the document's links. */
  readonly by: 'open' | 'token' | 'link'
  /** The link they came by; null when they did not. */
  readonly link: string | null
  readonly lastSeenAtMs: number
}

/** Answer to `GET /documents/<document>/people`, for owners: last seen first, at most 200. */
export interface People {
  readonly people: readonly Person[]
}

/** What the audit log keeps. */
export type AuditAction =
  | 'access-granted'
  | 'access-denied'
  | 'access-revoked'
  | 'link-made'
  | 'link-changed'
  | 'link-revoked'
  | 'write-refused'
  | 'limit-reached'
  | 'document-restored'
  | 'document-imported'
  | 'document-repaired'
  | 'backup-made'
  | 'store-verified'

/** One line of the audit log. */
export interface AuditEntry {
  /** 1, 2, 3 … without gaps. */
  readonly id: number
  readonly atMs: number
  readonly action: AuditAction
  /** Empty when it is about no document. */
  readonly document: string
  /** Who did it, and their display name then; empty when not known. */
  readonly user: string
  readonly name: string
  /** Where from: an address, `cli`, or empty when not known. */
  readonly address: string
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
  /** SHA-256 over this entry and the hash of the one before it, as hex. */
  readonly hash: string
}

/** Which entries of the audit log: the newest `limit` of those that fit. */
export interface AuditQuery {
  readonly document?: string
  readonly user?: string
  readonly fromMs?: number
  readonly toMs?: number
  readonly limit: number
}

/** What came of taking in another system's copy of a document. */
export interface ImportResult {
  readonly document: string
  /** Whether the document had been written before. */
  readonly existed: boolean
  /** How many updates were added to its log, or would be on a dry run; 0 when the document held all of the copy. */
  readonly updates: number
  /** Bytes of those updates. */
  readonly bytes: number
  /** Edits that build on others which the copy does not have were left out. */
  readonly isIncomplete: boolean
}

/** RFC 9457 problem document: every failed request answers with one. */
export interface Problem {
  readonly status: number
  readonly title: string
  readonly code: string
}
