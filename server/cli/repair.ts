/** `weft repair <document>`: see what keeps a document from being served whole, and decide about it. */
import { Command, InvalidArgumentError } from 'commander'
import { parseDocumentId } from '../../shared/ids.ts'
import type { RepairReport } from '../../shared/rest.ts'
import { addOptions } from '../config.ts'
import type { RepairRequest } from '../ports/operator.ts'
import { withOperator } from './with-operator.ts'

interface RepairOptions {
  readonly data: string
  readonly drop?: true | readonly number[]
  readonly keep?: true
  readonly by: string
  readonly json?: true
}

export function repair(): Command {
  const command = new Command('repair')
    .description(
      'show which updates keep a document from being served whole; with --drop or --keep do something about it',
    )
    .argument('<document>', 'name of the document')
    .option(
      '--drop [seqs]',
      'leave out what these updates hold, as 4,7-9, else those shown; the history keeps them',
      parseSeqs,
    )
    .option('--keep', 'serve the document with them from now on')
    .option('--by <name>', 'the name to record', 'Repair')
    .option('--json', 'print JSON')
  return addOptions(command, ['data']).action(async (name: string, options: RepairOptions) => {
    const document = parseDocumentId(name)
    const report = await withOperator(options.data, (operator) => operator.repair(document, requestOf(options)))
    console.log(options.json ? JSON.stringify(report, null, 2) : describe(report).join('\n'))
  })
}

function requestOf({ drop, keep, by }: RepairOptions): RepairRequest {
  if (drop !== undefined) return { action: 'drop', seqs: drop === true ? null : drop, by }
  return { action: keep ? 'keep' : 'look', seqs: null, by }
}

function describe({ document, action, head, servedSeq, isSnapshotDamaged, updates }: RepairReport): readonly string[] {
  const lines = updates.map(({ seq, atMs, user, name, bytes }) => {
    return `${new Date(atMs).toISOString()}  seq ${seq}  ${name || user || 'unknown'}  ${bytes} bytes`
  })
  if (servedSeq < head) lines.unshift(`${document} is read-only and served up to seq ${servedSeq} of ${head}.`)
  if (isSnapshotDamaged)
    lines.push('Its snapshot is damaged; the log holds all of it, and another is made when the document is opened.')
  if (action === 'drop') lines.push(`Dropped ${updates.length} of ${head} updates; everybody sees the rest.`)
  else if (action === 'keep') lines.push(`Serving all ${head} updates.`)
  else if (updates.length > 0)
    lines.push(`${updates.length} of ${head} updates at fault; --drop leaves them out, --keep serves them.`)
  else if (!isSnapshotDamaged) lines.push('No update is at fault.')
  return lines
}

/** `4,7-9` as 4, 7, 8, 9. */
function parseSeqs(text: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    const [, first, last] = /^\s*([1-9]\d{0,9})(?:\s*-\s*([1-9]\d{0,9}))?\s*$/.exec(part) ?? []
    const from = Number(first)
    const to = Number(last ?? first)
    if (first === undefined || to < from || to - from > 1_000_000)
      throw new InvalidArgumentError('Write seqs as 4,7-9.')
    return Array.from({ length: to - from + 1 }, (_, at) => from + at)
  })
}
