/** Folders of stores that were killed, and damage done to them behind the store's back. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'

/** Starts `store-child` on `folder`; `saved(n)` resolves when it was told that `n` commits are on disk. */
export function startChild(folder: string, options: object = {}) {
  const program = fileURLToPath(new URL('./store-child.js', import.meta.url))
  const child = spawn(process.execPath, [program, folder, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  let saved = 0
  return {
    pid: child.pid,
    opened: () => lines.next(),
    async saved(count: number): Promise<void> {
      while (saved < count) {
        const { done } = await lines.next()
        if (done === true) throw new Error(`The process ended after ${saved} commits.`)
        saved++
      }
    },
    /** Kills it; resolves with the number of commits it acknowledged. */
    async kill(): Promise<number> {
      child.kill('SIGKILL')
      for (;;) {
        const { done } = await lines.next()
        if (done === true) break
        saved++
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      return saved
    },
  }
}

/** A folder whose store was killed after `commits` commits; resolves with how many were acknowledged. */
export async function killedStore(folder: string, commits: number, options: object = {}): Promise<number> {
  const child = startChild(folder, options)
  await child.opened()
  await child.saved(commits)
  return child.kill()
}

/** Runs SQL on a folder's database while no store has it. */
export function editDatabase<T>(folder: string, edit: (database: Database.Database) => T): T {
  const database = new Database(join(folder, 'weft.db'))
  try {
    return edit(database)
  } finally {
    database.close()
  }
}

/** Flips one bit of the blob that `where` selects, at `position` of its bytes (from the end when negative). */
export function flipBit(folder: string, table: string, where: string, position: number): void {
  editDatabase(folder, (database) => {
    const row = database.prepare<[], { payload: Buffer }>(`SELECT payload FROM ${table} WHERE ${where}`).get()
    if (row === undefined) throw new Error(`There is no row in ${table} where ${where}.`)
    const at = position < 0 ? row.payload.length + position : position
    row.payload.writeUInt8(row.payload.readUInt8(at) ^ 0b100, at)
    database.prepare(`UPDATE ${table} SET payload = ? WHERE ${where}`).run(row.payload)
  })
}

/** Flips one bit in a file, at a byte or, below 1, at a part of its length. */
export async function flipFileBit(file: string, position: number): Promise<void> {
  const bytes = await readFile(file)
  const at = position < 1 ? Math.floor(bytes.length * position) : position
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0b100, at)
  await writeFile(file, bytes)
}
