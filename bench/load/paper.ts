/** A trace as Yjs updates, one per edit, and documents made from its beginning. */
import * as Y from 'yjs'
import type { Edit } from './trace.ts'
import type { ScriptedUpdate } from './script.ts'
import { FIRST_TYPIST, ROOT } from './typing.ts'

export interface Paper {
  readonly updates: readonly ScriptedUpdate[]
  /** The document at the end. */
  readonly text: string
  /** Bytes of all updates. */
  readonly updateBytes: number
  /** Bytes of the final document in one update. */
  readonly stateBytes: number
}

/** Writes the paper, plus a last letter, so that whoever has the last letter has everything. */
export function writePaper(edits: readonly Edit[]): Paper {
  const document = new Y.Doc({ gc: true })
  document.clientID = FIRST_TYPIST
  const text = document.getText(ROOT)
  const updates: ScriptedUpdate[] = []
  let clock = 0
  let updateBytes = 0
  let inserted = 0
  document.on('update', (update: Uint8Array) => {
    clock += inserted
    updateBytes += update.length
    updates.push({ update, clock })
  })
  for (const edit of [...edits, { at: 0, deleted: 0, inserted: '.' }]) {
    inserted = edit.inserted.length
    document.transact(() => {
      if (edit.deleted > 0) text.delete(edit.at, edit.deleted)
      if (edit.inserted !== '') text.insert(edit.at, edit.inserted)
    })
  }
  return {
    updates,
    text: text.toString(),
    updateBytes,
    stateBytes: Y.encodeStateAsUpdate(document).length,
  }
}

export interface Content {
  readonly update: Uint8Array
  readonly stateVector: Uint8Array
  /** What a client that has it answers to a server that has it too: no structs, but every delete. */
  readonly emptyDiff: Uint8Array
}

/** The paper's beginning, up to the first moment at which the document takes `bytes`. */
export function beginningOf(edits: readonly Edit[], bytes: number): Content {
  const document = new Y.Doc()
  document.clientID = FIRST_TYPIST - 1
  const text = document.getText(ROOT)
  for (const [at, edit] of edits.entries()) {
    if (edit.deleted > 0) text.delete(edit.at, edit.deleted)
    if (edit.inserted !== '') text.insert(edit.at, edit.inserted)
    if (at % 100 === 0 && Y.encodeStateAsUpdate(document).length >= bytes) break
  }
  const stateVector = Y.encodeStateVector(document)
  return {
    update: Y.encodeStateAsUpdate(document),
    stateVector,
    emptyDiff: Y.encodeStateAsUpdate(document, stateVector),
  }
}

/** The text of a document that came in one or several updates. */
export function textOf(updates: readonly Uint8Array[]): string {
  const document = new Y.Doc()
  document.transact(() => {
    for (const update of updates) Y.applyUpdate(document, update)
  })
  return document.getText(ROOT).toString()
}
