/** `weft import <paths…>`: take in documents that Hocuspocus, y-leveldb or y-sweet kept, or plain update files. */
import { Command } from 'commander'
import type { ImportResult } from '../../shared/rest.ts'
import { openForeign } from '../app.ts'
import { addOptions } from '../config.ts'
import { Importer, type ImportReport } from './import-documents.ts'
import { withOperator } from './with-operator.ts'

interface ImportOptions {
  readonly data: string
  readonly prefix: string
  readonly v2?: true
  readonly dryRun?: true
  readonly by: string
  readonly json?: true
}

export function importCommand(): Command {
  const command = new Command('import')
    .description('take in documents of other Yjs servers; a second time adds what is new, or nothing')
    .argument(
      '<paths...>',
      "Hocuspocus' SQLite file, a y-leveldb folder, y-sweet's folder, or files with a Yjs update each",
    )
    .option('--prefix <text>', "put this before every document's name", '')
    .option('--v2', 'the updates are in version 2 of the encoding; of plain files this is found out')
    .option('--dry-run', 'only say what would be imported')
    .option('--by <name>', 'the name to show in the history', 'Import')
    .option('--json', 'print JSON')
  return addOptions(command, ['data']).action(async (paths: readonly string[], options: ImportOptions) => {
    const report = await run(paths, options)
    for (const { name, place, problem } of report.problems) {
      console.error(name === '' ? `${place}: ${problem}` : `${JSON.stringify(name)} in ${place}: ${problem}`)
    }
    if (options.json) console.log(JSON.stringify(report, null, 2))
    else print(report, options.dryRun ?? false)
    if (report.problems.length > 0) process.exitCode = 1
  })
}

function run(paths: readonly string[], options: ImportOptions): Promise<ImportReport> {
  const { prefix, by, dryRun = false } = options
  const encoding = options.v2 ? 'v2' : null
  return withOperator(options.data, async (operator) => {
    const { showProgress } = await import('./progress.ts')
    const importer = new Importer(operator, { prefix, encoding, dryRun, author: { user: 'import', name: by } })
    for (const path of paths) {
      const source = await importer.open(path, openForeign)
      if (source === null) continue
      const progress = showProgress(source.count, source.kind)
      try {
        await importer.importFrom(source, () => progress.step())
      } finally {
        progress.stop()
        await source.close()
      }
    }
    return importer.report
  })
}

function print({ results, problems }: ImportReport, dryRun: boolean): void {
  if (dryRun) for (const result of results) console.log(line(result))
  const added = results.filter(({ updates }) => updates > 0)
  const fresh = added.filter(({ existed }) => !existed).length
  const bytes = results.reduce((sum, result) => sum + result.bytes, 0)
  console.log(
    `${dryRun ? 'Would import' : 'Imported'} ${fresh} new documents and changes to ${added.length - fresh}, ${bytes} bytes; ` +
      `${results.length - added.length} have nothing new, ${problems.length} problems.`,
  )
}

function line({ document, existed, updates, bytes }: ImportResult): string {
  if (updates === 0) return `${document}: nothing new`
  return `${document}: ${existed ? 'changes' : 'new'}, ${bytes} bytes`
}
