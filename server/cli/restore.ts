/** `weft restore <document> --at <seq|time>`: bring a document back to a moment, for everybody. */
import { Command } from 'commander'
import { SyncError } from '../../shared/errors.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import type { Moment } from '../../shared/rest.ts'
import { addOptions } from '../config.ts'
import { withOperator } from './with-operator.ts'

export function restore(): Command {
  const command = new Command('restore')
    .description('bring a document back to a moment by a new edit that open editors and offline copies merge')
    .argument('<document>', 'name of the document')
    .requiredOption('--at <seq|time>', 'a seq from `weft history`, or a time such as 2026-05-01T10:00:00Z')
    .option('--dry-run', 'only say what would change')
    .option('--by <name>', 'the name to show in the history', 'Restore')
    .option('--json', 'print JSON')
  return addOptions(command, ['data']).action(
    async (name: string, options: { data: string; at: string; dryRun?: true; by: string; json?: true }) => {
      const document = parseDocumentId(name)
      const request = {
        moment: parseMoment(options.at),
        dryRun: options.dryRun ?? false,
        author: { user: 'restore', name: options.by },
      }
      const result = await withOperator(options.data, (operator) => operator.restore(document, request))
      const { restoredSeq, newSeq, bytes, changedRoots } = result
      if (options.json) console.log(JSON.stringify(result, null, 2))
      else if (bytes === 0) console.log(`${document} is as it was at seq ${restoredSeq}; nothing to restore.`)
      else if (newSeq === null)
        console.log(`Would restore seq ${restoredSeq}: ${bytes} bytes in ${changedRoots.join(', ')}.`)
      else console.log(`Restored seq ${restoredSeq} as seq ${newSeq}: ${bytes} bytes in ${changedRoots.join(', ')}.`)
    },
  )
}

/** A seq when `text` is all digits, else a date and time. Throws `invalid-moment`. */
export function parseMoment(text: string): Moment {
  if (/^\d+$/.test(text)) return { seq: Number(text) }
  const timeMs = Date.parse(text)
  if (Number.isNaN(timeMs)) {
    throw new SyncError('invalid-moment', `"${text}" is neither a seq nor a time; write 42 or 2026-05-01T10:00:00Z.`)
  }
  return { timeMs }
}
