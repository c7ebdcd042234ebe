/** Giving memory back at once, where waiting for the garbage collector would make it come by. */
import { MessageChannel } from 'node:worker_threads'

/** Below this a byte array may share its buffer with others, and the collector has little to do with it anyway. */
const MIN_BYTES = 16 * 1024

const nowhere = closedPort()

/**
 * Frees the memory of `bytes`, which must have a buffer of their own and are of length 0 afterwards.
 *
 * What a document of 50 MB leaves behind as garbage while it is sent makes V8 stop the thread several times; each time
 * takes as long as its whole heap is large. A message that is posted to nobody takes its buffers along.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (byteLength < MIN_BYTES || buffer.byteLength !== byteLength || !(buffer instanceof ArrayBuffer)) return
  nowhere.postMessage(null, [buffer])
}

function closedPort() {
  const { port1 } = new MessageChannel()
  port1.close()
  return port1
}
