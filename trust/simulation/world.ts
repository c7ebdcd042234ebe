/**
 * People, a network, a server and its disk, all of them simulated, and what has to be true of them whatever happens:
 * nobody is shown, or told is saved, what is not on the disk; in the end all have the same, and so has the disk, and nothing
 * that anybody counts on is missing.
 */
import { isDeepStrictEqual } from 'node:util'
import * as Y from 'yjs'
import type { CoreOptions } from '../../server/core/options.ts'
import { MessageType, SyncType } from '../../shared/protocol.ts'
import { ByteReader } from '../../shared/update/reader.ts'
import { below, randomFrom } from '../fuzz/update-documents.ts'
import { repeatedIn } from '../repeated.ts'
import type { VirtualClock } from './clock.ts'
import { Disk } from './disk.ts'
import type { DiskWeather } from './disk-store.ts'
import { Cable } from './network.ts'
import type { Outcome } from './orders.ts'
import type { Dial } from './page-socket.ts'
import { Person, type Referee } from './person.ts'
import { SimulatedServer } from './simulated-server.ts'
import { Trace } from './trace.ts'

export interface WorldOptions {
  readonly clock: VirtualClock
  readonly seed: number
  readonly documents: number
  readonly people: number
  readonly core: Partial<CoreOptions>
  readonly computeWorstMs: number
  readonly distributeAfter: number
}

/** How long everybody may take to be in step once everything works: a lost connection is found after 40 s. */
const HEALING_MS = 300_000

const LOOK_EVERY_MS = 500

/** What a usual disk takes for anything, at most. */
export const USUAL_DISK_MS = 3

export class World {
  readonly clock: VirtualClock
  readonly random: () => number
  readonly people: readonly Person[]
  readonly server: SimulatedServer
  readonly weather: DiskWeather
  readonly #options: WorldOptions
  readonly #referee: Referee
  readonly #disk: Disk
  readonly #trace = new Trace()
  readonly #offline = new Set<string>()
  #cables: { readonly cable: Cable; readonly person: string }[] = []
  #violation: string | null = null

  constructor(options: WorldOptions) {
    const { clock, seed, core, computeWorstMs, distributeAfter } = options
    this.#options = options
    this.clock = clock
    this.random = randomFrom(seed)
    this.#disk = new Disk(this.random)
    this.weather = { trouble: null, isUnreadable: false, worstMs: USUAL_DISK_MS }
    this.server = new SimulatedServer({
      clock,
      random: this.random,
      disk: this.#disk,
      weather: this.weather,
      core,
      chunkBytes: 1_024,
      computeWorstMs,
      distributeAfter,
      watch: (document, message) => this.#watch(document, message),
      complain: (what) => this.violated(what),
    })
    this.#referee = {
      keeps: (document, update) => this.#disk.keeps(document, update),
      implies: (document, update) => this.#disk.implies(document, update),
      violated: (what) => this.violated(what),
    }
    this.people = Array.from({ length: options.people }, (_, index) => this.#newPerson(index))
  }

  get isOver(): boolean {
    return this.#violation !== null
  }

  violated(what: string): void {
    this.#violation ??= `${what} (at ${(this.clock.nowMs / 1000) % 100_000} s)`
  }

  /** Lets `ms` go by. */
  async pass(ms: number): Promise<void> {
    try {
      await this.clock.pass(ms, () => this.isOver)
    } catch (thrown) {
      this.violated(`something threw: ${thrown instanceof Error ? (thrown.stack ?? '') : String(thrown)}`)
    }
  }

