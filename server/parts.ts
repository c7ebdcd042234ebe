/** Everything on a data folder but the network: what the server and the command line both work with. */
import { createCompute } from './compute/compute.ts'
import type { Options } from './config.ts'
import { AuditTrail } from './core/audit-trail.ts'
import { LocalOperator } from './core/operator.ts'
import { Rooms } from './core/rooms.ts'
import type { Log } from './ports/log.ts'
import { type FolderStore, openSqliteStore } from './store/sqlite-store.ts'

export interface Parts {
  readonly store: FolderStore
  readonly rooms: Rooms
  readonly operator: LocalOperator
  readonly trail: AuditTrail
  /** Finishes what was begun, then lets go of the folder. */
  close(): Promise<void>
}

/** What the process may do once much memory is free. */
export interface Relief {
  /** Called when the last document has left memory, because nobody needed it any more. */
  readonly emptied?: () => void
  /** Called when a compute thread has ended, for want of work or by a failure, and none of its kind is left. */
  readonly rested?: () => void
}

/** Opens the data folder. Rejects `storage-locked` when another process has it. */
export async function openParts(options: Options, log: Log, relief: Relief = {}): Promise<Parts> {
  const store = await openSqliteStore({ folder: options.data, partBytes: options.partBytes })
  for (const message of await store.mended()) {
    log.error('the write-ahead log was damaged and has been mended; look after the disk and the memory', { message })
  }
  const compute = createCompute({ ...options, threads: options.computeThreads, ...relief })
  const rooms = new Rooms({ store, compute, log, options, ...relief })
  const trail = new AuditTrail(store.audit, log)
  const operator = new LocalOperator({ store, compute, rooms, log, trail, auditStore: store.audit }, options)
  const close = async (): Promise<void> => {
    await rooms.close()
    await compute.close()
    await trail.close()
    await store.close()
  }
  return { store, rooms, operator, trail, close }
}
