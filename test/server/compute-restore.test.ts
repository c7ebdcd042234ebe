import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { packUpdates } from '../../shared/update/pack.ts'
import { restore } from '../../server/compute/restore.ts'
import { below, contentOf, documentOf, randomFrom, randomSession } from '../../trust/fuzz/update-documents.ts'

/** A document as the server's log has it, with moments to go back to. */
class Written {
  readonly log: Uint8Array[] = []
  readonly document = new Y.Doc()

  constructor() {
    this.document.on('update', (update: Uint8Array) => this.log.push(update))
  }

  /** Makes an edit; returns the moment after it. */
  edit(change: (document: Y.Doc) => void): number {
    this.document.transact(() => change(this.document))
    return this.log.length
  }

  /** Restores as the room does: the edit goes into the log like any other. */
  restore(moment: number): readonly string[] {
    const { update, changedRoots } = restore(this.at(moment))
    if (update !== null) Y.applyUpdate(this.document, update)
    return changedRoots
  }

  at(moment: number) {
    return { before: packUpdates(this.log.slice(0, moment)), after: packUpdates(this.log.slice(moment)) }
  }
}

function writeEverything(document: Y.Doc): void {
  document.getText('body').insert(0, 'Dear reader')
  document.getText('body').format(0, 4, { bold: true })
  document.getText('body').insertEmbed(4, { image: 'a.png' })
  document.getMap<unknown>('meta').set('title', 'Letter')
  document.getMap<unknown>('meta').set('nested', new Y.Map([['deep', new Y.Array()]]))
  document.getArray<unknown>('rows').push([1, { two: 2 }, new Y.Text('three')])
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.setAttribute('level', '1')
  paragraph.insert(0, [new Y.XmlText('In XML')])
  document.getXmlFragment('prosemirror').insert(0, [paragraph])
}

function vandalise(document: Y.Doc): void {
  document.getText('body').delete(0, document.getText('body').length)
  document.getText('body').insert(0, 'rubbish', { header: 1 })
  document.getMap<unknown>('meta').delete('nested')
  document.getMap<unknown>('meta').set('title', 'Rubbish')
  document.getArray('rows').delete(0, 3)
  const fragment = document.getXmlFragment('prosemirror')
  if (fragment.get(0) instanceof Y.XmlElement) fragment.delete(0, 1)
  document.getText('created later').insert(0, 'more rubbish')
}

