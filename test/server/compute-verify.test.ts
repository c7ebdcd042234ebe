import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { verify } from '../../server/compute/verify.ts'
import { packUpdates } from '../../shared/update/pack.ts'
import { randomFrom, randomSession } from '../../trust/fuzz/update-documents.ts'
import { block, item, letters, structs, update } from '../../trust/hostile/structs.ts'
import { insideLeft, slowInserts, victimsText } from '../support/hostile-updates.ts'

describe('[VF10] trying an update out', () => {
  const limits = { maxSiblingsWalked: 100_000, maxUpdateParts: 1_000 }
  const content = (...updates: readonly Uint8Array[]) => ({ snapshot: [], tail: packUpdates(updates) })

  test('refuses a struct whose right neighbour lies inside its left one', () => {
    expect(verify(content(victimsText(10)), [insideLeft(7)], limits)).toEqual([
      expect.objectContaining({ name: 'refused', code: 'malformed-update' }),
    ])
  })

  test('refuses one that goes on with a struct which the document has in another type', () => {
    const begun = structs(7, item(letters('abc'), { parent: 'body' }))
    const goingOn = structs(7, item(letters('abcd'), { parent: 'other' }))
    expect(verify(content(begun), [goingOn], limits)).toEqual([
      expect.objectContaining({ name: 'refused', code: 'malformed-update' }),
    ])
  })

  test('refuses types nested so deep that deleting them would bring everybody down', () => {
    const document = new Y.Doc()
    let map: Y.Map<unknown> = document.getMap('m')
    document.transact(() => {
      for (let depth = 0; depth < 300; depth++) {
        const inner = new Y.Map<unknown>()
        map.set('in', inner)
        map = inner
      }
    })
    expect(verify(content(), [Y.encodeStateAsUpdate(document)], limits)).toEqual([
      expect.objectContaining({ name: 'refused', code: 'update-too-costly' }),
    ])
  })

  test('refuses one that names too many clients and deleted ranges', () => {
    const document = new Y.Doc()
    const text = document.getText('t')
    text.insert(0, 'x'.repeat(2_002))
    const whole = Y.encodeStateAsUpdate(document)
    document.transact(() => {
      for (let at = 2_000; at >= 0; at -= 2) text.delete(at, 1)
    })
    const deletes = Y.encodeStateAsUpdate(document, Y.encodeStateVectorFromUpdate(whole))
    for (const [before, costly] of [
      [victimsText(2_000), slowInserts(100, 1_001, 2_000)],
      [whole, deletes],
    ] as const) {
      const [verdict] = verify(content(before), [costly], { ...limits, maxSiblingsWalked: 10_000_000 })
      expect(verdict).toMatchObject({ name: 'refused', code: 'update-too-costly' })
      expect(verdict).toMatchObject({ message: expect.stringContaining('1001 clients and deleted ranges') as string })
    }
  })

  test('refuses one in which two structs wait for each other', () => {
    const circle = update([
      block(8, 0, item(letters('y'), { left: [7, 0] })),
      block(7, 0, item(letters('x'), { left: [8, 0] })),
    ])
    expect(verify(content(), [circle], limits)).toEqual([
      expect.objectContaining({ name: 'refused', code: 'malformed-update' }),
    ])
  })

  test('gives no verdict on what comes after one that it refuses', () => {
    const updates = [insideLeft(7), structs(8, item(letters('good'), { parent: 't' }))]
    expect(verify(content(victimsText(10)), updates, limits).map(({ name }) => name)).toEqual(['refused'])
  })

  test('tells which roots it changes, those it only deletes in and nested types included', () => {
    const document = new Y.Doc()
    const updates: Uint8Array[] = []
    document.on('update', (bytes: Uint8Array) => updates.push(bytes))
    document.getText('body').insert(0, 'text')
    document.getMap('comments').set('thread', new Y.Map([['replies', new Y.Array()]]))
    const before = updates.splice(0)
    document.getText('body').delete(0, 1)
    const thread = document.getMap('comments').get('thread') as Y.Map<Y.Array<string>>
    thread.get('replies')?.push(['agreed'])
    const roots = verify(content(...before), updates, limits).map((verdict) =>
      verdict.name === 'passed' ? verdict.changedRoots : verdict.name,
    )
    expect(roots).toEqual([['body'], ['comments']])
  })

  test('says that one waits which builds on what is not there', () => {
    expect(verify(content(), [insideLeft(7)], limits)).toEqual([{ name: 'waits' }])
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('passes what honest clients send (seed %i)', (seed) => {
    const { log } = randomSession(randomFrom(seed), 200)
    const at = log.length >> 1
    expect(verify(content(...log.slice(0, at)), log.slice(at), limits).map(({ name }) => name)).toEqual(
      log.slice(at).map(() => 'passed'),
    )
  })
})
