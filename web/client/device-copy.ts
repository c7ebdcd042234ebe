/**
 * The copy of a document on this device: y-indexeddb keeps the content, three marks beside it keep what the content
 * cannot say. It knows neither the server nor the connection.
 *
 * The marks: whether the document was ever in step with the server, how many changes the server had not saved when
 * this page was last seen, and what the person was last allowed to do, so that nobody types in vain without a network.
 * All are shared by all tabs, as the content is; the last writer wins.
 */
import { IndexeddbPersistence } from 'y-indexeddb'
import type * as Y from 'yjs'
import { isRole, type Role } from '../../shared/roles.ts'

/** A copy that outlives the page, where the device can keep one. */
export interface DeviceCopy {
  /** Resolves when the content is in the document, or it is clear that there is none to be had. */
  readonly whenLoaded: Promise<void>
  /** Every change that `markUnsaved` counted is in the database, and so survives a reload. */
  readonly isKept: boolean
  /** The document had been in step with the server in an earlier session. False until loaded. */
  readonly wasSynced: boolean
  /** Changes the server had not saved when the copy was last marked; 0 until loaded. */
  readonly unsavedBefore: number
  /** What the server last let the person do; null until loaded, and when it never said. */
  readonly roleBefore: Role | null
  /** Whether an update with this transaction origin came out of the copy. */
  owns(origin: unknown): boolean
  markSynced(): void
  /** To be called for every change, as it is made: where the count rises, there is something to be kept. */
  markUnsaved(count: number): void
  markRole(role: Role): void
  close(): void
}

export interface DeviceCopyOptions {
  readonly indexedDB: IDBFactory
  /** Of the database; one per server and document. */
  readonly name: string
  readonly doc: Y.Doc
  /** `isKept` changed. */
  readonly onChange: () => void
}

const SYNCED_KEY = 'weft-synced'
const UNSAVED_KEY = 'weft-unsaved'
const ROLE_KEY = 'weft-role'

/** The count may be this much behind; that it is not 0 is written at once. */
const MARK_DELAY_MS = 1_000

/** The copy in an IndexedDB database. */
export class IndexedDbCopy implements DeviceCopy {
  readonly whenLoaded: Promise<void>
  readonly #onChange: () => void
  #persistence: IndexeddbPersistence | null = null
  /** Marks made while the copy loads, by their keys. */
  readonly #earlyMarks = new Map<string, number | string>()
  /** Loaded, and nothing was lost since. */
  #isWhole = false
  #isClosed = false
  /** Changes that were counted, and how many of them are known to be in the database. */
  #changes = 0
  #keptChanges = 0
  #isConfirming = false
  #wasSynced = false
  #unsavedBefore = 0
  #roleBefore: Role | null = null
  #unsaved = 0
  #markedUnsaved = 0
  #markTimer: ReturnType<typeof setTimeout> | null = null

  constructor({ indexedDB, name, doc, onChange }: DeviceCopyOptions) {
    this.#onChange = onChange
    // A copy that cannot be read is a copy that is not kept, which `isKept` says.
    this.whenLoaded = this.#load(indexedDB, name, doc).catch(() => undefined)
  }

  get isKept(): boolean {
    return this.#isWhole && this.#keptChanges === this.#changes
  }

  get wasSynced(): boolean {
    return this.#wasSynced
  }

  get unsavedBefore(): number {
    return this.#unsavedBefore
  }

  get roleBefore(): Role | null {
    return this.#roleBefore
  }

  owns(origin: unknown): boolean {
    return this.#persistence !== null && origin === this.#persistence
  }

  markSynced(): void {
    this.#mark(SYNCED_KEY, 1)
  }

