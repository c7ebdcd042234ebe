/**
 * What the place the client runs in can do: a browser tab has all of it, Node next to none.
 * The only file that looks for globals; it knows nothing of the server.
 */
import { uuidv4 } from 'lib0/random'
import type * as Y from 'yjs'
import { type DeviceCopy, IndexedDbCopy } from './device-copy.ts'

/** Abilities of the surrounding page or process, as the client needs them. */
export interface Device {
  /** Base URL of the page's own server; null outside a page. */
  readonly origin: string | null
  /** Other tabs may hold the same document and hear this one without a server. */
  readonly hasTabs: boolean
  /** Null where there is no `WebSocket`. */
  readonly WebSocket: typeof WebSocket | null
  /**
   * Starts loading the copy called `name` into `doc`, and keeps it up to date; `onChange` is called when whether it is
   * kept changes. Null where nothing can be kept.
   */
  openCopy(name: string, doc: Y.Doc, onChange: () => void): DeviceCopy | null
  /** The same id every time in one browser profile; a new one where nothing can be kept. */
  loadUserId(): string
  /** Calls back when the device thinks it has lost its network, or has one again. Returns what stops it. */
  onNetworkChange(listener: (isOnline: boolean) => void): () => void
}

const USER_ID_KEY = 'weft-user'

/** The device this runs on. */
export function thisDevice(): Device {
  const hasPage = typeof window !== 'undefined' && typeof location !== 'undefined'
  return {
    origin: hasPage && location.origin !== 'null' ? location.origin : null,
    hasTabs: hasPage,
    WebSocket: typeof WebSocket === 'undefined' ? null : WebSocket,
    openCopy(name, doc, onChange) {
      const database = orNull(() => indexedDB)
      return database === null ? null : new IndexedDbCopy({ indexedDB: database, name, doc, onChange })
    },
    loadUserId() {
      const storage = orNull(() => localStorage)
      const kept = orNull(() => storage?.getItem(USER_ID_KEY) ?? null)
      if (kept !== null && kept !== '') return kept
      const id = uuidv4()
      orNull(() => storage?.setItem(USER_ID_KEY, id))
      return id
    },
    onNetworkChange(listener) {
      if (!hasPage) return () => undefined
      const listening = new AbortController()
      window.addEventListener('online', () => listener(true), { signal: listening.signal })
      window.addEventListener('offline', () => listener(false), { signal: listening.signal })
      return () => listening.abort()
    },
  }
}

/** Sandboxed frames and private modes throw on the mere mention of a store; full ones throw on writing. */
function orNull<Value>(look: () => Value): Value | null {
  try {
    return look() ?? null
  } catch {
    // Asking is the only way to find out, and a device without the store is a normal device.
    return null
  }
}
