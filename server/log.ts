/** The log port over pino: JSON lines on standard error, so that standard output stays the command's answer. */
import pino from 'pino'
import { redact } from '../shared/redact.ts'
import type { Log } from './ports/log.ts'

/** Where lines go. */
export interface LogSink {
  write(line: string): void
}

/** `level` is the least severe level that is written. No line holds a token, whoever put it in. */
export function createLog(level: string, sink: LogSink = pino.destination(2)): Log {
  const logger = pino({ level, base: null }, { write: (line: string) => sink.write(redact(line)) })
  return {
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
  }
}