  markUnsaved(count: number): void {
    if (count > this.#unsaved) this.#changes++
    this.#unsaved = count
    if (count > 0 && this.#markedUnsaved === 0) this.#writeUnsaved()
    else this.#markTimer ??= setTimeout(() => this.#writeUnsaved(), MARK_DELAY_MS)
    // Not awaited: what comes of it is told by `onChange`.
    void this.#confirm()
  }

  markRole(role: Role): void {
    this.#mark(ROLE_KEY, role)
  }

  close(): void {
    this.#isClosed = true
    this.#writeUnsaved()
    // Not awaited: the database closes by itself once the writes above are through.
    void this.#persistence?.destroy()
  }

  async #load(indexedDB: IDBFactory, name: string, doc: Y.Doc): Promise<void> {
    // y-indexeddb leaves the rejection of a database that cannot be opened unhandled, so it gets only one that can.
    if (!(await canOpen(indexedDB, name)) || this.#isClosed) return
    const persistence = new IndexeddbPersistence(name, doc)
    this.#persistence = persistence
    await persistence.whenSynced
    this.#watch(persistence)
    const keys = [SYNCED_KEY, UNSAVED_KEY, ROLE_KEY]
    const [synced, unsaved, role]: unknown[] = await Promise.all(keys.map((key) => persistence.get(key)))
    this.#wasSynced = synced === 1
    this.#unsavedBefore = typeof unsaved === 'number' ? unsaved : 0
    this.#roleBefore = isRole(role) ? role : null
    this.#markedUnsaved = this.#unsavedBefore
    this.#unsaved += this.#unsavedBefore
    this.#isWhole = true
    for (const [key, value] of this.#earlyMarks) this.#mark(key, value)
    this.#writeUnsaved()
    await this.#confirm()
    this.#onChange()
  }

  /** Finds out when the changes counted so far are in the database. One search at a time sees to them all. */
  async #confirm(): Promise<void> {
    const persistence = this.#persistence
    if (persistence === null || this.#isConfirming) return
    this.#isConfirming = true
    while (this.#isWhole && !this.#isClosed && !this.isKept) {
      const changes = this.#changes
      try {
        await writesOf(persistence)
      } catch {
        this.#lose()
        return
      }
      this.#keptChanges = changes
      if (this.isKept) this.#onChange()
    }
    this.#isConfirming = false
  }

  #writeUnsaved(): void {
    if (this.#markTimer !== null) clearTimeout(this.#markTimer)
    this.#markTimer = null
    if (!this.#isWhole || this.#unsaved === this.#markedUnsaved) return
    this.#markedUnsaved = this.#unsaved
    this.#mark(UNSAVED_KEY, this.#unsaved)
  }

  #mark(key: string, value: number | string): void {
    if (this.#isWhole) this.#persistence?.set(key, value).catch(() => this.#lose())
    else this.#earlyMarks.set(key, value)
  }

  /** y-indexeddb does not listen to what befalls its database. */
  #watch(persistence: IndexeddbPersistence): void {
    // A full disk aborts a transaction, and the event bubbles up to the database.
    persistence.db?.addEventListener('abort', () => this.#lose())
    for (const event of ['close', 'versionchange']) {
      persistence.db?.addEventListener(event, () => {
        this.#lose()
        // Writing to a database that is gone would throw into every edit.
        void persistence.destroy()
      })
    }
  }

  #lose(): void {
    if (!this.#isWhole || this.#isClosed) return
    this.#isWhole = false
    this.#onChange()
  }
}

/** Resolves when all that y-indexeddb was given so far is in its database. */
async function writesOf({ whenSynced }: IndexeddbPersistence): Promise<void> {
  // It begins to write when the change is over, and a mark a microtask later.
  const { db } = await whenSynced
  return new Promise((resolve, reject) => {
    // A transaction starts when those made before it on the same stores have ended. It has to ask for something to start.
    const request = db?.transaction(['updates', 'custom']).objectStore('updates').getKey(0)
    if (request === undefined) return reject(new Error('There is no database.'))
    request.onsuccess = () => resolve()
    request.onerror = () => reject(request.error)
  })
}

/** Whether the database opens; a new one is not left behind, since y-indexeddb makes its stores in a database that is new. */
async function canOpen(indexedDB: IDBFactory, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    let isNew = false
    // Throws where the page may not use IndexedDB at all, which rejects the promise.
    const request = indexedDB.open(name)
    request.onupgradeneeded = () => {
      isNew = true
      request.transaction?.abort()
    }
    request.onsuccess = () => {
      request.result.close()
      resolve(true)
    }
    request.onerror = (event) => {
      event.preventDefault()
      resolve(isNew)
    }
  })
}
