/** Undo of the author's own edits, which puts the selection back where it was when they were made. */
import type * as Y from 'yjs'
import { UndoManager } from 'yjs'

import type { RelativeSelection } from './positions.ts'

/** Milliseconds within which edits are one step. */
const CAPTURE_MS = 500

/** What `Undo` remembers with a step. */
const SELECTION = 'selection'

/** The own edits of `body`, those made with `origin`, as steps. */
export class Undo {
  /** The selection before the edit that is about to be made; set it before every edit. */
  selection: RelativeSelection | null = null
  readonly #manager: UndoManager
  #popped: RelativeSelection | null = null

  constructor(body: Y.Text, origin: unknown) {
    this.#manager = new UndoManager(body, { trackedOrigins: new Set([origin]), captureTimeout: CAPTURE_MS })
    this.#manager.on('stack-item-added', ({ stackItem }) => {
      stackItem.meta.set(SELECTION, this.selection)
    })
    this.#manager.on('stack-item-popped', ({ stackItem }) => {
      this.#popped = stackItem.meta.get(SELECTION) ?? null
    })
  }

  get canUndo(): boolean {
    return this.#manager.canUndo()
  }

  get canRedo(): boolean {
    return this.#manager.canRedo()
  }

  /** What comes next is a step of its own. */
  break(): void {
    this.#manager.stopCapturing()
  }

  /** Takes the last step back; gives the selection there was before it, null when nothing was undone. */
  undo(): RelativeSelection | null {
    this.#popped = null
    this.#manager.undo()
    return this.#popped
  }

  redo(): RelativeSelection | null {
    this.#popped = null
    this.#manager.redo()
    return this.#popped
  }

  destroy(): void {
    this.#manager.destroy()
  }
}
