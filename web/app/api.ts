/** The REST API as the pages use it. Knows no DOM; every failure is an error whose message can be shown. */
import type { DocumentSummary, Problem, RestoreResult, TimelineEntry } from '../../shared/rest.ts'

/** The documents changed last, in the server's order, as many as it gives at once. */
export async function listDocuments(): Promise<readonly DocumentSummary[]> {
  const { documents } = await request<{ documents: readonly DocumentSummary[] }>('?limit=1000')
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

/** Brings the document back to how it was at `seq`, by one more edit, recorded under `name`. */
export function restoreDocument(document: string, seq: number, name: string): Promise<RestoreResult> {
  return request<RestoreResult>(`/${encodeURIComponent(document)}/restore`, post({ seq, name }))
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
    throw new Error('The server can’t be reached.', { cause })
  }
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw new Error(problemTitle(body) ?? `The server answered ${response.status}.`)
  if (body === null) throw new Error('The server’s answer could not be read.')
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
