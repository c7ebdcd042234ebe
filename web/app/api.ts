/** The REST API as the pages use it. Knows no DOM; every failure is an `ApiError`. */
import type { DocumentSummary, Problem, RestoreResult, TimelineEntry } from '../../shared/rest.ts'

/** A request that was refused, or never answered. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** 0 when the server was not reached. */
  readonly status: number

  constructor(status: number, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.status = status
  }
}

/** All documents, in the server's order. */
export async function listDocuments(signal?: AbortSignal): Promise<readonly DocumentSummary[]> {
  const { documents } = await request<{ documents: readonly DocumentSummary[] }>('', signal ? { signal } : {})
  return documents
}

/** A new empty document; its name. */
export async function createDocument(): Promise<string> {
  const { document } = await request<{ document: string }>('', post({}))
  return document
}

/** Who edited the document and when. */
export async function loadHistory(document: string): Promise<readonly TimelineEntry[]> {
  const { entries } = await request<{ entries: readonly TimelineEntry[] }>(`/${encodeURIComponent(document)}/history`)
  return entries
}

/** Brings the document back to how it was at `seq`, by one more edit. */
export function restoreDocument(document: string, seq: number): Promise<RestoreResult> {
  return request<RestoreResult>(`/${encodeURIComponent(document)}/restore`, post({ seq }))
}

/** Why a request failed, as a sentence. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

async function request<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  let response: Response
  try {
    response = await fetch(`/api/v1/documents${path}`, init)
  } catch (cause) {
    throw new ApiError(0, 'The server can’t be reached.', { cause })
  }
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw new ApiError(response.status, problemTitle(body) ?? `The server answered ${response.status}.`)
  if (body === null) throw new ApiError(response.status, 'The server’s answer could not be read.')
  // The shapes are the server's contract; checking them twice would only move the failure.
  return body as Answer
}

function post(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function problemTitle(body: unknown): string | null {
  const title = (body as Partial<Problem> | null)?.title
  return typeof title === 'string' ? title : null
}