describe('[RS1] restoring', () => {
  test('brings back text, formats, embeds, maps, nested types, arrays and XML', () => {
    const written = new Written()
    const moment = written.edit(writeEverything)
    const past = contentOf(documentOf(written.log))
    written.edit(vandalise)
    expect(written.restore(moment)).toEqual(['body', 'created later', 'meta', 'prosemirror', 'rows'])
    expect(contentOf(written.document)).toEqual(past)
    expect(contentOf(documentOf(written.log))).toEqual(past)
  })

  test('empties a root that was created later', () => {
    const written = new Written()
    const moment = written.edit((document) => document.getText('body').insert(0, 'kept'))
    written.edit((document) => document.getMap('new').set('key', 'value'))
    expect(written.restore(moment)).toEqual(['new'])
    expect(written.document.getMap('new').size).toBe(0)
  })

  test('works in a stale tab, which keeps what it typed offline', () => {
    const written = new Written()
    const moment = written.edit(writeEverything)
    const staleTab = documentOf(written.log)
    staleTab.getText('body').insert(staleTab.getText('body').length, ', typed offline')
    written.edit(vandalise)
    written.restore(moment)
    const server = documentOf(written.log)
    Y.applyUpdate(staleTab, Y.encodeStateAsUpdate(server))
    Y.applyUpdate(server, Y.encodeStateAsUpdate(staleTab))
    expect(contentOf(staleTab)).toEqual(contentOf(server))
    expect(staleTab.getText('body').toJSON()).toContain('Dear reader')
    expect(staleTab.getText('body').toJSON()).toContain(', typed offline')
    expect(staleTab.getText('body').toJSON()).not.toContain('rubbish')
    expect(staleTab.getText('created later').length).toBe(0)
  })

  test('can itself be taken back', () => {
    const written = new Written()
    const moment = written.edit(writeEverything)
    const vandalised = written.edit(vandalise)
    const rubbish = contentOf(written.document)
    written.restore(moment)
    written.restore(vandalised)
    expect(contentOf(written.document)).toEqual(rubbish)
    expect(written.document.getText('created later').toJSON()).toBe('more rubbish')
  })

  test('is a small edit, whatever was deleted before', () => {
    const written = new Written()
    written.edit((document) => document.getText('body').insert(0, 'x'.repeat(4_000)))
    const moment = written.edit((document) => {
      for (let at = 0; at < 2_000; at++) document.getText('body').delete(at, 1)
    })
    written.edit((document) => document.getText('body').insert(7, 'rubbish'))
    expect(restore(written.at(moment)).update?.length).toBeLessThan(40)
  })

  test('is no edit where nothing differs, even after edits that took each other back', () => {
    const written = new Written()
    const moment = written.edit(writeEverything)
    written.edit((document) => document.getText('body').insert(0, 'x'))
    written.edit((document) => document.getText('body').delete(0, 1))
    expect(restore(written.at(moment))).toEqual({ update: null, changedRoots: [] })
    expect(restore(written.at(written.log.length))).toEqual({ update: null, changedRoots: [] })
  })

  test('to before the first edit empties the document', () => {
    const written = new Written()
    written.edit(writeEverything)
    written.restore(0)
    expect(contentOf(written.document)).toEqual(contentOf(new Y.Doc()))
  })

  test.each<[string, (text: Y.Text) => void]>([
    ['deleting half of it', (text) => text.delete(6, 1)],
    ['formatting half of it', (text) => text.format(0, 6, { italic: true })],
    ['typing into it', (text) => text.insert(6, 'x')],
  ])('puts an emoji back that was cut by %s', (_what, cut) => {
    const written = new Written()
    const moment = written.edit((document) => {
      document.getText('body').insert(0, 'cake 🍰 here', { bold: true })
      document.getMap<unknown>('meta').set('note', new Y.Text('cake 🍰 too'))
    })
    const past = contentOf(documentOf(written.log))
    written.edit((document) => {
      cut(document.getText('body'))
      const note = document.getMap<unknown>('meta').get('note')
      if (note instanceof Y.Text) cut(note)
    })
    written.restore(moment)
    expect(contentOf(documentOf(written.log))).toEqual(past)
  })

  test('puts an emoji back where its format begins, and ends', () => {
    const written = new Written()
    const moment = written.edit((document) => {
      document.getText('body').insert(0, '🍰', { bold: true })
      document.getText('body').insert(2, '🍰', { italic: true })
      document.getText('body').insert(4, ' here', { italic: null })
    })
    const past = contentOf(documentOf(written.log))
    written.edit((document) => {
      for (const inside of [1, 3]) document.getText('body').delete(inside, 1)
    })
    written.restore(moment)
    expect(contentOf(documentOf(written.log))).toEqual(past)
  })

  test('of what cannot be applied is refused as corrupt', () => {
    const written = new Written()
    written.edit(writeEverything)
    const log = { before: packUpdates([]), after: packUpdates([Uint8Array.of(1, 1)]) }
    expect(() => restore(log)).toThrow(expect.objectContaining({ code: 'storage-corrupt' }))
  })
})

const SEEDS = Array.from({ length: 30 }, (_, seed) => seed + 1)

test.each(SEEDS)('[RS2] any moment of any session can be restored, and the restore taken back (seed %i)', (seed) => {
  const random = randomFrom(seed)
  const { log } = randomSession(random, 120)
  const moment = below(random, log.length + 1)
  const past = contentOf(documentOf(log.slice(0, moment)))
  const restored = restoreIn(log, moment)
  expect(contentOf(documentOf(restored))).toEqual(past)
  expect(contentOf(documentOf(restoreIn(restored, log.length)))).toEqual(contentOf(documentOf(log)))
})

function restoreIn(log: readonly Uint8Array[], moment: number): readonly Uint8Array[] {
  const { update } = restore({ before: packUpdates(log.slice(0, moment)), after: packUpdates(log.slice(moment)) })
  return update === null ? log : [...log, update]
}
