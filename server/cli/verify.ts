/** `weft verify`: check every row of the store. */
import { Command } from 'commander'
import { type ErrorCode, SyncError } from '../../shared/errors.ts'
import type { VerifyReport } from '../../shared/rest.ts'
import { checkFolder } from '../app.ts'
import { addOptions } from '../config.ts'
import { withOperator } from './with-operator.ts'

/** Why a folder cannot be opened that can be read all the same. What a newer Weft wrote is for that one to check. */
const READABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'storage-locked',
  'storage-corrupt',
  'storage-full',
  'storage-failed',
])

export function verify(): Command {
  const command = new Command('verify').description(
    'check that every document on disk is whole; ends with code 1 when not',
  )
  return addOptions(command, ['data']).action(async (options: { data: string }) => {
    const { documents, updates, bytes, auditEntries, problems } = await check(options.data)
    for (const { document, problem } of problems) console.error(`${document === '' ? 'Store' : document}: ${problem}`)
    console.log(
      `${documents} documents, ${updates} updates, ${bytes} bytes, ${auditEntries} audit entries, ${problems.length} problems.`,
    )
    if (problems.length > 0) process.exitCode = 1
  })
}

/** Of a folder that is refused: why, and what its documents are like as far as they can be read. */
async function check(data: string): Promise<VerifyReport> {
  try {
    return await withOperator(data, (operator) => operator.verify())
  } catch (thrown) {
    if (!(thrown instanceof SyncError) || !READABLE.has(thrown.code)) throw thrown
    const report = await checkFolder(data)
    return { ...report, problems: [{ document: '', problem: thrown.message }, ...report.problems] }
  }
}
