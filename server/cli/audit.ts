/** `weft audit`: who was let in, and who changed what people may do. */
import { Command, InvalidArgumentError } from 'commander'
import type { AuditEntry, AuditQuery } from '../../shared/rest.ts'
import { addOptions } from '../config.ts'
import { withOperator } from './with-operator.ts'

interface AuditOptions {
  readonly data: string
  readonly document?: string
  readonly user?: string
  readonly since?: number
  readonly until?: number
  readonly limit: number
  readonly json?: true
}

export function audit(): Command {
  const command = new Command('audit')
    .description('show the audit log, newest first; `weft verify` checks that nothing in it was changed or removed')
    .option('--document <name>', 'only what is about this document')
    .option('--user <id>', 'only what this user did')
    .option('--since <time>', 'only from then on, such as 2026-05-01T10:00:00Z', parseTime)
    .option('--until <time>', 'only until then', parseTime)
    .option('--limit <count>', 'how many entries', parseCount, 100)
    .option('--json', 'print JSON, with the hash of each entry')
  return addOptions(command, ['data']).action(async (options: AuditOptions) => {
    const entries = await withOperator(options.data, (operator) => operator.audit(queryOf(options)))
    console.log(options.json ? JSON.stringify(entries, null, 2) : entries.map(line).join('\n'))
  })
}

function queryOf({ document, user, since, until, limit }: AuditOptions): AuditQuery {
  return {
    limit,
    ...(document === undefined ? {} : { document }),
    ...(user === undefined ? {} : { user }),
    ...(since === undefined ? {} : { fromMs: since }),
    ...(until === undefined ? {} : { toMs: until }),
  }
}

function line({ id, atMs, action, document, user, name, address, detail }: AuditEntry): string {
  const who = name === '' || user === '' ? name || user : `${name} (${user})`
  // Quoted where they come from outside: nothing in them may move the cursor or colour the terminal.
  const about = [document, who].map((text) => (text === '' ? '-' : JSON.stringify(text)))
  const more = Object.entries(detail).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  return [id, new Date(atMs).toISOString(), action, ...about, address || '-', ...more].join('  ')
}

function parseTime(text: string): number {
  const timeMs = Date.parse(text)
  if (Number.isNaN(timeMs)) throw new InvalidArgumentError('It has to be a time such as 2026-05-01T10:00:00Z.')
  return timeMs
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('It has to be a whole number.')
  return count
}
