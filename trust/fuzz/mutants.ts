/**
 * Damaged updates as a server meets them: some it refuses, the rest is taken into a document in which somebody else
 * types at the same time. Whatever is taken has to do the same to everybody.
 */
import { isDeepStrictEqual } from 'node:util'
import * as Y from 'yjs'
import { SyncError } from '../../shared/errors.ts'
import { inspect } from '../../server/compute/inspect.ts'
import { Coverage } from '../../shared/update/coverage.ts'
import { packUpdates } from '../../shared/update/pack.ts'
import { UpdateShape, walkUpdate } from '../../shared/update/walk.ts'
import { mutate } from './mutate.ts'
import { contentOf, documentOf, editRandomly, isWaiting, pick, randomFrom, randomSession } from './update-documents.ts'

/** What became of many updates. */
export interface FuzzCount {
  mutants: number
  /** Damaged updates that are still updates. */
  taken: number
  /** The decoder threw something else than its refusal, or Yjs threw on what was taken. */
  throws: number
  /** Documents that differ although they hold the same, or that wait for what nobody has. */
  divergences: number
  /** Updates that differ in the same way, and are found at fault when their document is folded. */
  found: number
  honest: number
  /** Honest updates that were refused. */
  rejects: number
}

/** How a decoder is asked; something weaker stands in as the control. */
export type Decode = (update: Uint8Array, shape: UpdateShape) => void

const MUTANTS_PER_SESSION = 250
const EDITS = 24
/** What the attacker may type next, each of several edits. */
const NEXT_EDITS = 12
const EDITS_AT_ONCE = 3

export function emptyCount(): FuzzCount {
  return { mutants: 0, taken: 0, throws: 0, divergences: 0, found: 0, honest: 0, rejects: 0 }
}

/** Adds one session's worth of honest and damaged updates to `count`; `tell` gets whatever went wrong. */
export function fuzzSession(
  seed: number,
  count: FuzzCount,
  tell: (problem: string) => void,
  decode: Decode = walkUpdate,
): void {
  const random = randomFrom(seed)
  const { log, documents } = randomSession(random, EDITS)
  const shape = new UpdateShape()
  const cut = 1 + Math.floor(random() * (log.length - 1))
  const coverage = Coverage.empty()
  for (const [at, update] of log.entries()) {
    if (at === cut) break
    coverage.add(walked(update, shape))
  }
  count.honest += log.length
  count.rejects += rejectsOf(log, shape, tell)
  const attacker = pick(random, documents).clientID
  const others = new Set(documents.map(({ clientID }) => clientID).filter((client) => client !== attacker))
  const scene: Scene = {
    before: Y.encodeStateAsUpdate(documentOf(log.slice(0, cut))),
    meanwhile: log.slice(cut).find((update) => isBy(others, walked(update, shape), coverage)) ?? Uint8Array.of(0, 0),
  }
  // Mostly what the attacker could have typed next, so that what is left of it is new.
  const originals = [...log, ...Array.from({ length: NEXT_EDITS }, () => nextEdit(scene.before, random))]
  const recent = originals.slice(log.length)
  for (let at = 0; at < MUTANTS_PER_SESSION; at++) {
    const mutant = mutate(random, random() < 0.8 ? recent : originals)
    count.mutants++
    const where = (): string => `seed ${seed}, mutant ${at}: ${Buffer.from(mutant).toString('hex')}`
    try {
      decode(mutant, shape)
    } catch (thrown) {
      if (thrown instanceof SyncError && thrown.code === 'malformed-update') continue
      count.throws++
      tell(`${where()} made the decoder throw ${String(thrown)}`)
      continue
    }
    // What is under the client id of somebody else is refused for that; what is known is not taken.
    if (coverage.relation(shape) !== 'new' || isByAny(others, shape, coverage)) continue
    count.taken++
    const fault = faultOf(scene, mutant)
    if (fault === null) continue
    count[fault.kind]++
    if (fault.kind !== 'found') tell(`${where()} ${fault.what}`)
  }
}

