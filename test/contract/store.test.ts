import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { storeContract } from './store.ts'
import { storeSnapshotContract } from './store-snapshot-contract.ts'

storeContract('SQLite', (folder) => openSqliteStore({ folder }))
storeSnapshotContract('SQLite', (folder) => openSqliteStore({ folder }))
