import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { compact } from '../../server/compute/compact.ts'
import { inspect } from '../../server/compute/inspect.ts'
import { rootsOf } from '../../server/compute/type-content.ts'
import { LocalOperator } from '../../server/core/operator.ts'
import type { Compute } from '../../server/ports/compute.ts'
import { CloseCode } from '../../shared/close-codes.ts'
import { collectUpdate } from '../../shared/update/collect.ts'
import { foldUpdates } from '../../shared/update/fold.ts'
import { packUpdates } from '../../shared/update/pack.ts'
import { below, documentOf, randomFrom, randomSession } from '../../trust/fuzz/update-documents.ts'
import {
  any,
  ANY,
  block,
  deletes,
  item,
  letters,
  structs,
  type as typeOf,
  TYPES,
  update as updateOf,
} from '../../trust/hostile/structs.ts'
import { eventually } from '../support/eventually.ts'
import { insideLeft, slowInserts, victimsText } from '../support/hostile-updates.ts'
import { emptyAuditStore, memoryAudit } from '../support/links.ts'
import { bodies, read, step1, update } from '../support/messages.ts'
import { openRooms, type RoomsBench } from '../support/rooms.ts'

const TEXT = 't'
/** Who wrote the text that others write into. */
const VICTIM = 5

interface PoisonedBench extends RoomsBench {
  readonly operator: LocalOperator
}

/** A document of three updates, the second of which cannot be folded; nobody is there. */
async function poisoned(): Promise<PoisonedBench> {
  let compute: Compute | null = null
  const bench = await openRooms({}, (made) => (compute = made))
  if (compute === null) throw new Error('There is a compute thread.')
  const operator = new LocalOperator(
    { ...bench, compute, trail: memoryAudit(), auditStore: emptyAuditStore },
    { timelinePauseMs: 0 },
  )
  const [ann, mallory] = [await bench.join('ann'), await bench.join('mallory')]
  ann.session.receive(update(victimsText(10)))
  await bench.store.release()
  mallory.session.receive(update(insideLeft(7)))
  await bench.store.release()
  ann.session.receive(update(appended(victimsText(10), 'after')))
  await bench.store.release()
  mallory.session.left()
  ann.session.left()
  await eventually(async () => expect((await bench.store.quarantined()).length).toBe(1))
  return { ...bench, operator }
}

function appended(to: Uint8Array, text: string): Uint8Array {
  const document = documentOf([to])
  const before = Y.encodeStateVector(document)
  document.getText(TEXT).insert(document.getText(TEXT).length, text)
  return Y.encodeStateAsUpdate(document, before)
}

async function shownTo({ join }: RoomsBench): Promise<string> {
  const { session, connection } = await join('reader')
  session.receive(step1(new Uint8Array([0])))
  const document = new Y.Doc()
  await eventually(() => {
    const [answer] = bodies(connection.take(), 'step2')
    expect(answer).toBeDefined()
    Y.applyUpdate(document, answer ?? new Uint8Array())
  })
  return document.getText(TEXT).toString()
}

