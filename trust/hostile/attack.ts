/**
 * One hostile case against one server, with two honest people in the same document, and what became of everybody.
 */
import { randomInt } from 'node:crypto'
import * as Y from 'yjs'
import { join } from './bytes.ts'
import type { HostileCase, Outcome, Scene } from './case.ts'
import { HonestClient } from './honest-client.ts'
import { RawSocket } from './raw-socket.ts'
import { type Heard, sync, type Wire, type WireName } from './wires.ts'

export interface Target {
  readonly port: number
  /** Null for a dialect that the server does not speak. */
  readonly wire: (name: WireName) => Wire | null
  /** Whether it says what is saved. */
  readonly acknowledges: boolean
  /** Long enough for whatever comes at all. */
  readonly patienceMs: number
  isAlive(): boolean
}

export interface Verdict {
  readonly name: string
  readonly wire: WireName
  /** What the attacker saw; null when it saw nothing at all. */
  readonly outcome: Outcome | null
  /** What went wrong for others, or with an acknowledgement. Empty: nothing. */
  readonly harm: readonly Harm[]
}

export type Harm =
  | 'server died'
  | 'false acknowledgement'
  | 'honest edit lost'
  | 'fresh client did not sync'
  | 'client threw'
  | 'replicas differ'
  | 'presence forged'

const EMPTY_STATE_VECTOR = join(0)
const EMPTY_UPDATE = join(0, 0)

/** Which dialects a case is for. */
export function wiresOf(hostile: HostileCase): readonly WireName[] {
  if (hostile.kind === 'request') return ['y-websocket']
  return hostile.kind === 'update' ? ['y-websocket', 'hocuspocus', 'y-sweet'] : hostile.wires
}

/** Whether the outcome is what the manifest says. */
export function isExpected(hostile: HostileCase, { outcome }: Verdict): boolean {
  const expected: readonly (Outcome | null)[] =
    typeof hostile.outcome === 'string' ? [hostile.outcome] : hostile.outcome
  return expected.includes(outcome)
}

/** Null when the server does not speak the dialect. */
export async function attack(target: Target, hostile: HostileCase, name: WireName): Promise<Verdict | null> {
  const wire = target.wire(name)
  if (wire === null) return null
  const document = `hostile-${randomInt(2 ** 40)}`
  const people = { alice: await meet(target, wire, document, 'alice'), bob: await meet(target, wire, document, 'bob') }
  try {
    const { alice } = people
    // One letter that a case may delete.
    alice.type('.before ')
    await people.bob.until(() => people.bob.text === alice.text, target.patienceMs)
    const scene: Scene = {
      port: target.port,
      patienceMs: target.patienceMs,
      wire,
      document,
      attacker: 1_000_000 + randomInt(2 ** 28),
      victim: { client: alice.doc.clientID, clock: alice.text.length },
    }
    return await play(target, hostile, scene, people)
  } finally {
    for (const person of Object.values(people)) person.close()
  }
}

interface People {
  readonly alice: HonestClient
  readonly bob: HonestClient
}

function meet({ port, patienceMs }: Target, wire: Wire, document: string, name: string): Promise<HonestClient> {
  return HonestClient.join(port, wire, { document, name, patienceMs })
}

async function play(target: Target, hostile: HostileCase, scene: Scene, { alice, bob }: People): Promise<Verdict> {
  const { patienceMs } = target
  const socket = await RawSocket.open(target.port)
  const updates = hostile.kind === 'update' ? hostile.updates(scene) : []
  if (hostile.kind !== 'request') await getInStep(socket, scene)
  bob.type('during ')
  if (hostile.kind === 'update') {
    socket.send(...updates.map((update) => sync(scene.wire, scene.document, 2, update)))
    socket.send(...scene.wire.askSaved(scene.document, 7))
  } else await hostile.attack(socket, scene)
  await settle(socket, scene)
  alice.type('after ')
  // What is committed after the attack is shown after everything the attack could have been told.
  const areWhole = await Promise.all([alice, bob].map((client) => client.until(() => isWhole(client), patienceMs)))
  if (!target.isAlive()) return { name: hostile.name, wire: scene.wire.name, outcome: null, harm: ['server died'] }
  if (hostile.kind === 'update' && target.acknowledges) await untilAnswered(socket, hostile, scene)
  const fresh = await meet(target, scene.wire, scene.document, 'fresh')
  const isFreshWhole = await fresh.until(() => isWhole(fresh), patienceMs)
  const clients = [alice, bob, fresh]
  const isForged = await isPresenceForged(alice, [bob, fresh])
  const saved = savedFrames(socket, scene.wire)
  const harm: readonly (readonly [Harm, boolean])[] = [
    ['server died', !target.isAlive()],
    ['honest edit lost', areWhole.includes(false)],
    ['fresh client did not sync', !fresh.isSynced || !isFreshWhole],
    ['client threw', clients.some((client) => client.errors.length > 0 || !canBeEncoded(client.doc))],
    ['replicas differ', !(await doAgree(clients, patienceMs))],
    ['presence forged', isForged],
    ['false acknowledgement', updates.slice(0, saved).some((update) => !holds(fresh.doc, update))],
  ]
  const outcome = outcomeOf(socket, scene, hostile.kind === 'update' ? saved : null)
  socket.destroy()
  fresh.close()
  return { name: hostile.name, wire: scene.wire.name, outcome, harm: harm.flatMap(([what, is]) => (is ? [what] : [])) }
}

