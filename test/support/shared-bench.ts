/** Connections that carry several documents of a bench, looked at by hand. */
import { defaultOptions, type Options } from '../../server/config.ts'
import type { Access } from '../../server/core/access.ts'
import { SharedConnection } from '../../server/core/shared-connection.ts'
import { Hocuspocus } from '../../server/dialects/hocuspocus.ts'
import type { Authorizer } from '../../server/ports/authorizer.ts'
import { accessBy } from './access.ts'
import { FakeConnection } from './fake-connection.ts'
import { describe } from './hocuspocus.ts'
import type { RoomsBench } from './rooms.ts'

export interface SharedBench {
  readonly client: SharedConnection
  readonly connection: FakeConnection
  /** The messages since the last call, as `document: what`. */
  said(): string[]
}

export interface SharedOptions {
  readonly dialect?: Hocuspocus
  readonly authorizer?: Authorizer
  /** Takes the place of an access by `authorizer`. */
  readonly access?: Access
  /** What the connection came with. */
  readonly token?: string | null
  readonly options?: Partial<Options>
}

/** A connection that carries several documents of a bench. */
export function shareConnection({ rooms, log }: RoomsBench, overrides: SharedOptions = {}): SharedBench {
  const {
    dialect = new Hocuspocus(),
    authorizer,
    access = accessBy(authorizer),
    token = null,
    options = {},
  } = overrides
  const connection = new FakeConnection()
  const client = new SharedConnection({
    connection,
    dialect,
    rooms,
    access,
    visit: { token, claimed: { user: 'ann', name: 'Ann' }, address: '' },
    log,
    options: { ...defaultOptions, ...options },
  })
  return { client, connection, said: () => connection.take().map(describe) }
}
