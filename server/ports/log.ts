/**
 * Where the server says what happened: one line per event, past tense, values in `fields`.
 *
 * Never document content, never a token. info = someone would ask, warn = someone should look,
 * error = someone must act.
 */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void
  error(event: string, fields?: Readonly<Record<string, unknown>>): void
}
