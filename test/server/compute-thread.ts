/** A thread for the pool's tests: answers what it is told, or misbehaves as it is told. */
import { parentPort, threadId } from 'node:worker_threads'

/** What the pool's tests ask of a thread. */
export type Order = 'say who you are' | 'hang' | 'throw' | 'exit' | { readonly wake: SharedArrayBuffer }

const port = parentPort
port?.on('message', (order: Order) => {
  if (order === 'say who you are') port.postMessage(threadId)
  else if (order === 'throw') throw new Error('thrown on order')
  else if (order === 'exit') process.exit(3)
  else if (order === 'hang') for (;;) continue
  else if (typeof order === 'object') {
    Atomics.wait(new Int32Array(order.wake), 0, 0)
    port.postMessage(threadId)
  }
})
