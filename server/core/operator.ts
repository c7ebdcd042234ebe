/** An operator's work done in the process that holds the store. */
import { SyncError } from '../../shared/errors.ts'
import type { DocumentId, Seq } from '../../shared/ids.ts'
import { parseSeq } from '../../shared/ids.ts'
import { packUpdates } from '../../shared/update/pack.ts'
import type {
  ImportResult,
  Moment,
  RepairReport,
  RestoreResult,
  TimelineEntry,
  VerifyReport,
} from '../../shared/rest.ts'
import type { Compute } from '../ports/compute.ts'
import type { Log } from '../ports/log.ts'
import type { ImportRequest, Operator, RepairRequest, RestoreRequest } from '../ports/operator.ts'
import type { Store } from '../ports/store.ts'
import { Repair } from './repair.ts'
import type { Rooms } from './rooms.ts'

export interface OperatorOptions {
  readonly timelinePauseMs: number
}

export class LocalOperator implements Operator {
  readonly #store: Store
  readonly #compute: Compute
  readonly #rooms: Rooms
  readonly #log: Log
  readonly #options: OperatorOptions
  readonly #repair: Repair

  constructor(parts: { store: Store; compute: Compute; rooms: Rooms; log: Log }, options: OperatorOptions) {
    this.#store = parts.store
    this.#compute = parts.compute
    this.#rooms = parts.rooms
    this.#log = parts.log
    this.#options = options
    this.#repair = new Repair(parts)
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
    const [before, after] = await Promise.all([
      this.#store.log(handle, 1 as Seq, restoredSeq),
      this.#store.log(handle, (restoredSeq + 1) as Seq, head),
    ])
    const { update, changedRoots } = await this.#compute.restore({ before: before.updates, after: after.updates })
    const bytes = update?.length ?? 0
    if (update === null || dryRun) return { document, restoredSeq, newSeq: null, bytes, changedRoots }
    const newSeq = await this.#rooms.write(document, update, author)
    this.#log.info('document restored', { document, restoredSeq, newSeq, bytes, user: author.user })
    return { document, restoredSeq, newSeq, bytes, changedRoots }
  }

  async import(document: DocumentId, { updates, encoding, dryRun, author }: ImportRequest): Promise<ImportResult> {
    const { head } = await this.#store.open(document)
    const { chunks, isIncomplete } = await this.#compute.adopt({ updates: packUpdates(updates), encoding })
    const lacking = await this.#rooms.lacking(document, chunks)
    if (!dryRun) for (const update of lacking) await this.#rooms.write(document, update, author)
    const bytes = lacking.reduce((sum, update) => sum + update.length, 0)
    this.#log.info('document imported', { document, updates: lacking.length, bytes, dryRun })
    return { document, existed: head > 0, updates: lacking.length, bytes, isIncomplete }
  }

  repair(document: DocumentId, request: RepairRequest): Promise<RepairReport> {
    return this.#repair.repair(document, request)
  }

  backup(file: string): Promise<{ readonly bytes: number }> {
    return this.#store.backup(file)
  }

  async verify(): Promise<VerifyReport> {
    const [report, quarantined] = await Promise.all([this.#store.verify(), this.#store.quarantined()])
    const problems = quarantined.map(({ document, quarantine: { goodSeq, message } }) => ({
      document,
      problem: `in quarantine, served up to seq ${goodSeq}: ${message} See weft repair.`,
    }))
    return { ...report, problems: [...report.problems, ...problems] }
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
