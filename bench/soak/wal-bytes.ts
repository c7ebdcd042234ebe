/** How large the write-ahead logs in a server's folder are. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

export function walBytes(folder: string): number {
  return readdirSync(folder)
    .filter((name) => name.endsWith('-wal'))
    .reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}
