import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { storeContract } from './store.ts'

storeContract('SQLite', (folder) => openSqliteStore({ folder }))
