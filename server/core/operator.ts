/** An operator's work done in the process that holds the store. */
import { SyncError } from '../../shared/errors.ts'
import type { DocumentId, Seq } from '../../shared/ids.ts'
import { parseSeq } from '../../shared/ids.ts'
import { packUpdates } from '../../shared/update/pack.ts'
import type {
  AuditEntry,
  AuditQuery,
  ImportResult,
  Moment,
  RepairReport,
  RestoreResult,
  TimelineEntry,
  VerifyReport,
} from '../../shared/rest.ts'
import type { Audit, AuditStore } from '../ports/audit.ts'
import type { Compute } from '../ports/compute.ts'
import type { Log } from '../ports/log.ts'
import type { ImportRequest, Operator, RepairRequest, RestoreRequest } from '../ports/operator.ts'
import type { Store } from '../ports/store.ts'
import { Repair } from './repair.ts'
import type { Rooms } from './rooms.ts'

/** What an operator works on. */
export interface OperatorParts {
  readonly store: Store
  readonly compute: Compute
  readonly rooms: Rooms
  readonly log: Log
  /** Where what the operator did is kept, and read again. */
  readonly trail: Audit
  readonly auditStore: AuditStore
}

export interface OperatorOptions {
  readonly timelinePauseMs: number
}

/** Whoever can read the data folder, or knows the secret in it, is the operator. */
const BY_OPERATOR = { document: '', user: 'operator', name: '', address: '' }

export class LocalOperator implements Operator {
  readonly #store: Store
  readonly #compute: Compute
  readonly #rooms: Rooms
  readonly #log: Log
  readonly #trail: Audit
  readonly #auditStore: AuditStore
  readonly #options: OperatorOptions
  readonly #repair: Repair

  constructor({ store, compute, rooms, log, trail, auditStore }: OperatorParts, options: OperatorOptions) {
    this.#store = store
    this.#compute = compute
    this.#rooms = rooms
    this.#log = log
    this.#trail = trail
    this.#auditStore = auditStore
    this.#options = options
    this.#repair = new Repair({ store, compute, rooms, log })
  }

  async timeline(document: DocumentId, limit: number): Promise<readonly TimelineEntry[]> {
    const { handle } = await this.#written(document)
    return this.#store.timeline(handle, { pauseMs: this.#options.timelinePauseMs, limit })
  }

  async restore(document: DocumentId, { moment, dryRun, author }: RestoreRequest): Promise<RestoreResult> {
    const { handle, head } = await this.#written(document)
    const restoredSeq = await this.#seqOf(handle, moment)
    if (restoredSeq > head) {
      throw new SyncError('invalid-moment', `Document ${document} has ${head} updates; there is no seq ${restoredSeq}.`)
    }
    const { update, changedRoots } = await this.#compute.restore(async () => {
      const before = await this.#store.sendLog(handle, 1 as Seq, restoredSeq)
      const after = await this.#store.sendLog(handle, (restoredSeq + 1) as Seq, head)
      return { before, after }
    })
    const bytes = update?.length ?? 0
    if (update === null || dryRun) return { document, restoredSeq, newSeq: null, bytes, changedRoots }
    const newSeq = await this.#rooms.write(document, update, author)
    this.#log.info('document restored', { document, restoredSeq, newSeq, bytes, user: author.user })
    const detail = { restoredSeq, newSeq, bytes }
    await this.#trail.record({ ...BY_OPERATOR, ...author, action: 'document-restored', document, detail })
    return { document, restoredSeq, newSeq, bytes, changedRoots }
  }

  async import(document: DocumentId, { updates, encoding, dryRun, author }: ImportRequest): Promise<ImportResult> {
    const { head } = await this.#store.open(document)
    const load = () => Promise.resolve({ updates: packUpdates(updates), encoding })
    const { chunks, isIncomplete } = await this.#compute.adopt(load)
    const lacking = await this.#rooms.lacking(document, chunks)
    if (!dryRun) await this.#rooms.writePieces(document, lacking, author)
    const bytes = lacking.reduce((sum, update) => sum + update.length, 0)
    this.#log.info('document imported', { document, updates: lacking.length, bytes, dryRun })
    const detail = { updates: lacking.length, bytes }
    if (!dryRun) await this.#trail.record({ ...BY_OPERATOR, ...author, action: 'document-imported', document, detail })
    return { document, existed: head > 0, updates: lacking.length, bytes, isIncomplete }
  }

  async repair(document: DocumentId, request: RepairRequest): Promise<RepairReport> {
    const report = await this.#repair.repair(document, request)
    const { action, by } = request
    const event = { ...BY_OPERATOR, action: 'document-repaired', name: by, document, detail: { action } } as const
    if (action !== 'look') await this.#trail.record(event)
    return report
  }

  async verify(): Promise<VerifyReport> {
    const [report, quarantined] = await Promise.all([this.#store.verify(), this.#store.quarantined()])
    const problems = quarantined.map(({ document, quarantine: { goodSeq, message } }) => ({
      document,
      problem: `in quarantine, served up to seq ${goodSeq}: ${message} See weft repair.`,
    }))
    const found = [...report.problems, ...problems]
    await this.#trail.record({ ...BY_OPERATOR, action: 'store-verified', detail: { problems: found.length } })
    return { ...report, problems: found }
  }

  async backup(file: string): Promise<{ readonly bytes: number }> {
    const result = await this.#store.backup(file)
    await this.#trail.record({ ...BY_OPERATOR, action: 'backup-made', detail: { file, bytes: result.bytes } })
    return result
  }

  audit(query: AuditQuery): Promise<readonly AuditEntry[]> {
    return this.#auditStore.read(query)
  }

  async #written(document: DocumentId): Promise<{ handle: number; head: Seq }> {
    const { handle, head } = await this.#store.open(document)
    if (head === 0) throw new SyncError('not-found', `There is no document ${JSON.stringify(document)}.`)
    return { handle, head }
  }

  async #seqOf(handle: number, moment: Moment): Promise<Seq> {
    return 'seq' in moment ? parseSeq(moment.seq) : this.#store.seqAt(handle, moment.timeMs)
  }
}