describe('a document that cannot be folded', () => {
  test('[QU1] is served as it was before the update at fault, and the log names both seqs', async () => {
    const bench = await poisoned()
    expect(await shownTo(bench)).toBe('x'.repeat(10))
    expect(bench.log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields)).toContainEqual(
      expect.objectContaining({ document: 'plan', goodSeq: 1, badSeqs: [2], code: 'malformed-update' }),
    )
  })

  test('[QU2] is read-only: writers are refused, other documents go on', async () => {
    const bench = await poisoned()
    const { session, connection } = await bench.join('ann')
    session.receive(update(appended(victimsText(10), 'more')))
    const heard = connection.take().map(read)
    expect(heard).toContainEqual({ type: 'refused', frame: 1, reason: 'quarantined' })
    const notice = { role: 'viewer', expiresInMs: null, why: 'quarantined' }
    expect(heard.filter(({ type }) => type === 'access')).toEqual([{ type: 'access', notice }])
    expect(connection.closed).toBeNull()
    await expect(bench.rooms.write(bench.document, victimsText(20), { user: '', name: '' })).rejects.toMatchObject({
      code: 'quarantined',
    })
  })

  test('[QU3] sends away who has it open, to come back to what is good', async () => {
    const bench = await openRooms({ compactAfterBytes: 60 })
    const ann = await bench.join('ann')
    ann.session.receive(update(victimsText(10)))
    await bench.store.release()
    ann.session.receive(update(insideLeft(7)))
    ann.session.receive(update(victimsText(60)))
    await bench.store.release()
    await eventually(() => expect(ann.connection.closed).toEqual({ code: CloseCode.restarting, reason: 'reopened' }))
    expect(await shownTo(bench)).toBe('x'.repeat(10))
  })

  test('[QU4] is whole again without the update at fault once that is dropped; who has it comes back and lets go of it', async () => {
    const bench = await poisoned()
    const look = { action: 'look', seqs: null, by: 'Olga' } as const
    expect(await bench.operator.repair(bench.document, look)).toMatchObject({
      head: 3,
      servedSeq: 1,
      updates: [{ seq: 2, user: 'mallory' }],
    })
    expect((await bench.store.quarantined()).length).toBe(1)
    const reader = await bench.join('reader')
    await bench.operator.repair(bench.document, { ...look, action: 'drop' })
    expect(reader.connection.closed).toEqual({ code: CloseCode.restarting, reason: 'reopened' })
    expect(await bench.store.quarantined()).toEqual([])
    expect(await shownTo(bench)).toBe(`${'x'.repeat(10)}after`)
    const room = await bench.rooms.load(bench.document)
    expect(room.head).toBe(3)
    const [answer] = room.answerWithoutStructs(Y.decodeStateVector(room.stateVector())) ?? []
    expect(Y.decodeUpdate(answer ?? new Uint8Array([0, 0])).ds.clients.get(7)).toEqual([
      expect.objectContaining({ clock: 0, len: 1 }),
    ])
    const { updates } = await bench.operator.repair(bench.document, look)
    expect(updates).toEqual([])
  })

  test('[QU5] is served whole when an operator keeps it, and never comes into quarantine again', async () => {
    const bench = await poisoned()
    await bench.operator.repair(bench.document, { action: 'keep', seqs: null, by: 'Olga' })
    const { session } = await bench.join('ann')
    expect((await bench.rooms.load(bench.document)).head).toBe(3)
    session.left()
    await eventually(() =>
      expect(bench.log.lines.filter(({ event }) => event === 'document could not be compacted').length).toBe(2),
    )
    expect(await bench.store.quarantined()).toEqual([])
  })

  test('[QU6] is a problem that `verify` reports', async () => {
    const bench = await poisoned()
    const { problems } = await bench.operator.verify()
    expect(problems).toEqual([{ document: 'plan', problem: expect.stringContaining('served up to seq 1') as string }])
  })
})

describe('[QU8] looking for the updates at fault', () => {
  test('finds the slowest of many that are slow together, and no others', () => {
    const sizes = Array.from({ length: 20 }, (_, at) => (at === 5 ? 240 : 10))
    const inserts = sizes.map((size, at) => slowInserts(100 + at * 240, size, 20_000))
    const found = inspect({ snapshot: [victimsText(20_000)], tail: packUpdates(inserts) }, 50_000)
    expect(found).toMatchObject({ bad: [5], code: 'update-too-costly' })
  })

  test.each([1, 2, 3, 4])('finds none in what honest clients send (seed %i)', (seed) => {
    const { log } = randomSession(randomFrom(seed), 200)
    expect(inspect({ snapshot: [], tail: packUpdates(log) })).toEqual({ bad: [], code: '', message: '' })
  })
})

/** The client of the update has four letters of the text from 1 on, and its clocks 5 and 6 in a map. */
function inAnotherType(): Uint8Array {
  return structs(
    15_228,
    item(letters('.'), { parent: 'other' }),
    item(letters('שלום'), { parent: 'body' }),
    item(typeOf(TYPES.map), { parent: 'meta', key: 'schema' }),
    item(any(ANY.true), { parent: [15_228, 5], key: 'x' }),
  )
}

/** What a list goes through in which something is restored around something new. */
function undone(): readonly Uint8Array[] {
  const document = new Y.Doc()
  const log: Uint8Array[] = []
  document.on('update', (bytes: Uint8Array) => log.push(bytes))
  const root = document.getArray<Y.Array<string>>('list')
  const undo = new Y.UndoManager(root, { captureTimeout: 0 })
  root.insert(0, [Y.Array.from(['1', '2', '3'])])
  root.get(0).delete(1)
  root.delete(0)
  undo.undo()
  document.transact(() => root.get(0).insert(1, ['new']), 'somebody else')
  // What comes back names the first and the third as neighbours; its author had the new one between them.
  undo.undo()
  expect(root.toJSON()).toEqual([['1', '2', 'new', '3']])
  return log
}

function typedAbc(): Uint8Array {
  return structs(3, item(letters('abc'), { parent: 'body' }))
}

