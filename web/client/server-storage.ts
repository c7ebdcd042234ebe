/** What the server says about its disk, on this connection: it may be unable to save anything for a while. */
import * as decoding from 'lib0/decoding'
import type { WebsocketProvider } from 'y-websocket'
import { MessageType, type StorageTrouble } from '../../shared/protocol.ts'
import { onServerMessage } from './server-messages.ts'

export class ServerStorage {
  #trouble: StorageTrouble | null = null

  /** Takes over one of the provider's message handlers; `onChange` is called when `trouble` may have changed. */
  constructor(provider: WebsocketProvider, onChange: () => void) {
    onServerMessage(provider, MessageType.storage, (decoder) => {
      this.#trouble = troubleNamed(decoding.readVarString(decoder))
      onChange()
    })
    // The next connection begins with what is so then.
    provider.on('connection-close', () => {
      this.#trouble = null
    })
  }

  /** Why the server cannot save; null when it can, as far as is known. */
  get trouble(): StorageTrouble | null {
    return this.#trouble
  }
}

/** A reason that a newer server might give is trouble all the same. */
function troubleNamed(reason: string): StorageTrouble | null {
  if (reason === '') return null
  return reason === 'storage-full' ? reason : 'storage-failed'
}
