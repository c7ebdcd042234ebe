/** The list of documents, most recently changed first, wherever their newest updates are. */
import type { DocumentSummary } from '../../shared/rest.ts'
import type { DocumentRow } from './documents.ts'
import type { Storage } from './storage.ts'

/** What `Store.list` promises. */
export function listDocuments({ documents, journal }: Storage, limit: number): DocumentSummary[] {
  // The rows say what the segments hold; documents with newer updates in the journal are added and come first.
  const rows = new Map<number, DocumentRow>()
  for (const row of documents.recent(limit)) rows.set(row.id, row)
  for (const id of journal.documents) {
    const row = documents.row(id)
    if (row !== null) rows.set(id, row)
  }
  const summaries = [...rows.values()].map((row) => ({
    document: row.name,
    title: row.title,
    createdAtMs: row.created_at_ms,
    updatedAtMs: journal.lastAtMs(row.id) ?? row.updated_at_ms,
    seq: journal.headOf(row.id),
  }))
  return summaries.sort((a, b) => b.updatedAtMs - a.updatedAtMs).slice(0, limit)
}