describe('[QU10] an update that is not the same to everybody', () => {
  const before = structs(VICTIM, item(letters('ABCD'), { parent: TEXT }))
  // Its right neighbour stands before its left one, so where it goes depends on what is there already.
  const crossed = structs(3, item(letters('x'), { left: [VICTIM, 2], right: [VICTIM, 1] }))
  const meanwhile = structs(2, item(letters('m'), { left: [VICTIM, 0], right: [VICTIM, 1] }))
  const shown = (...updates: readonly Uint8Array[]): string => documentOf(updates).getText(TEXT).toString()

  test.each([
    ['first', [crossed, meanwhile], 0],
    ['second', [meanwhile, crossed], 1],
  ] as const)('is found whether it came %s', (_when, tail, place) => {
    expect(shown(before, crossed, meanwhile)).not.toBe(shown(before, meanwhile, crossed))
    const content = { snapshot: [before], tail: packUpdates(tail) }
    expect(inspect(content)).toMatchObject({ bad: [place], code: 'malformed-update' })
    expect(() => compact(content, 1_000)).toThrow(expect.objectContaining({ code: 'malformed-update' }))
  })

  // The document has the beginning of each: of the one in another type, of the other with its right neighbour in it.
  test.each([
    ['another type', Buffer.from('0101fc7605c4fc7601fc760205776f72642000', 'hex'), inAnotherType()],
    ['its right neighbour', updateOf([block(3, 2, item(letters('cx'), { left: [3, 0], right: [3, 1] }))]), typedAbc()],
  ])('is found where it goes on in %s', (_where, goingOn, begun) => {
    const arrived = documentOf([begun, goingOn])
    const newcomer = documentOf([Y.encodeStateAsUpdate(arrived)])
    expect([...rootsOf(newcomer)]).not.toEqual([...rootsOf(arrived)])
    for (const [place, tail] of [
      [goingOn, meanwhile],
      [meanwhile, goingOn],
    ].entries()) {
      const content = { snapshot: [before, begun], tail: packUpdates(tail) }
      expect(inspect(content)).toMatchObject({ bad: [place], code: 'malformed-update' })
      expect(() => compact(content, 1_000)).toThrow(expect.objectContaining({ code: 'malformed-update' }))
    }
  })

  test('is not what somebody sends again, longer and after others wrote into it', () => {
    const long = updateOf([block(3, 0, item(letters('abcd'), { left: [VICTIM, 1], right: [VICTIM, 2] }))])
    const short = updateOf([block(3, 0, item(letters('ab'), { left: [VICTIM, 1], right: [VICTIM, 2] }))])
    const into = structs(2, item(letters('m'), { left: [3, 1], right: [VICTIM, 2] }))
    const tail = [short, into, long, structs(4, item(letters('n'), { left: [3, 0], right: [3, 1] }))]
    expect(inspect({ snapshot: [before], tail: packUpdates(tail) }).bad).toEqual([])
  })

  test('is not what undoing makes of a type that was restored around something new', () => {
    expect(inspect({ snapshot: [], tail: packUpdates(undone()) }).bad).toEqual([])
  })

  test.each([
    ['first', [crossed, meanwhile], 0],
    ['second', [meanwhile, crossed], 1],
  ] as const)('is told from such undoing where it came %s', (_when, tail, place) => {
    const others = undone()
    const content = { snapshot: [before], tail: packUpdates([...others, ...tail]) }
    expect(inspect(content).bad).toEqual([others.length + place])
  })
})

test.each([1, 2, 3, 4, 5, 6])('[QU9] any updates can be dropped and the rest still be applied (seed %i)', (seed) => {
  const random = randomFrom(seed)
  const { log } = randomSession(random, 150)
  const left = log.map((bytes) => (below(random, 4) === 0 ? collectUpdate(bytes) : bytes))
  const document = documentOf(foldUpdates(left, new Map()))
  expect(document.store.pendingStructs).toBeNull()
  expect(document.store.pendingDs).toBeNull()
  expect(Y.encodeStateVector(document)).toEqual(Y.encodeStateVector(documentOf(log)))
})

test('[QU9] an update that is dropped still deletes what it deleted', () => {
  const written = structs(VICTIM, item(letters('ABCD'), { parent: TEXT }))
  const replaced = updateOf([block(3, 0, item(letters('x'), { left: [VICTIM, 0] }))], [deletes(VICTIM, [[1, 2]])])
  expect(
    documentOf([written, collectUpdate(replaced)])
      .getText(TEXT)
      .toString(),
  ).toBe('AD')
})
