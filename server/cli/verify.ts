/** `weft verify`: check every row of the store. */
import { Command } from 'commander'
import { addOptions } from '../config.ts'
import { withOperator } from './with-operator.ts'

export function verify(): Command {
  const command = new Command('verify').description(
    'check that every document on disk is whole; ends with code 1 when not',
  )
  return addOptions(command, ['data']).action(async (options: { data: string }) => {
    const { documents, updates, bytes, auditEntries, problems } = await withOperator(options.data, (operator) =>
      operator.verify(),
    )
    for (const { document, problem } of problems) console.error(`${document === '' ? 'Store' : document}: ${problem}`)
    console.log(
      `${documents} documents, ${updates} updates, ${bytes} bytes, ${auditEntries} audit entries, ${problems.length} problems.`,
    )
    if (problems.length > 0) process.exitCode = 1
  })
}
