/**
 * Gives a command its operator: through the running server when one holds the data folder, else on the folder
 * itself. The command does not need to know which.
 */
import { stat } from 'node:fs/promises'
import { SyncError } from '../../shared/errors.ts'
import { openWorkshop } from '../app.ts'
import { defaultOptions } from '../config.ts'
import { createLog } from '../log.ts'
import type { Operator } from '../ports/operator.ts'

/** Runs `work` on the documents in the folder `data`. Rejects `not-found` when there is no such folder. */
export async function withOperator<Result>(
  data: string,
  work: (operator: Operator) => Promise<Result>,
): Promise<Result> {
  const isFolder = await stat(data).then(
    (entry) => entry.isDirectory(),
    () => false,
  )
  if (!isFolder) throw new SyncError('not-found', `There is no folder ${data}; name the data folder with --data.`)
  // Loaded here and not above: `weft serve` has all commands loaded, and starts without what they work with.
  const { readServerFile } = await import('../server-file.ts')
  const running = await readServerFile(data)
  if (running !== null) {
    const { RemoteOperator } = await import('./remote-operator.ts')
    const remote = new RemoteOperator(running)
    if (await remote.isAlive()) return work(remote)
  }
  const workshop = await openWorkshop({ ...defaultOptions, data }, createLog('warn'))
  try {
    return await work(workshop.operator)
  } finally {
    await workshop.close()
  }
}
