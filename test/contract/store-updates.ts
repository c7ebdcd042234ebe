/** Updates to store: what typing makes, and how to read it back. */
import * as Y from 'yjs'
import { parseDocumentId, type Seq } from '../../shared/ids.ts'
import { below, randomFrom } from '../../trust/fuzz/update-documents.ts'
import { unpackUpdates } from '../../shared/update/pack.ts'
import type { Author, OpenedDocument, PendingUpdate, Store, StoredContent } from '../../server/ports/store.ts'

export const ann: Author = { user: 'ann', name: 'Ann Bell' }
export const bob: Author = { user: 'bob', name: 'Bøb 🦊' }

/** One update per character of `text`, as one client typing makes them. */
export function keystrokes(text: string, clientId = 1): Uint8Array[] {
  const document = new Y.Doc()
  document.clientID = clientId
  const updates: Uint8Array[] = []
  document.on('update', (update: Uint8Array) => void updates.push(update))
  for (const character of text) document.getText('body').insert(document.getText('body').length, character)
  return updates
}

/** `count` updates that each add `size` letters, hard to compress, at the end. The same every time. */
export function pastes(count: number, size: number): Uint8Array[] {
  const document = new Y.Doc()
  document.clientID = 1
  const updates: Uint8Array[] = []
  document.on('update', (update: Uint8Array) => void updates.push(update))
  const random = randomFrom(1)
  for (let paste = 0; paste < count; paste++) {
    const letters = Array.from({ length: size }, () => String.fromCharCode(0x61 + below(random, 26)))
    document.getText('body').insert(paste * size, letters.join(''))
  }
  return updates
}

/** `updates` as pending ones, one per second from `fromMs` on. */
export function pending(updates: readonly Uint8Array[], fromMs = 1_000, author = ann): PendingUpdate[] {
  return updates.map((bytes, index) => ({ bytes, author, atMs: fromMs + index * 1_000 }))
}

/** Opens `name` and commits `text` to it, all keystrokes in one commit. */
export async function write(store: Store, name: string, text: string, fromMs = 1_000): Promise<OpenedDocument> {
  const opened = await openNamed(store, name)
  await store.commit({ documents: [{ handle: opened.handle, updates: pending(keystrokes(text), fromMs) }] })
  return opened
}

export function openNamed(store: Store, name: string): Promise<OpenedDocument> {
  return store.open(parseDocumentId(name))
}

/** What the content reads, and that it applies without anything missing. */
export function textOf({ snapshot, tail }: Pick<StoredContent, 'snapshot' | 'tail'>): string {
  const document = new Y.Doc()
  for (const update of [...snapshot, ...unpackUpdates(tail)]) Y.applyUpdate(document, update)
  return document.getText('body').toString()
}

export async function logOf(store: Store, handle: number, fromSeq: number, toSeq: number): Promise<Uint8Array[]> {
  const slice = await store.log(handle, fromSeq as Seq, toSeq as Seq)
  return unpackUpdates(slice.updates).map((update) => new Uint8Array(update))
}
