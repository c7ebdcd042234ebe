/** The log port over pino: JSON lines on standard error, so that standard output stays the command's answer. */
import pino from 'pino'
import type { Log } from './ports/log.ts'

/** `level` is the least severe level that is written. */
export function createLog(level: string): Log {
  const logger = pino({ level, base: null }, pino.destination(2))
  return {
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
  }
}
