/** An operator's work done by a running server, over its REST API. */
import { z } from 'zod'
import { SyncError, type ErrorCode } from '../../shared/errors.ts'
import type { DocumentId } from '../../shared/ids.ts'
import type {
  AuditEntry,
  AuditQuery,
  ImportResult,
  RepairReport,
  RestoreResult,
  TimelineEntry,
  VerifyReport,
} from '../../shared/rest.ts'
import { packUpdates } from '../../shared/update/pack.ts'
import type { ImportRequest, Operator, RepairRequest, RestoreRequest } from '../ports/operator.ts'
import type { ServerFile } from '../server-file.ts'

const problem = z.object({ title: z.string(), code: z.string() })

export class RemoteOperator implements Operator {
  readonly #server: ServerFile

  constructor(server: ServerFile) {
    this.#server = server
  }

  /** Whether the server still answers. */
  isAlive(): Promise<boolean> {
    return fetch(new URL('/healthz', this.#server.url)).then(
      ({ ok }) => ok,
      () => false,
    )
  }

  async timeline(document: DocumentId, limit: number): Promise<readonly TimelineEntry[]> {
    const query = { document, limit }
    const { entries } = await this.#call<{ entries: readonly TimelineEntry[] }>('/api/v1/operator/history', query)
    return entries
  }

  restore(document: DocumentId, { moment, dryRun, author }: RestoreRequest): Promise<RestoreResult> {
    return this.#call('/api/v1/operator/restore', { document, moment, dryRun, name: author.name })
  }

  import(document: DocumentId, { updates, encoding, dryRun, author }: ImportRequest): Promise<ImportResult> {
    const query = new URLSearchParams({ document, encoding, dryRun: String(dryRun), name: author.name })
    return this.#call(`/api/v1/operator/import?${query.toString()}`, packUpdates(updates))
  }

  repair(document: DocumentId, request: RepairRequest): Promise<RepairReport> {
    return this.#call('/api/v1/operator/repair', { document, ...request })
  }

  backup(file: string): Promise<{ readonly bytes: number }> {
    return this.#call('/api/v1/operator/backup', { file })
  }

  verify(): Promise<VerifyReport> {
    return this.#call('/api/v1/operator/verify')
  }

  async audit(query: AuditQuery): Promise<readonly AuditEntry[]> {
    const { entries } = await this.#call<{ entries: readonly AuditEntry[] }>('/api/v1/operator/audit', query)
    return entries
  }

  async #call<Result>(path: string, body?: object): Promise<Result> {
    const { type, content } = encodeBody(body)
    const response = await fetch(new URL(path, this.#server.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#server.secret}`, 'content-type': type },
      body: content,
    })
    const answer: unknown = await response.json()
    // The server is of the same version as this command: its answers have the shapes of shared/rest.ts.
    if (response.ok) return answer as Result
    const { title, code } = problem.parse(answer)
    throw new SyncError(code as ErrorCode, title)
  }
}

function encodeBody(body: object | undefined): {
  readonly type: string
  readonly content: string | Uint8Array<ArrayBuffer> | null
} {
  if (body instanceof Uint8Array) return { type: 'application/octet-stream', content: new Uint8Array(body) }
  return { type: 'application/json', content: body === undefined ? null : JSON.stringify(body) }
}
