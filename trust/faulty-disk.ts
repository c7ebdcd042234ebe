/** Failing system calls, by libfiu: the server runs as it is, and its C library reports errors when told to. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Lab } from './lab.ts'
import { CannotRun } from './row.ts'

/** Calls that can be made to fail; numbers are Linux' error codes. */
export const Fault = {
  fsync: 'name=posix/io/sync/fsync,failinfo=5',
  write: 'name=posix/io/rw/pwrite,failinfo=5',
} as const

export type Fault = (typeof Fault)[keyof typeof Fault]

export class FaultyDisk {
  /** What a server has to run under. */
  readonly under: readonly string[]
  readonly #control: string

  private constructor(folder: string) {
    this.#control = join(folder, 'fiu')
    this.under = ['fiu-run', '-x', '-f', this.#control]
  }

  /** Rejects `CannotRun` where libfiu is not installed. */
  static async make(lab: Lab): Promise<FaultyDisk> {
    if (!['fiu-run', 'fiu-ctrl'].every(isThere)) throw new CannotRun('fiu-run is missing (Debian package fiu-utils)')
    return new FaultyDisk(await lab.folder())
  }

  /** From now on the call fails, until `mend`. */
  fail(fault: Fault): void {
    this.#tell(`enable ${fault}`)
  }

  mend(fault: Fault): void {
    this.#tell(`disable ${fault.split(',')[0] ?? ''}`)
  }

  /** The server is the process whose number the pipes' names end with. */
  #tell(order: string): void {
    const folder = join(this.#control, '..')
    const pids = readdirSync(folder).flatMap((name) => /^fiu-(\d+)\.in$/.exec(name)?.[1] ?? [])
    for (const pid of pids) spawnSync('fiu-ctrl', ['-f', this.#control, '-c', order, pid], { timeout: 5_000 })
  }
}

function isThere(command: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      // Not here; perhaps in the next folder.
      return false
    }
  })
}
