/** A person's device: what a page of theirs finds there, and the copies of documents that outlive pages. */
import * as Y from 'yjs'
import type { Role } from '../../shared/roles.ts'
import type { Device } from '../../web/client/device.ts'
import type { DeviceCopy } from '../../web/client/device-copy.ts'
import type { Life, VirtualClock } from './clock.ts'

/** What the device has written down of a document. */
class Kept {
  readonly updates: Uint8Array[] = []
  wasSynced = false
  unsaved = 0
  role: Role | null = null
}

/** As the real one: the count may be this much behind; that it is not 0 is written at once. */
const MARK_DELAY_MS = 1_000

export interface DeviceOptions {
  readonly clock: VirtualClock
  readonly userId: string
  /** How long it takes to read a copy. */
  readonly loadMs: () => number
  /** How long it takes to write something down; what a page is closed before is lost. */
  readonly writeMs: () => number
}

export class SimulatedDevice {
  readonly #options: DeviceOptions
  readonly #kept = new Map<string, Kept>()
  #tellPage: (isOnline: boolean) => void = () => undefined

  constructor(options: DeviceOptions) {
    this.#options = options
  }

  /** What a page that is `life` sees of it. */
  asSeenBy(life: Life): Device {
    const { clock, userId } = this.#options
    return {
      origin: null,
      hasTabs: false,
      WebSocket: null,
      loadUserId: () => userId,
      openCopy: (name, doc, onChange) => {
        const kept = this.#kept.get(name) ?? new Kept()
        this.#kept.set(name, kept)
        return new SimulatedCopy({ ...this.#options, kept, doc, onChange, life })
      },
      onNetworkChange: (listener) => {
        this.#tellPage = (isOnline) => {
          clock.in(0, life, () => listener(isOnline))
        }
        return () => {
          this.#tellPage = () => undefined
        }
      },
    }
  }

  /** The device thinks that it has a network, or none. */
  setOnline(isOnline: boolean): void {
    this.#tellPage(isOnline)
  }

  /** Everything written down, of all documents. */
  get updates(): readonly Uint8Array[] {
    return [...this.#kept.values()].flatMap(({ updates }) => updates)
  }
}

interface CopyOptions extends DeviceOptions {
  readonly kept: Kept
  readonly doc: Y.Doc
  readonly onChange: () => void
  readonly life: Life
}

/** What `IndexedDbCopy` does, with less of a database. */
class SimulatedCopy implements DeviceCopy {
  readonly whenLoaded: Promise<void>
  readonly #options: CopyOptions
  readonly #unwritten: ((kept: Kept) => void)[] = []
  /** Made while the copy is read. */
  readonly #earlyMarks: ((kept: Kept) => void)[] = []
  #isLoaded = false
  #isClosed = false
  #unsavedBefore = 0
  #wasSynced = false
  #roleBefore: Role | null = null
  #unsaved = 0
  #markedUnsaved = 0
  #isMarking = false

  constructor(options: CopyOptions) {
    this.#options = options
    const { clock, life, loadMs } = options
    this.whenLoaded = new Promise((resolve) => {
      clock.in(loadMs(), life, () => {
        if (!this.#isClosed) this.#load()
        resolve()
      })
    })
  }

  get isKept(): boolean {
    return this.#isLoaded
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
    return origin === this
  }

  markSynced(): void {
    this.#mark((kept) => {
      kept.wasSynced = true
    })
  }

  markUnsaved(count: number): void {
    this.#unsaved = count
    if (count > 0 && this.#markedUnsaved === 0) return this.#writeUnsaved()
    if (this.#isMarking) return
    this.#isMarking = true
    this.#options.clock.in(MARK_DELAY_MS, this.#options.life, () => {
      this.#isMarking = false
      this.#writeUnsaved()
    })
  }

  markRole(role: Role): void {
    this.#mark((kept) => {
      kept.role = role
    })
  }

  close(): void {
    this.#isClosed = true
    this.#writeUnsaved()
    this.#options.doc.off('update', this.#onUpdate)
    // What a page asks for before it is closed is done, and not what one that has crashed asks for.
    if (!this.#options.life.isOver) this.#flush()
  }

  #load(): void {
    const { kept, doc, onChange } = this.#options
    const before = Y.encodeStateAsUpdate(doc)
    const apply = (): void => kept.updates.forEach((update) => Y.applyUpdate(doc, update))
    Y.transact(doc, apply, this, false)
    this.#write(({ updates }) => void updates.push(before))
    doc.on('update', this.#onUpdate)
    this.#wasSynced = kept.wasSynced
    this.#unsavedBefore = this.#markedUnsaved = kept.unsaved
    this.#unsaved += kept.unsaved
    this.#roleBefore = kept.role
    this.#isLoaded = true
    for (const mark of this.#earlyMarks) this.#mark(mark)
    this.#writeUnsaved()
    onChange()
  }

  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin !== this) this.#write(({ updates }) => void updates.push(update))
  }

  #writeUnsaved(): void {
    if (!this.#isLoaded || this.#unsaved === this.#markedUnsaved) return
    const count = (this.#markedUnsaved = this.#unsaved)
    this.#mark((kept) => {
      kept.unsaved = count
    })
  }

  #mark(write: (kept: Kept) => void): void {
    if (this.#isLoaded) this.#write(write)
    else this.#earlyMarks.push(write)
  }

  /** In the order in which it is asked for, each some time later. */
  #write(write: (kept: Kept) => void): void {
    const { clock, life, writeMs } = this.#options
    this.#unwritten.push(write)
    clock.in(writeMs(), life, () => this.#flush())
  }

  #flush(): void {
    for (const write of this.#unwritten.splice(0)) write(this.#options.kept)
  }
}