  /** Cuts what connects `person`, or everybody. */
  cut(person: Person | null): void {
    const isSilent = this.random() < 0.3
    for (const cable of this.#cablesOf(person)) cable.cut({ isSilent, seenInMs: () => this.random() * 2_000 })
  }

  /** Nothing gets through to `person`, or anybody, for `ms`. */
  stall(person: Person | null, ms: number): void {
    for (const cable of this.#cablesOf(person)) cable.stall(ms)
  }

  /** Whether new connections of a person can be made. */
  setOnline({ name }: Person, isOnline: boolean): void {
    if (isOnline) this.#offline.delete(name)
    else this.#offline.add(name)
  }

  /** The power of the server goes, and comes back after `ms`. */
  crash(ms: number): void {
    if (!this.server.isUp) return
    this.server.crash()
    this.cut(null)
    this.clock.in(ms, null, () => this.server.start())
  }

  /** The power goes while the disk is at work, some writes from now, and comes back after `ms`. */
  crashAtWork(ms: number): void {
    let writes = below(this.random, 6)
    this.#disk.onWrite = () => {
      if (writes-- > 0) return
      this.#disk.onWrite = () => undefined
      this.clock.in(this.random() * USUAL_DISK_MS, null, () => this.crash(ms))
    }
  }

  /** The server is stopped as it should be, and started again. */
  restart(): void {
    this.server.stop(() => {
      this.cut(null)
      this.clock.in(100, null, () => this.server.start())
    })
  }

  /** Ends all trouble and looks at what is left. */
  async heal(): Promise<Outcome> {
    Object.assign(this.weather, { trouble: null, isUnreadable: false, worstMs: USUAL_DISK_MS })
    for (const person of this.people) {
      this.setOnline(person, true)
      person.open()
    }
    if (!this.server.isUp) this.server.start()
    await this.pass(1)
    for (const person of this.people) person.connect()
    const late = this.people.map(({ document }) => document).filter((name, at, all) => all.indexOf(name) === at)
    const everybody = [...this.people, ...late.map((_, index) => this.#newPerson(index, 'late '))]
    await this.#settle(this.people)
    for (const person of everybody) person.open()
    await this.#settle(everybody)
    if (!this.isOver) this.#look(everybody)
    const changes = this.people.reduce((sum, person) => sum + person.changes, 0)
    for (const person of everybody) person.close()
    await this.pass(1)
    const { seed } = this.#options
    return { seed, violation: this.#violation, hash: this.#trace.hash, changes, visits: 0 }
  }

  /** Until everybody is in step and has the same, connections that only seem to stand found out and all. */
  async #settle(people: readonly Person[]): Promise<void> {
    for (let waitedMs = 0; waitedMs < HEALING_MS && !this.isOver; waitedMs += LOOK_EVERY_MS) {
      await this.pass(LOOK_EVERY_MS)
      if (people.every((person) => person.isSettled && this.#hasAll(person))) return
    }
    for (const person of people) {
      if (!person.isSettled) this.violated(`${person.name} is never in step again: ${person.stateText}`)
      if (!this.#hasAll(person)) this.violated(`${person.name} never has what is stored: ${person.stateText}`)
    }
  }

  /** Whether a person has what is stored. */
  #hasAll({ doc, document }: Person): boolean {
    return doc !== null && isDeepStrictEqual(contentOf(doc), contentOf(this.#disk.documentOf(document)))
  }

  #look(people: readonly Person[]): void {
    for (const { name, lost } of people) if (lost > 0) this.violated(`${lost} changes of ${name} are lost`)
    for (const document of new Set(people.map((person) => person.document))) {
      const log = this.#logOf(document)
      const stored = new Y.Doc()
      for (const update of log) Y.applyUpdate(stored, update)
      if (!isDeepStrictEqual(contentOf(stored), contentOf(this.#disk.documentOf(document)))) {
        this.violated(`the log of ${document} is not what was flushed`)
      }
      const repeated = repeatedIn(log)
      if (repeated > 0) this.violated(`${repeated} updates are stored twice`)
    }
  }

  /** Every update on the disk, in the order of the log. */
  #logOf(document: string): readonly Uint8Array[] {
    const { log, journal } = this.#disk.content
    const rows = new Map<number, Uint8Array>(log.get(document) ?? [])
    for (const { document: name, seq, bytes } of [...journal.values()].flat()) {
      if (name === document) rows.set(seq, bytes)
    }
    return [...rows.keys()].sort((a, b) => a - b).map((seq) => rows.get(seq) ?? new Uint8Array())
  }

  #newPerson(index: number, prefix = ''): Person {
    const name = `${prefix}person ${index}`
    return new Person({
      name,
      clock: this.clock,
      random: this.random,
      document: `plan-${index % this.#options.documents}`,
      referee: this.#referee,
      dial: this.#dialFor(name),
      hasCopy: prefix === '' && this.random() < 0.7,
    })
  }

  #dialFor(person: string): Dial {
    const { clock, random } = this
    return (url, { life, listener }) => {
      const serverLife = this.server.life
      const isOffline = this.#offline.has(person)
      if (serverLife === null || (isOffline && random() < 0.5)) return null
      const trace = (message: Uint8Array): void => this.#trace.add(clock.nowMs, message)
      const cable = new Cable({ clock, random, trace }, { page: life, server: serverLife }, listener)
      this.#cables.push({ cable, person })
      // Some networks say that they are none, and some just do not answer.
      if (isOffline) cable.cut({ isSilent: false, seenInMs: () => random() * 40_000 })
      else clock.in(1 + random() * 100, serverLife, () => this.server.accept(url, cable))
      return cable
    }
  }

  #cablesOf(person: Person | null): readonly Cable[] {
    this.#cables = this.#cables.filter(({ cable }) => cable.isOpen)
    return this.#cables.filter(({ person: name }) => person === null || name === person.name).map(({ cable }) => cable)
  }

  /** Nobody is shown what is not on the disk. */
  #watch(document: string, message: Uint8Array): void {
    const reader = new ByteReader()
    reader.open(message)
    if (reader.varUint() !== MessageType.sync || reader.varUint() === SyncType.step1) return
    const length = reader.skipBytes()
    const update = message.subarray(reader.position - length, reader.position)
    if (!this.#disk.implies(document, update)) this.violated('somebody is shown what is not on the disk')
  }
}

function contentOf(doc: Y.Doc): unknown {
  return { text: doc.getText('body').toDelta(), meta: doc.getMap('meta').toJSON() }
}
