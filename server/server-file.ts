/**
 * `server.json` in the data folder: where the server that holds the folder listens, and the secret that lets the
 * command line work through it. Readable by the owner only, like the documents themselves.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const contents = z.object({ url: z.url(), pid: z.number().int(), secret: z.string() })

export type ServerFile = z.output<typeof contents>

/** Tells where the server is. */
export async function announce(folder: string, file: ServerFile): Promise<void> {
  await writeFile(pathIn(folder), `${JSON.stringify(file)}\n`, { mode: 0o600 })
}

export async function withdraw(folder: string): Promise<void> {
  await rm(pathIn(folder), { force: true })
}

/** The server that last announced itself, alive or not; null when there is none or the file cannot be read. */
export async function readServerFile(folder: string): Promise<ServerFile | null> {
  const text = await readFile(pathIn(folder), 'utf8').catch(() => null)
  if (text === null) return null
  const parsed = contents.safeParse(parseJson(text))
  return parsed.success ? parsed.data : null
}

function pathIn(folder: string): string {
  return join(folder, 'server.json')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A file cut short by a crash is as good as none.
    return null
  }
}
