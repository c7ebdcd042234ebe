/** A document that is as large as it may be: read as ever, written only to make it smaller. */
import { describe, expect, onTestFinished, test } from 'vitest'
import * as Y from 'yjs'
import { openWorkshop } from '../../server/app.ts'
import { defaultOptions } from '../../server/config.ts'
import { yWebsocket } from '../../server/dialects/y-websocket.ts'
import type { Dialect } from '../../server/ports/dialect.ts'
import type { Compute } from '../../server/ports/compute.ts'
import { SyncError } from '../../shared/errors.ts'
import { parseDocumentId } from '../../shared/ids.ts'
import type { Problem } from '../../shared/rest.ts'
import { editor, enter, hears, refused, said } from '../support/entered.ts'
import { eventually } from '../support/eventually.ts'
import { bodies, step2, update } from '../support/messages.ts'
import { quietLog } from '../support/quiet-log.ts'
import { openRooms } from '../support/rooms.ts'
import { runServer } from '../support/running-server.ts'

const TOKENS = { first: editor }
const AUTHOR = { user: 'ann', name: 'Ann' }

/** The updates that `edits` make, one each, in one document. */
function updatesOf(...edits: readonly ((text: Y.Text) => void)[]): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (bytes: Uint8Array) => void updates.push(bytes))
  for (const edit of edits) edit(doc.getText('t'))
  return updates
}

const add = (words: string) => (text: Y.Text) => text.insert(text.length, words)
const cut = (from: number, length: number) => (text: Y.Text) => text.delete(from, length)

/** Somebody in a document that takes one update, of any size, and with it is full. */
async function enterSmall(dialect?: Dialect) {
  const bench = await openRooms({ maxDocumentBytes: 1 })
  const joined = await enter(bench, TOKENS, dialect)
  const fillWith = async (bytes: Uint8Array): Promise<void> => {
    joined.session.receive(update(bytes))
    await bench.store.release()
    await hears(joined)
  }
  return { ...bench, joined, fillWith }
}

