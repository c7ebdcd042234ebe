/** Rooms on a real SQLite store in a temporary folder, with sessions on hand-flushed connections. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Mock, onTestFinished, vi } from 'vitest'
import { createCompute } from '../../server/compute/compute.ts'
import { defaultOptions, type Options } from '../../server/config.ts'
import type { Access } from '../../server/core/access.ts'
import { Rooms } from '../../server/core/rooms.ts'
import type { Session } from '../../server/core/session.ts'
import { yWebsocketWithSaved } from '../../server/dialects/y-websocket.ts'
import type { Dialect } from '../../server/ports/dialect.ts'
import type { Compute } from '../../server/ports/compute.ts'
import type { Store } from '../../server/ports/store.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { type DocumentId, parseDocumentId } from '../../shared/ids.ts'
import { accessBy } from './access.ts'
import { FakeConnection } from './fake-connection.ts'
import { type HeldStore, holdCommits } from './held-store.ts'
import { quietLog, type QuietLog } from './quiet-log.ts'

export interface Joined {
  readonly session: Session
  readonly connection: FakeConnection
}

export interface RoomsBench {
  readonly rooms: Rooms
  readonly store: HeldStore
  readonly log: QuietLog
  readonly document: DocumentId
  /** Called when the last room was unloaded. */
  readonly emptied: Mock<() => void>
  /** A new session in the document's room; `user` is its author, who may do what `access` says. */
  join(user?: string, dialect?: Dialect, access?: Pick<Access, 'admit'>): Promise<Joined>
}

/**
 * Opens rooms over a store whose commits are held until the test releases them, and a compute thread that `wrap` may
 * stand before. Cleans up after the test.
 */
export async function openRooms(
  overrides: Partial<Options> = {},
  wrap: (compute: Compute) => Compute = (compute) => compute,
): Promise<RoomsBench> {
  const folder = await mkdtemp(join(tmpdir(), 'weft-rooms-'))
  const sqlite: Store = await openSqliteStore({ folder })
  const store = holdCommits(sqlite)
  const log = quietLog()
  // One release writes all there is.
  const share = { maxCommitUpdatesPerRoom: 1_000_000, maxCommitBytesPerRoom: 2 ** 30 }
  const options = { ...defaultOptions, ...share, awarenessWindowMs: 0, ...overrides }
  const compute = wrap(createCompute({ ...options, threads: 1 }))
  const emptied = vi.fn<() => void>()
  const rooms = new Rooms({ store, compute, log, options, emptied })
  const document = parseDocumentId('plan')

  const everybody = accessBy()

  const joinAs = async (
    user = '',
    dialect: Dialect = yWebsocketWithSaved,
    access: Pick<Access, 'admit'> = everybody,
  ): Promise<Joined> => {
    const connection = new FakeConnection()
    const claimed = { user, name: user }
    const live = await access.admit({ document, token: user, claimed, address: '' })
    const room = await rooms.load(document)
    return { session: rooms.startSession(room, { connection, dialect, access: live }), connection }
  }

  onTestFinished(async () => {
    // What a test left unreleased, or never saw coming, would keep the rooms from closing.
    await store.letGo()
    await rooms.close()
    await compute.close()
    await sqlite.close()
    await rm(folder, { recursive: true, force: true })
  })
  return { rooms, store, log, document, emptied, join: joinAs }
}
