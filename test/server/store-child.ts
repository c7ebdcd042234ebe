/**
 * A process that writes to a store until it is killed: one keystroke a commit, to two documents in turn, each
 * acknowledged on standard output once it is committed.
 */
import { parseDocumentId } from '../../shared/ids.ts'
import { openSqliteStore } from '../../server/store/sqlite-store.ts'
import { keystrokes, pending } from '../contract/store-updates.ts'

const [folder = '', options = '{}'] = process.argv.slice(2)
const store = await openSqliteStore({ folder, ...JSON.parse(options) })
const documents = await Promise.all(['a', 'b'].map((name) => store.open(parseDocumentId(name))))
const updates = keystrokes('x'.repeat(2_000))
process.stdout.write('open\n')
for (const update of updates) {
  for (const { handle } of documents) {
    await store.commit({ documents: [{ handle, updates: pending([update]) }] })
    process.stdout.write('saved\n')
  }
}
