/** An operator's work done by a running server, over its REST API. */
import { z } from 'zod'
import { SyncError, type ErrorCode } from '../../shared/errors.ts'
import type { DocumentId } from '../../shared/ids.ts'
import type { RestoreResult, TimelineEntry, VerifyReport } from '../../shared/rest.ts'
import type { Operator, RestoreRequest } from '../ports/operator.ts'
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
    const path = `/api/v1/documents/${encodeURIComponent(document)}/history?limit=${limit}`
    const { entries } = await this.#call<{ entries: readonly TimelineEntry[] }>('GET', path)
    return entries
  }

  restore(document: DocumentId, { moment, dryRun, author }: RestoreRequest): Promise<RestoreResult> {
    const path = `/api/v1/documents/${encodeURIComponent(document)}/restore`
    return this.#call('POST', path, { ...moment, dryRun, name: author.name })
  }

  backup(file: string): Promise<{ readonly bytes: number }> {
    return this.#call('POST', '/api/v1/operator/backup', { file })
  }

  verify(): Promise<VerifyReport> {
    return this.#call('POST', '/api/v1/operator/verify')
  }

  async #call<Result>(method: string, path: string, body?: object): Promise<Result> {
    const response = await fetch(new URL(path, this.#server.url), {
      method,
      headers: { authorization: `Bearer ${this.#server.secret}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const answer: unknown = await response.json()
    // The server is of the same version as this command: its answers have the shapes of shared/rest.ts.
    if (response.ok) return answer as Result
    const { title, code } = problem.parse(answer)
    throw new SyncError(code as ErrorCode, title)
  }
}
