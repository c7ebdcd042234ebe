/** Asking a disk whether it takes what is written. */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Throws what the system says unless a file in `folder` can be written and flushed. */
export function assertTakesWrites(folder: string): void {
  const file = join(folder, 'weft.probe')
  const descriptor = openSync(file, 'w', 0o600)
  try {
    writeSync(descriptor, new Uint8Array(1), 0, 1, 0)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
    rmSync(file, { force: true })
  }
}
