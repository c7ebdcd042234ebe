/** File systems of a row's own: small ones that fill up, and ones whose disk can be copied at any moment. */
import { spawnSync } from 'node:child_process'
import { copyFile, mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from './lab.ts'
import { CannotRun } from './row.ts'

/** A file system in memory of `bytes`; resolves with its folder. Rejects `CannotRun` where mounting is not allowed. */
export async function mountSmallDisk(lab: Lab, bytes: number): Promise<string> {
  const folder = join(await lab.folder(), 'disk')
  await mkdir(folder)
  mount(lab, folder, ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs'])
  return folder
}

/** An ext4 in a file. What was not written through to the file is what a power cut takes. */
export class DiskImage {
  /** Where it is mounted. */
  readonly folder: string
  readonly #lab: Lab
  readonly #file: string

  private constructor(lab: Lab, file: string, folder: string) {
    this.#lab = lab
    this.#file = file
    this.folder = folder
  }

  /** Makes and mounts one of `bytes`. Rejects `CannotRun` without root, loop devices or mkfs.ext4. */
  static async make(lab: Lab, bytes: number): Promise<DiskImage> {
    const home = await lab.folder()
    const file = join(home, 'disk.img')
    const handle = await open(file, 'w')
    await handle.truncate(bytes)
    await handle.close()
    command('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', file])
    return DiskImage.#mounted(lab, file, home)
  }

  /**
   * What would be left if the power were cut now: a copy of the file, mounted, its journal recovered. Whoever writes
   * has to be paused, so that the copy is of one moment.
   */
  async cut(): Promise<DiskImage> {
    const home = await this.#lab.folder()
    const file = join(home, 'disk.img')
    await copyFile(this.#file, file)
    return DiskImage.#mounted(this.#lab, file, home)
  }

  /** Unmounts it, before the measurement is over. */
  unmount(): void {
    spawnSync('umount', [this.folder])
  }

  static async #mounted(lab: Lab, file: string, home: string): Promise<DiskImage> {
    const folder = join(home, 'mounted')
    await mkdir(folder)
    mount(lab, folder, ['-o', 'loop', file])
    return new DiskImage(lab, file, folder)
  }
}

function mount(lab: Lab, folder: string, args: readonly string[]): void {
  if (process.getuid?.() !== 0) throw new CannotRun('mounting a disk needs root')
  command('mount', [...args, folder])
  const unmount = (): void => void spawnSync('umount', ['--lazy', folder])
  process.once('exit', unmount)
  lab.atEnd(() => {
    process.off('exit', unmount)
    unmount()
  })
}

function command(name: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(name, args, { encoding: 'utf8' })
  if (status !== 0) throw new CannotRun(`${name} does not work here: ${(error?.message ?? stderr).trim()}`)
}
