/** Entry of the storage thread: carries out requests in the order they come. */
import { MessagePort, parentPort, workerData, type Transferable } from 'node:worker_threads'
import { asSyncError, SyncError } from '../../shared/errors.ts'
import type { DocumentId } from '../../shared/ids.ts'
import { Engine, type EngineOptions } from './engine.ts'
import { sendError, type Answer, type Request, type StartFailure } from './engine-calls.ts'

export interface ThreadData {
  readonly options: EngineOptions
  /** Ids given to documents that were never written, by a thread before this one. */
  readonly reserved: readonly (readonly [number, DocumentId])[]
  /** The last commit that a thread before this one reported; null when there was none. */
  readonly journalEnd: number | null
}

const port = parentPort
if (port === null) throw new SyncError('unsupported-runtime', 'The storage thread is started by the store.')

start(workerData as ThreadData)

function start({ options, reserved, journalEnd }: ThreadData): void {
  try {
    const engine = new Engine(options, { reserved: new Map(reserved), journalEnd })
    port?.on('message', (request: Request) => void carryOut(engine, request))
  } catch (thrown) {
    post({ startError: sendError(asSyncError(thrown, 'storage-failed')) })
  }
}

async function carryOut(engine: Engine, { id, method, args }: Request): Promise<void> {
  try {
    // The main thread's proxy pairs each method with its own arguments.
    const call = engine[method] as (...given: unknown[]) => Promise<unknown>
    const value = await call.apply(engine, [...args])
    post({ id, value }, buffersIn(value))
  } catch (thrown) {
    post({ id, error: sendError(asSyncError(thrown, 'storage-failed')) })
  }
  if (method === 'close') port?.close()
}

function post(message: Answer | StartFailure, transfer: readonly Transferable[] = []): void {
  port?.postMessage(message, transfer)
}

/** The buffers and ports in an answer. Answers hold each byte array in a buffer of its own, so all can be handed over. */
function buffersIn(value: unknown): Transferable[] {
  if (value instanceof Uint8Array) return value.buffer instanceof ArrayBuffer ? [value.buffer] : []
  if (value instanceof MessagePort) return [value]
  if (Array.isArray(value)) return value.flatMap(buffersIn)
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(buffersIn) : []
}
