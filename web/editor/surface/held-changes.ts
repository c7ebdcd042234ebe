/**
 * Changes that wait because an input method is composing text where they happened: changing the DOM under a
 * composition ends it or doubles its text.
 */
import type { EditorState } from 'prosemirror-state'

import { opLength } from '../../../shared/model/delta.ts'
import type { Delta } from '../../../shared/model/delta.ts'
import { indexAt } from './positions.ts'

/** Milliseconds a change waits at most: longer than choosing a candidate takes, shorter than anybody waits for text. */
const MAX_WAIT_MS = 3_000

export class HeldChanges {
  readonly #onDeadline: () => void
  #changes: Delta[] = []
  #deadline: ReturnType<typeof setTimeout> | null = null

  /** `onDeadline` is called when the first change has waited as long as it may. */
  constructor(onDeadline: () => void) {
    this.#onDeadline = onDeadline
  }

  /** While this holds, later changes have to wait too, and so has what is typed. */
  get isHolding(): boolean {
    return this.#changes.length > 0
  }

  /** Whether `delta` changes the block the selection is in. */
  static disturbs(delta: Delta, state: EditorState): boolean {
    const { $from, $to } = state.selection
    const from = indexAt(state.doc, $from.start())
    const to = indexAt(state.doc, $to.end()) + 1
    let index = 0
    for (const op of delta) {
      const end = 'insert' in op ? index : index + opLength(op)
      const changes = !('retain' in op) || op.attributes !== undefined
      if (changes && end >= from && index < to) return true
      index = end
    }
    return false
  }

  add(delta: Delta): void {
    this.#changes.push(delta)
    this.#deadline ??= setTimeout(this.#onDeadline, MAX_WAIT_MS)
  }

  /** The waiting changes, oldest first; none waits afterwards. */
  take(): readonly Delta[] {
    const changes = this.#changes
    this.#changes = []
    if (this.#deadline !== null) clearTimeout(this.#deadline)
    this.#deadline = null
    return changes
  }
}
