/** How damage is told: which document, which seqs, what is wrong, and the command that shows all of it. */
import { SyncError } from '../../shared/errors.ts'

/** `storage-corrupt` for one document; `where` says which part of it. */
export function damaged(document: string, where: string, problem: string, cause?: unknown): SyncError {
  return new SyncError('storage-corrupt', `${document}, ${where}: ${problem}. "weft verify" lists all damage.`, {
    cause,
  })
}

/** The reason in `thrown`, without its final stop. */
export function reasonOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).replace(/\.$/, '')
}
