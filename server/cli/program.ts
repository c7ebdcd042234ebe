/** The commands, their options and their help. */
import { inspect } from 'node:util'
import { Command } from 'commander'
import { SyncError } from '../../shared/errors.ts'
import { redact } from '../../shared/redact.ts'
import { audit } from './audit.ts'
import { backup } from './backup.ts'
import { history } from './history.ts'
import { importCommand } from './import.ts'
import { repair } from './repair.ts'
import { restore } from './restore.ts'
import { serve } from './serve.ts'
import { token } from './token.ts'
import { verify } from './verify.ts'

/** Runs `weft` with a process's arguments. What fails ends as a sentence on standard error and exit code 1. */
export async function runCommand(argv: readonly string[]): Promise<void> {
  const program = new Command('weft')
    .description('Real-time collaborative documents: a Yjs server on Hono and SQLite.')
    .showHelpAfterError()
  for (const command of [serve, history, restore, backup, verify, repair, audit, token, importCommand])
    program.addCommand(command())
  try {
    await program.parseAsync(argv)
  } catch (error) {
    console.error(redact(error instanceof SyncError ? `weft: ${error.message} (${error.code})` : inspect(error)))
    process.exitCode = 1
  }
}
