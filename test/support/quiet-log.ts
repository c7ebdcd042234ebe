/** A log that remembers what was said, for tests that look at it. */
import type { Log } from '../../server/ports/log.ts'

export interface QuietLog extends Log {
  readonly lines: readonly { readonly level: string; readonly event: string; readonly fields: unknown }[]
}

export function quietLog(): QuietLog {
  const lines: { level: string; event: string; fields: unknown }[] = []
  const at = (level: string) => (event: string, fields?: unknown) => void lines.push({ level, event, fields })
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}
