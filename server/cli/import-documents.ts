/** Takes in every document of a source, a few at a time. A document that cannot be taken in does not keep the others from it. */
import { asSyncError, SyncError, type ErrorCode } from '../../shared/errors.ts'
import { type DocumentId, parseDocumentId } from '../../shared/ids.ts'
import type { ImportResult } from '../../shared/rest.ts'
import type { ForeignDocument, ForeignSource, UpdateEncoding } from '../ports/foreign.ts'
import type { Operator } from '../ports/operator.ts'
import type { Author } from '../ports/store.ts'

/** Enough to share commits, and few enough for a few large documents in memory. */
const AT_ONCE = 8

/** What ends an import: it is not about one document, and the next one would fare no better. */
const FATAL: readonly ErrorCode[] = [
  'storage-failed',
  'storage-full',
  'storage-locked',
  'shutting-down',
  'unsupported-runtime',
]

export interface ImportPlan {
  /** Before every document's name. */
  readonly prefix: string
  /** Null: as the source says. */
  readonly encoding: UpdateEncoding | null
  readonly dryRun: boolean
  readonly author: Author
}

export interface ImportProblem {
  /** The name in the other system. */
  readonly name: string
  readonly place: string
  readonly problem: string
}

export interface ImportReport {
  readonly results: readonly ImportResult[]
  readonly problems: readonly ImportProblem[]
}

export class Importer {
  readonly #operator: Operator
  readonly #plan: ImportPlan
  readonly #results: ImportResult[] = []
  readonly #problems: ImportProblem[] = []
  /** Where each document comes from: two of one name are hardly the same one, and would be merged. */
  readonly #places = new Map<DocumentId, string>()

  constructor(operator: Operator, plan: ImportPlan) {
    this.#operator = operator
    this.#plan = plan
  }

  /** What came of all sources so far, in the order of names and places. */
  get report(): ImportReport {
    return {
      results: this.#results.toSorted((one, other) => (one.document < other.document ? -1 : 1)),
      problems: this.#problems.toSorted((one, other) => (one.place < other.place ? -1 : 1)),
    }
  }

  /** What lies at `path`; null, and a problem of the report, when it cannot be read. */
  async open(path: string, open: (path: string) => Promise<ForeignSource>): Promise<ForeignSource | null> {
    try {
      return await open(path)
    } catch (thrown) {
      this.#failed({ name: '', place: path }, thrown)
      return null
    }
  }

  /** Calls `onDone` after each document. Rejects when going on makes no sense. */
  async importFrom(source: ForeignSource, onDone: () => void): Promise<void> {
    const documents = source.documents()[Symbol.asyncIterator]()
    const encoding = this.#plan.encoding ?? source.encoding
    const work = async (): Promise<void> => {
      for (let next = await documents.next(); next.done !== true; next = await documents.next()) {
        await this.#take(next.value, encoding)
        onDone()
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }

  async #take(foreign: ForeignDocument, encoding: UpdateEncoding): Promise<void> {
    const { prefix, dryRun, author } = this.#plan
    const { name, place } = foreign
    try {
      const document = parseDocumentId(prefix + name)
      this.#claim(document, place)
      const updates = await foreign.updates()
      const result = await this.#operator.import(document, { updates, encoding, dryRun, author })
      this.#results.push(result)
      if (result.isIncomplete) {
        this.#problems.push({
          name,
          place,
          problem: 'Edits that build on others which are not there were left out; the rest was imported.',
        })
      }
    } catch (thrown) {
      this.#failed(foreign, thrown)
    }
  }

  #failed({ name, place }: { readonly name: string; readonly place: string }, thrown: unknown): void {
    // A server that is gone shows as an error of fetch.
    if (!(thrown instanceof SyncError) || FATAL.includes(thrown.code)) throw asSyncError(thrown, 'job-failed')
    this.#problems.push({ name, place, problem: `${thrown.message} (${thrown.code})` })
  }

  #claim(document: DocumentId, place: string): void {
    const other = this.#places.get(document)
    if (other !== undefined) {
      throw new SyncError('invalid-document-id', `Document ${JSON.stringify(document)} is already taken from ${other}.`)
    }
    this.#places.set(document, place)
  }
}
