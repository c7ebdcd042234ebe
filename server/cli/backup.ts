/** `weft backup <file>`: copy everything to one file, while the server runs or not. */
import { resolve } from 'node:path'
import { Command } from 'commander'
import { addOptions } from '../config.ts'
import { withOperator } from './with-operator.ts'

export function backup(): Command {
  const command = new Command('backup')
    .description('copy all documents with their history to a new file, and check the copy')
    .argument('<file>', 'the file to make')
  return addOptions(command, ['data']).action(async (file: string, options: { data: string }) => {
    const target = resolve(file)
    const { bytes } = await withOperator(options.data, (operator) => operator.backup(target))
    console.log(`Backed up ${bytes} bytes to ${target}; the copy was checked.`)
  })
}
