/** The built `weft` command, run as a person would. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../server/main.js', import.meta.url))

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly error: string
}

/** Resolves when the command has ended, however it did. */
export function weft(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], (failure, out, error) => {
      resolve({ code: typeof failure?.code === 'number' ? failure.code : 0, out, error })
    })
  })
}
