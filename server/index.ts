/** Library entry: run a Weft server inside another program. */
export { type RunningServer, startServer } from './app.ts'
export { defaultOptions, type Options } from './config.ts'
export { createLog } from './log.ts'
export type { Log } from './ports/log.ts'
export { type ErrorCode, SyncError } from '../shared/errors.ts'
