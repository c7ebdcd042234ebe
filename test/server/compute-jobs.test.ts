import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { packUpdates } from '../../shared/update/pack.ts'
import { compact } from '../../server/compute/compact.ts'
import { diff } from '../../server/compute/diff.ts'
import { view } from '../../server/compute/view.ts'
import {
  below,
  contentOf,
  documentOf,
  isWaiting,
  randomFrom,
  randomSession,
} from '../../trust/fuzz/update-documents.ts'

const CHUNK_BYTES = 400
const corrupt = expect.objectContaining({ code: 'storage-corrupt' })

/** Updates that `edit` makes, one for each transaction. */
function updatesBy(edit: (document: Y.Doc) => void): Uint8Array[] {
  const document = new Y.Doc()
  const updates: Uint8Array[] = []
  document.on('update', (update: Uint8Array) => updates.push(update))
  edit(document)
  return updates
}

const contentWith = (tail: readonly Uint8Array[], snapshot: readonly Uint8Array[] = []) => ({
  snapshot,
  tail: packUpdates(tail),
})

describe('[CP1] compacting', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('keeps what is shown, and what later edits build on (seed %i)', (seed) => {
    const random = randomFrom(seed)
    const { log } = randomSession(random, 200)
    const at = below(random, log.length)
    const first = compact(contentWith(log.slice(0, at)), CHUNK_BYTES)
    expect(contentOf(documentOf(first.chunks))).toEqual(contentOf(documentOf(log.slice(0, at))))
    const second = compact(contentWith(log.slice(at), first.chunks), CHUNK_BYTES)
    const whole = documentOf(log)
    expect(contentOf(documentOf(second.chunks))).toEqual(contentOf(whole))
    expect(second.coverage).toEqual(Y.encodeSnapshot(Y.snapshot(whole)))
    expect(isWaiting(documentOf([...first.chunks, ...log.slice(at)]))).toBe(false)
  })

  test('a document without updates is an empty one', () => {
    const { chunks, coverage, title } = compact(contentWith([]), CHUNK_BYTES)
    expect(contentOf(documentOf(chunks))).toEqual(contentOf(new Y.Doc()))
    expect(coverage).toEqual(Y.encodeSnapshot(Y.snapshot(new Y.Doc())))
    expect(title).toBeNull()
  })

  test('a log that builds on what is not there is corrupt, not an empty document', () => {
    const updates = updatesBy((document) =>
      'abc'.split('').forEach((letter) => document.getText('t').insert(0, letter)),
    )
    expect(() => compact(contentWith(updates.slice(1)), CHUNK_BYTES)).toThrow(corrupt)
    const other = new Y.Doc()
    Y.applyUpdate(other, Y.mergeUpdates(updates))
    const update = updatesBy((document) => {
      Y.applyUpdate(document, Y.encodeStateAsUpdate(other))
      document.getText('t').insert(1, 'x')
    }).at(-1)
    expect(() => compact(contentWith([update ?? new Uint8Array()]), CHUNK_BYTES)).toThrow(corrupt)
  })

  test('damaged bytes are corrupt', () => {
    expect(() => compact(contentWith([Uint8Array.of(1, 1, 1)]), CHUNK_BYTES)).toThrow(corrupt)
    expect(() => compact({ snapshot: [], tail: Uint8Array.of(9, 0) }, CHUNK_BYTES)).toThrow(corrupt)
  })

  test.each<[string, (document: Y.Doc) => void, string | null]>([
    [
      'the text under `title` in the root map `meta`',
      (document) => document.getMap('meta').set('title', 'Plan'),
      'Plan',
    ],
    ['the one set last', (document) => ['A', 'B'].forEach((title) => document.getMap('meta').set('title', title)), 'B'],
    ['null without one', (document) => document.getMap('meta').set('schema', 1), null],
    ['null when it is no text', (document) => document.getMap('meta').set('title', 7), null],
    ['null when `meta` is no map', (document) => document.getText('meta').insert(0, 'title'), null],
    ['null once it is deleted', (document) => removeTitle(document), null],
    [
      'cut where it is too long, between characters',
      (document) => document.getMap('meta').set('title', `${'x'.repeat(299)}😀`),
      `${'x'.repeat(299)}\uFFFD`,
    ],
  ])('the title is %s', (_what, edit, title) => {
    expect(compact(contentWith(updatesBy(edit)), CHUNK_BYTES).title).toBe(title)
  })
})

function removeTitle(document: Y.Doc): void {
  document.getMap('meta').set('title', 'Plan')
  document.getMap('meta').delete('title')
}

describe('[CP2] the difference to a peer', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('brings it up to date, part by part (seed %i)', (seed) => {
    const random = randomFrom(seed)
    const { log } = randomSession(random, 200)
    const peer = documentOf(log.slice(0, below(random, log.length)))
    const at = below(random, log.length)
    const { chunks } = compact(contentWith(log.slice(0, at)), CHUNK_BYTES)
    for (const part of diff(contentWith(log.slice(at), chunks), Y.encodeStateVector(peer), CHUNK_BYTES)) {
      Y.applyUpdate(peer, part)
      expect(isWaiting(peer)).toBe(false)
    }
    expect(contentOf(peer)).toEqual(contentOf(documentOf(log)))
  })

  test('is nothing when the peer has everything', () => {
    const updates = updatesBy((document) => document.getText('t').insert(0, 'text'))
    expect(diff(contentWith(updates), Y.encodeStateVector(documentOf(updates)), CHUNK_BYTES)).toEqual([])
  })

  test('to a malformed state vector is the peer’s fault', () => {
    expect(() => diff(contentWith([]), Uint8Array.of(9), CHUNK_BYTES)).toThrow(
      expect.objectContaining({ code: 'malformed-update' }),
    )
  })
})

test('[CP3] a moment is readable without knowing the types: text and XML as text, maps and arrays as JSON', () => {
  const updates = updatesBy((document) => {
    document.getText('body').insert(0, 'Hello world', { bold: true })
    document.getText('body').insertEmbed(5, { image: 'a.png' })
    document.getText('body').delete(8, 4)
    const map = document.getMap<unknown>('meta')
    map.set('title', 'Plan')
    map.set('nested', new Y.Map([['text', new Y.Text('inner')]]))
    map.set('bytes', Uint8Array.of(1))
    document.getArray<unknown>('rows').push(['a', 1, { b: [null] }, new Y.Doc({ guid: 'other' }), new Y.Text('t')])
    const paragraph = new Y.XmlElement('p')
    paragraph.setAttribute('class', '"wide"')
    paragraph.insert(0, [new Y.XmlText('1 < 2')])
    document.getXmlFragment('xml').insert(0, [paragraph])
    document.getText('emptied').insert(0, 'gone')
    document.getText('emptied').delete(0, 4)
  })
  expect(view(packUpdates(updates)).roots).toEqual([
    { name: 'body', kind: 'text', content: 'Hello\uFFFC w' },
    { name: 'emptied', kind: 'text', content: '' },
    {
      name: 'meta',
      kind: 'map',
      content: { bytes: { bytes: [1] }, nested: { text: 'inner' }, title: 'Plan' },
    },
    { name: 'rows', kind: 'array', content: ['a', 1, { b: [null] }, { document: 'other' }, 't'] },
    { name: 'xml', kind: 'xml', content: '<p class="&quot;wide&quot;">1 &lt; 2</p>' },
  ])
})
