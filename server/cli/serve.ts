/** `weft serve`: run the server until a signal ends it. */
import { Command } from 'commander'
import { startServer } from '../app.ts'
import { addOptions, type Options } from '../config.ts'
import { createLog } from '../log.ts'
import { collectWithoutHelpers, letHelpersStepBack } from './helper-threads.ts'
import { memoryRelief } from './memory.ts'

/** EX_SOFTWARE of sysexits.h: for the supervisor, which should start the server again. */
const UNEXPECTED_FAILURE = 70

export function serve(): Command {
  const command = new Command('serve').description('serve documents, pages and the API')
  return addOptions(command).action(async (options: Options) => {
    letHelpersStepBack()
    collectWithoutHelpers()
    const log = createLog(options.logLevel)
    const server = await startServer(options, log, memoryRelief())
    console.log(`Weft is ready at ${server.url}`)

    let isStopping = false
    const stop = (signal: NodeJS.Signals): void => {
      // npm passes Ctrl-C on to a process that the terminal has told already.
      if (isStopping) return
      isStopping = true
      log.info('stopping', { signal })
      setTimeout(() => {
        log.error('stopping took too long', { shutdownTimeoutMs: options.shutdownTimeoutMs })
        process.exit(1)
      }, options.shutdownTimeoutMs).unref()
      server.close().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error('stopping failed; clients bring what was not saved', { message: String(error) })
          process.exit(1)
        },
      )
    }
    // What nobody caught may have left anything half done. Clients bring what was not saved to the next process.
    process.on('uncaughtException', (error) => {
      log.error('ended by an unexpected failure', { message: error.message, stack: error.stack })
      process.exit(UNEXPECTED_FAILURE)
    })
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}
