/** `weft history <document>`: who changed it and when, newest first. */
import { Command } from 'commander'
import { parseDocumentId } from '../../shared/ids.ts'
import type { TimelineEntry } from '../../shared/rest.ts'
import { addOptions } from '../config.ts'
import { withOperator } from './with-operator.ts'

export function history(): Command {
  const command = new Command('history')
    .description('show who changed a document and when, newest first')
    .argument('<document>', 'name of the document')
    .option('--limit <count>', 'how many entries', '50')
    .option('--json', 'print JSON')
  return addOptions(command, ['data']).action(
    async (name: string, options: { data: string; limit: string; json?: true }) => {
      const document = parseDocumentId(name)
      const entries = await withOperator(options.data, (operator) => operator.timeline(document, Number(options.limit)))
      console.log(options.json ? JSON.stringify(entries, null, 2) : entries.map(line).join('\n'))
    },
  )
}

function line({ fromSeq, toSeq, toMs, name, user, updates, bytes }: TimelineEntry): string {
  const seqs = fromSeq === toSeq ? `${toSeq}` : `${fromSeq}–${toSeq}`
  const who = name || user || 'unknown'
  return `${new Date(toMs).toISOString()}  seq ${seqs}  ${who}  ${updates} ${updates === 1 ? 'change' : 'changes'}, ${bytes} bytes`
}
