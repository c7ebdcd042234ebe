/** The REST API as the pages use it. Knows no DOM; every failure is an error whose message can be shown. */
import type {
  DocumentSummary,
  MadeShareLink,
  NewShareLink,
  People,
  Person,
  Problem,
  RestoreResult,
  ShareLink,
  ShareLinkChange,
  ShareLinks,
  TimelineEntry,
} from '../../shared/rest.ts'

/** A request that the server did not carry out; `message` is a sentence for people. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  /** The HTTP status; 0 when the server could not be reached. */
  readonly status: number

  constructor(status: number, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.status = status
  }
}

/** The documents changed last, in the server's order, as many as it gives at once. */
export async function listDocuments(): Promise<readonly DocumentSummary[]> {
  const { documents } = await request<{ documents: readonly DocumentSummary[] }>('?limit=1000')
  return documents
}

/** A new empty document; its name. */
export async function createDocument(): Promise<string> {
  const { document } = await request<{ document: string }>('', { method: 'POST', body: {} })
  return document
}

/** What can be asked about one document, in the name of whoever holds the token. */
export class DocumentApi {
  readonly #path: string
  readonly #token: () => string | null

  /** `token` is asked before each request; null sends none. */
  constructor(document: string, token: () => string | null) {
    this.#path = `/${encodeURIComponent(document)}`
    this.#token = token
  }

  /** Who edited the document and when. */
  async loadHistory(): Promise<readonly TimelineEntry[]> {
    const { entries } = await this.#request<{ entries: readonly TimelineEntry[] }>('/history')
    return entries
  }

  /** Brings the document back to how it was at `seq`, by one more edit, recorded under `name`. */
  restore(seq: number, name: string): Promise<RestoreResult> {
    return this.#request('/restore', { method: 'POST', body: { seq, name } })
  }

  /** The links that are in force or ran out, newest first. */
  async listLinks(): Promise<readonly ShareLink[]> {
    const { links } = await this.#request<ShareLinks>('/links')
    return links
  }

  makeLink(link: NewShareLink): Promise<MadeShareLink> {
    return this.#request('/links', { method: 'POST', body: link })
  }

  async changeLink(id: string, change: ShareLinkChange): Promise<void> {
    await this.#request(`/links/${encodeURIComponent(id)}`, { method: 'PATCH', body: change })
  }

  async revokeLink(id: string): Promise<void> {
    await this.#request(`/links/${encodeURIComponent(id)}`, { method: 'DELETE' })
  }

  /** Who is or was in the document, last seen first. */
  async listPeople(): Promise<readonly Person[]> {
    const { people } = await this.#request<People>('/people')
    return people
  }

  #request<Answer>(path: string, call: Call = {}): Promise<Answer> {
    return request(this.#path + path, { ...call, token: this.#token() })
  }
}

/** Why a request failed, as a sentence. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

interface Call {
  readonly method?: 'POST' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  readonly token?: string | null
}

/** The answer to a call; undefined where the server had nothing to say. */
async function request<Answer>(path: string, { method, body, token }: Call = {}): Promise<Answer> {
  const headers = new Headers()
  if (body !== undefined) headers.set('content-type', 'application/json')
  if (token) headers.set('authorization', `Bearer ${token}`)
  let response: Response
  try {
    response = await fetch(`/api/v1/documents${path}`, {
      method: method ?? 'GET',
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch (cause) {
    throw new RequestError(0, 'The server can’t be reached.', { cause })
  }
  const answer: unknown = response.status === 204 ? undefined : await response.json().catch(() => null)
  if (!response.ok) {
    throw new RequestError(response.status, problemTitle(answer) ?? `The server answered ${response.status}.`)
  }
  if (answer === null) throw new RequestError(response.status, 'The server’s answer could not be read.')
  // The shapes are the server's contract; checking them twice would only move the failure.
  return answer as Answer
}

function problemTitle(body: unknown): string | null {
  const title = (body as Partial<Problem> | null)?.title
  return typeof title === 'string' ? title : null
}