describe('[LM16] a full document', () => {
  test('refuses what adds to it by its number, asks for nothing, and goes on', async () => {
    const { joined, store, fillWith } = await enterSmall()
    const [first = EMPTY, ...more] = updatesOf(add('a'), add('b'), add('c'))
    await fillWith(first)
    for (const bytes of more) joined.session.receive(update(bytes))
    expect(said(joined)).toEqual([
      refused(3, 'document-full'),
      { type: 'saved', frames: 3, seq: 1 },
      refused(4, 'document-full'),
      { type: 'saved', frames: 4, seq: 1 },
    ])
    expect(store.held).toEqual([])
    expect(joined.connection.closed).toBeNull()
  })

  test('is full before its commit', async () => {
    const { joined, store } = await enterSmall()
    for (const bytes of updatesOf(add('a'), add('b'))) joined.session.receive(update(bytes))
    expect(said(joined)).toEqual([refused(3, 'document-full')])
    await store.release()
    expect(await hears(joined)).toContainEqual({ type: 'saved', frames: 3, seq: 1 })
  })

  test('refuses what waited for the update that filled it, and goes on', async () => {
    const { joined, store } = await enterSmall()
    const [first = EMPTY, second = EMPTY] = updatesOf(add('a'), add('b'))
    joined.session.receive(update(second))
    said(joined)
    joined.session.receive(update(first))
    expect(said(joined)).toEqual([refused(2, 'document-full')])
    await store.release()
    expect(await hears(joined)).toContainEqual({ type: 'saved', frames: 3, seq: 1 })
    expect(joined.connection.closed).toBeNull()
  })

  test('takes what it knows, and what deletes at least as much as it adds', async () => {
    const { joined, store, fillWith } = await enterSmall()
    const replaced = (text: Y.Text): void =>
      text.doc?.transact(() => {
        cut(0, 3)(text)
        add('x')(text)
      })
    const [first = EMPTY, second = EMPTY, third = EMPTY] = updatesOf(add('abcdef'), cut(5, 1), replaced)
    await fillWith(first)
    joined.session.receive(step2(first))
    expect(said(joined)).toEqual([{ type: 'saved', frames: 3, seq: 1 }])
    joined.session.receive(update(second))
    joined.session.receive(update(third))
    await store.release()
    expect(await hears(joined)).toContainEqual({ type: 'saved', frames: 5, seq: 3 })
  })

  test('takes no large update either, once it was tried out', async () => {
    const { joined, fillWith } = await enterSmall()
    const [first = EMPTY, large = EMPTY] = updatesOf(add('a'), add('x'.repeat(10_000)))
    await fillWith(first)
    joined.session.receive(update(large))
    expect(await hears(joined)).toContainEqual(refused(3, 'document-full'))
    expect(joined.connection.closed).toBeNull()
  })

  test('takes nothing over HTTP, by a restore or by an import', async () => {
    const { url, data, close } = await runServer({ maxDocumentBytes: 1 })
    const post = async (path: string, body: BodyInit): Promise<unknown> => {
      const response = await fetch(url + path, { method: 'POST', body })
      return response.ok || [response.status, ((await response.json()) as Problem).code]
    }
    const [first = EMPTY, emptied = EMPTY, second = EMPTY] = updatesOf(add('abc'), cut(0, 3), add('d'))
    for (const bytes of [first, emptied]) expect(await post('/d/plan/update', bytes.slice())).toBe(true)
    const full = [413, 'document-full']
    expect(await post('/d/plan/update', second.slice())).toEqual(full)
    expect(await post('/api/v1/documents/plan/restore', '{"seq":1}')).toEqual(full)
    await close()
    const { operator, rooms, ...workshop } = await openWorkshop(
      { ...defaultOptions, data, maxDocumentBytes: 1 },
      quietLog(),
    )
    onTestFinished(workshop.close)
    const plan = parseDocumentId('plan')
    const copy = { updates: [Y.mergeUpdates([first, emptied, second])], encoding: 'v1', dryRun: false } as const
    await expect(operator.import(plan, { ...copy, author: AUTHOR })).rejects.toMatchObject({ code: 'document-full' })
    const pieces = rooms.writePieces(plan, [second, second], AUTHOR)
    await expect(pieces).rejects.toMatchObject({ code: 'document-full' })
  })

  test('tells a stock client once, who stays', async () => {
    const { joined, fillWith } = await enterSmall(yWebsocket)
    const [first = EMPTY, ...more] = updatesOf(add('a'), add('b'), add('c'))
    await fillWith(first)
    for (const bytes of more) joined.session.receive(update(bytes))
    expect(said(joined)).toEqual([{ type: 'denied', reason: 'document-full' }])
    expect(joined.connection.closed).toBeNull()
  })

  test('asks whoever was refused once it was folded and has room, and takes the answer', async () => {
    let compute: Compute | undefined
    const bench = await openRooms({ maxDocumentBytes: 500, roomIdleMs: 20 }, (made) => (compute = made))
    // A thread that runs already folds in no time, and does not rest for long.
    await compute?.view(() => Promise.resolve(new Uint8Array()))
    const joined = await enter(bench, TOKENS)
    const [first = EMPTY, second = EMPTY, third = EMPTY] = updatesOf(add('x'.repeat(600)), add('more'), cut(0, 600))
    for (const bytes of [first, second, third]) joined.session.receive(update(bytes))
    await bench.store.release()
    const asked = await eventually(() => {
      const messages = bodies(joined.connection.take(), 'step1')
      expect(messages).not.toEqual([])
      return messages
    })
    expect(asked).toHaveLength(1)
    joined.session.receive(step2(Y.diffUpdate(Y.mergeUpdates([first, second, third]), asked[0] ?? EMPTY)))
    await bench.store.release()
    const whole = new Y.Doc()
    await eventually(async () => {
      Y.applyUpdate(whole, Buffer.concat([...(await bench.rooms.read(bench.document))]))
      expect(whole.getText('t').toJSON()).toBe('more')
    })
  })

  test('is as large after the room was opened anew from its log', async () => {
    const { rooms, store, document } = await openRooms({ maxDocumentBytes: 100 }, (compute) => ({
      ...compute,
      compact: () => Promise.reject(new SyncError('shutting-down', 'Nothing is folded.')),
    }))
    const [first = EMPTY, second = EMPTY] = updatesOf(add('x'.repeat(200)), add('y'))
    const written = rooms.write(document, first, AUTHOR)
    await store.release()
    await written
    await rooms.reopen(document)
    await expect(rooms.write(document, second, AUTHOR)).rejects.toMatchObject({ code: 'document-full' })
  })

  test('is as large after the room was opened anew from its snapshot', async () => {
    const { rooms, store, document, join } = await openRooms({ maxDocumentBytes: 100 })
    const [first = EMPTY, second = EMPTY] = updatesOf(add('x'.repeat(200)), add('y'))
    const written = rooms.write(document, first, AUTHOR)
    await store.release()
    await written
    const { session } = await join()
    session.left()
    const { handle } = await rooms.load(document)
    await eventually(async () => expect((await store.content(handle)).snapshot).toHaveLength(1))
    await rooms.reopen(document)
    await expect(rooms.write(document, second, AUTHOR)).rejects.toMatchObject({ code: 'document-full' })
  })
})

const EMPTY = new Uint8Array()