/** What somebody with the document might type, as one update. */
function nextEdit(before: Uint8Array, random: () => number): Uint8Array {
  const document = documentOf([before])
  document.clientID = 2 ** 31 + Math.floor(random() * 2 ** 20)
  document.transact(() => {
    for (let edit = 0; edit < EDITS_AT_ONCE; edit++) editRandomly(document, random)
  })
  return Y.encodeStateAsUpdate(document, Y.encodeStateVectorFromUpdate(before))
}

interface Scene {
  /** The document as everybody has it. */
  readonly before: Uint8Array
  /** What somebody typed before the damaged update reached them. */
  readonly meanwhile: Uint8Array
}

interface Fault {
  readonly kind: 'throws' | 'divergences' | 'found'
  readonly what: string
}

function faultOf({ before, meanwhile }: Scene, mutant: Uint8Array): Fault | null {
  try {
    const reader = documentOf([before, mutant, meanwhile])
    const typist = documentOf([before, meanwhile, mutant])
    if (isWaiting(reader) || isWaiting(typist)) return { kind: 'divergences', what: 'waits for what nobody has' }
    const late = documentOf([Y.encodeStateAsUpdate(reader)])
    if (areSame(reader, typist) && areSame(reader, late)) return null
    const isFound =
      isFoundAt(0, { before, tail: [mutant, meanwhile] }) && isFoundAt(1, { before, tail: [meanwhile, mutant] })
    return isFound
      ? { kind: 'found', what: 'is found when the document is folded' }
      : { kind: 'divergences', what: 'is not the same to everybody' }
  } catch (thrown) {
    return { kind: 'throws', what: `makes Yjs throw ${String(thrown)}` }
  }
}

/** Whether folding blames the update at `place`, and no other. */
function isFoundAt(
  place: number,
  { before, tail }: { readonly before: Uint8Array; readonly tail: readonly Uint8Array[] },
): boolean {
  return isDeepStrictEqual(inspect({ snapshot: [before], tail: packUpdates(tail) }).bad, [place])
}

/** The same structs and the same content. Which superfluous formats are deleted depends on the order, honest or not. */
function areSame(left: Y.Doc, right: Y.Doc): boolean {
  return isDeepStrictEqual([Y.encodeStateVector(left), plainOf(left)], [Y.encodeStateVector(right), plainOf(right)])
}

/** Types within text are themselves only once they are JSON. */
function plainOf(document: Y.Doc): unknown {
  return JSON.parse(
    JSON.stringify(contentOf(document), (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  )
}

function rejectsOf(log: readonly Uint8Array[], shape: UpdateShape, tell: (problem: string) => void): number {
  const coverage = Coverage.empty()
  let rejects = 0
  for (const update of log) {
    try {
      if (coverage.relation(walked(update, shape)) === 'gap') throw new Error('It is a gap.')
      coverage.add(shape)
    } catch (thrown) {
      rejects++
      tell(`an honest update was refused: ${String(thrown)}`)
    }
  }
  const { bad, message } = inspect({ snapshot: [], tail: packUpdates(log) })
  if (bad.length > 0) tell(`honest updates were found at fault: ${message}`)
  return rejects + bad.length
}

function walked(update: Uint8Array, shape: UpdateShape): UpdateShape {
  walkUpdate(update, shape)
  return shape
}

/** Whether everything new in the update is by `clients`, and it has anything new. */
function isBy(clients: ReadonlySet<number>, shape: UpdateShape, coverage: Coverage): boolean {
  const authors = newAuthors(shape, coverage)
  return coverage.relation(shape) === 'new' && authors.length > 0 && authors.every((author) => clients.has(author))
}

function isByAny(clients: ReadonlySet<number>, shape: UpdateShape, coverage: Coverage): boolean {
  return newAuthors(shape, coverage).some((author) => clients.has(author))
}

function newAuthors({ blocks, blockCount }: UpdateShape, coverage: Coverage): readonly number[] {
  return Array.from({ length: blockCount }, (_, block) => block * 3)
    .filter((at) => (blocks[at + 2] ?? 0) > coverage.clockOf(blocks[at] ?? 0))
    .map((at) => blocks[at] ?? 0)
}
