/** Checks what came with a request. */
import { z } from 'zod'
import { SyncError } from '../../shared/errors.ts'

/** `value` as `schema` describes it. Throws `invalid-request` with what is wrong. */
export function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (!result.success) throw new SyncError('invalid-request', z.prettifyError(result.error))
  return result.data
}