/** The attacker begins as everybody does. */
async function getInStep(socket: RawSocket, { wire, document, patienceMs }: Scene): Promise<void> {
  socket.upgrade(wire.path(encodeURIComponent(document)))
  await socket.until(() => socket.isUpgraded, patienceMs)
  socket.send(...wire.greeting(document), sync(wire, document, 0, EMPTY_STATE_VECTOR))
  await socket.until(() => heard(socket, wire, 'step2') > 0, patienceMs)
  socket.send(sync(wire, document, 1, EMPTY_UPDATE))
}

/** Until the server has dealt with what was sent: it answers one more question, or has ended the connection. */
async function settle(socket: RawSocket, { wire, document, patienceMs }: Scene): Promise<void> {
  await socket.until(() => socket.isUpgraded, patienceMs)
  if (socket.ending !== null) return
  const { question, answer } = wire.probe(document)
  const answers = heard(socket, wire, answer)
  socket.send(question)
  await socket.until(
    () => heard(socket, wire, answer) > answers || denialOf(socket, wire, document) !== null,
    patienceMs,
  )
}

/** An update that is costly to try out is answered later than what comes after it. One that is held is never answered. */
async function untilAnswered(
  socket: RawSocket,
  { outcome }: HostileCase,
  { wire, document, patienceMs }: Scene,
): Promise<void> {
  if (outcome === 'held') return
  await socket.until(
    () => socket.ending !== null || savedFrames(socket, wire) > 0 || denialOf(socket, wire, document) !== null,
    patienceMs,
  )
}

function heard(socket: RawSocket, wire: Wire, type: Heard['type']): number {
  return socket.messages.filter((message) => wire.read(message).type === type).length
}

/** Why the attacker's document was denied to it; null when it was not. */
function denialOf(socket: RawSocket, wire: Wire, document: string): string | null {
  const said = socket.messages.map((message) => wire.read(message))
  const denied = said.find((one) => one.type === 'denied' && one.key === document)
  return denied?.type === 'denied' ? denied.reason : null
}

/** How many of the attacker's frames it was told are saved, its first step 2 left out. */
function savedFrames(socket: RawSocket, wire: Wire): number {
  let count = wire.name === 'y-sweet' ? 0 : -1
  let total = 0
  for (const message of socket.messages) {
    const said = wire.read(message)
    if (said.type !== 'saved') continue
    if (said.isTotal) total = said.frames - 1
    // y-sweet's client asks once, about everything.
    else count += wire.name === 'y-sweet' ? Number.POSITIVE_INFINITY : said.frames
  }
  return Math.max(0, count, total)
}

function outcomeOf(socket: RawSocket, { wire, document }: Scene, saved: number | null): Outcome | null {
  const { ending } = socket
  if (ending?.type === 'status') return `status ${ending.status}`
  if (ending?.type === 'closed') {
    if (saved === null) return `closed ${ending.code}`
    if (ending.code === 4400) return 'refused'
    return ending.code === 4403 ? 'forbidden' : `closed ${ending.code}`
  }
  const reason = denialOf(socket, wire, document)
  if (reason !== null) {
    if (saved === null) return 'denied'
    return reason === 'permission-denied' ? 'forbidden' : 'refused'
  }
  if (ending?.type === 'ended') return 'ended'
  if (saved === null) return heard(socket, wire, 'step2') > 0 ? 'open' : null
  return saved > 0 ? 'taken' : 'held'
}

/** Everything that the honest people type is there. */
function isWhole({ text }: HonestClient): boolean {
  return ['before', 'during', 'after'].every((word) => text.includes(word))
}

function stateOf({ doc }: HonestClient): string {
  return Buffer.from(Y.encodeSnapshot(Y.snapshot(doc))).toString('base64')
}

function canBeEncoded(doc: Y.Doc): boolean {
  try {
    Y.encodeStateAsUpdate(doc)
    return true
  } catch {
    // Whoever has this document can show it to nobody any more.
    return false
  }
}

function holds(doc: Y.Doc, update: Uint8Array): boolean {
  try {
    return Y.snapshotContainsUpdate(Y.snapshot(doc), update)
  } catch {
    // What is no update is in no document.
    return false
  }
}

async function doAgree([first, ...others]: readonly HonestClient[], patienceMs: number): Promise<boolean> {
  if (first === undefined) return true
  const agree = await Promise.all(
    others.map((other) =>
      other.until(() => stateOf(other) === stateOf(first) && other.text === first.text, patienceMs),
    ),
  )
  return agree.every(Boolean)
}

async function isPresenceForged(alice: HonestClient, others: readonly HonestClient[]): Promise<boolean> {
  const seen = await Promise.all(
    others.map((other) => other.until(() => other.nameOf(alice.doc.clientID) === 'alice', 2_000)),
  )
  return seen.includes(false)
}
